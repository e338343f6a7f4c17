import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { askHttp } from '../../src/net/http-ask.ts';
import { type Asked, type Asking, answered, askOnce, facing, LONG_POST } from '../helpers/http-ask.ts';
import { listenOn, peer } from '../helpers/peers.ts';

describe('a request by HTTP/1', () => {
  test.each<[string, NonNullable<Asking['request']>, readonly string[]]>([
    ['GET', {}, ['GET / HTTP/1.1', 'Host: example.org', 'Connection: close']],
    [
      'GET with headers',
      {
        headers: [
          ['X-a', '1'],
          ['x-A', '2'],
        ],
      },
      ['GET / HTTP/1.1', 'Host: example.org', 'X-a: 1', 'X-a: 2', 'Connection: close'],
    ],
    [
      'POST without a body',
      { method: 'POST' },
      ['POST / HTTP/1.1', 'Host: example.org', 'Connection: close', 'Content-Length: 0'],
    ],
    ['DELETE without a body', { method: 'DELETE' }, ['DELETE / HTTP/1.1', 'Host: example.org', 'Connection: close']],
    [
      'a body',
      { method: 'PUT', body: Buffer.from('hi') },
      ['PUT / HTTP/1.1', 'Host: example.org', 'Content-Length: 2', 'Connection: close', '', 'hi'],
    ],
    [
      'GET with a body',
      { body: Buffer.from('hi') },
      ['GET / HTTP/1.1', 'Host: example.org', 'Content-Length: 2', 'Connection: close', '', 'hi'],
    ],
    [
      'a whole URL, for a proxy',
      { target: 'http://a.example/b?c' },
      ['GET http://a.example/b?c HTTP/1.1', 'Host: example.org', 'Connection: close'],
    ],
    [
      'what is said of the connection is ours to say',
      {
        headers: [
          ['host', 'a'],
          ['Connection', 'keep-alive'],
          ['content-length', '7'],
          ['Transfer-Encoding', 'chunked'],
        ],
      },
      ['GET / HTTP/1.1', 'Host: example.org', 'Connection: close'],
    ],
  ])('%s', async (_, request, lines) => {
    let heard = '';
    await facing(
      (socket) => {
        socket.on('data', (bytes) => {
          heard += bytes;
          if (heard.includes('\r\n\r\n')) socket.end('HTTP/1.1 204 No Content\r\n\r\n');
        });
      },
      { request },
    );
    const [head = '', body] = heard.split('\r\n\r\n');
    expect([...head.split('\r\n'), ...(body === '' ? [] : ['', body])]).toEqual(lines);
  });

  test('that cannot be sent is our own fault', async () => {
    const { failure } = await answered('', true, { request: { headers: [['X', 'a\nb']] } });
    expect(failure).toBe('exporter_error: Invalid character in header content ["X"]');
  });

  test('may be long', async () => {
    const server = createServer((request, response) => {
      let length = 0;
      request.on('data', (bytes) => {
        length += bytes.length;
      });
      request.on('end', () => response.end(`${request.method} ${length}`));
    });
    const answer = await askOnce(await listenOn(server), LONG_POST);
    server.close();
    expect(answer).toMatchObject({ status: 200, body: `POST ${8 * 1024 * 1024}` });
  });
});

describe('a server of Node.js', () => {
  test.each<[string, RequestListener, Asked]>([
    ['that keeps connections', (_, response) => response.end('hi'), { body: 'hi', contentLength: 2 }],
    ['that answers in pieces', (_, response) => void response.write('h', () => response.end('i')), { body: 'hi' }],
    ['with 300 kB', (_, response) => response.end('x'.repeat(300_000)), { length: 300_000 }],
    ['that is not found', (_, response) => response.writeHead(404).end(), { status: 404 }],
    [
      'that ends the connection in its answer',
      (_, response) => void response.writeHead(200, { 'Content-Length': 9 }).write('hi', () => response.socket?.end()),
      { failure: 'closed_early: the server hung up in the middle of its answer' },
    ],
  ])('%s is read to its end', async (_, answer, expected) => {
    const server = createServer({ keepAliveTimeout: 60_000 }, answer);
    const asked = await askOnce(await listenOn(server));
    await new Promise((resolve) => server.close(resolve));
    expect(asked).toMatchObject(expected);
  });
});

describe('CONNECT', () => {
  test.each([
    ['is answered with a way through', 'HTTP/1.1 200 Connection established\r\n\r\n', 200],
    ['is refused', 'HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 3\r\n\r\nno!', 407],
    ['has no body, whatever its head says', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', 200],
  ])('%s', async (_, answer, status) => {
    const { reply, heard } = await connectThrough(answer);
    expect(reply.status).toBe(status);
    expect(heard.toString()).toBe('CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n');
  });

  test('leaves what comes right behind the head to whoever speaks next', async () => {
    const { rest } = await connectThrough('HTTP/1.1 200 OK\r\n\r\nbehind');
    expect(rest).toBe('behind');
  });
});

/** Asks a proxy for a way to a.example: what it heard, what it answered, and what it said then. */
async function connectThrough(answer: string) {
  let heard = Buffer.alloc(0);
  await using server = await peer((socket) => {
    socket.on('data', (bytes) => {
      heard = Buffer.concat([heard, bytes]);
      socket.end(answer);
    });
  });
  const socket = connect(server.port, '127.0.0.1');
  await once(socket, 'connect');
  const target = 'a.example:443';
  const request = {
    method: 'CONNECT',
    target,
    authority: target,
    scheme: 'http' as const,
    headers: [],
    body: undefined,
  };
  const reply = await askHttp({ socket, protocol: undefined }, request, { firstByte: () => {} });
  let rest = '';
  for await (const bytes of socket) rest += String(bytes);
  return { reply, heard, rest };
}
