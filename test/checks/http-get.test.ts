import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { parseChunk, parseHead } from '../../src/checks/http-get.ts';
import { ProbeFailure } from '../../src/core/reason.ts';
import { visit } from '../helpers/checks.ts';
import { peer } from '../helpers/peers.ts';

const HEAD = 'HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\n';

/** Asks a Docker that answers so: the simplest of the checks that ask for something by HTTP. */
async function ask(answer: string, hangsUp = true) {
  let request = '';
  await using server = await peer((socket: Socket) => {
    socket.on('data', (bytes: Buffer) => {
      request += bytes;
      if (!request.endsWith('\r\n\r\n')) return;
      socket.write(answer);
      if (hangsUp) socket.end();
    });
  });
  const result = await visit(server.address, { service: 'docker', timeoutMs: 1000 });
  return { ...result, request, address: server.address };
}

test('a request says who asks whom, and that it is the last one', async () => {
  const { request, address } = await ask(`${HEAD}Content-Length: 0\r\n\r\n`);
  expect(request.split('\r\n')).toEqual([
    'GET /_ping HTTP/1.1',
    `Host: ${address}`,
    'User-Agent: port-exporter',
    'Accept: application/json, */*',
    'Connection: close',
    '',
    '',
  ]);
});

describe('an answer ends', () => {
  test.each([
    ['with its content-length, hung up or not', 'Content-Length: 2\r\n\r\nOK', false],
    ['with its last chunk, hung up or not', 'Transfer-Encoding: chunked\r\n\r\n1\r\nO\r\n1;a=b\r\nK\r\n0\r\n', false],
    ['where the server hangs up', '\r\nOK', true],
  ])('%s', async (_, rest, hangsUp) => {
    expect((await ask(`${HEAD}${rest}`, hangsUp)).failure).toBeUndefined();
  });

  test.each([
    ['once', 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'],
    ['ten times', 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102\r\n\r\n'.repeat(5)],
  ])('as it says, also where it was announced %s', async (_, early) => {
    const { failure } = await ask(`${early}${HEAD}Content-Length: 2\r\n\r\nOK`, false);
    expect(failure).toBeUndefined();
  });

  test('at once without a body: 204', async () => {
    const { failure } = await ask('HTTP/1.1 204 No Content\r\n\r\n', false);
    expect(failure).toMatchObject({ detail: 'expected 200 with an Api-Version, got "204"' });
  });

  test.each([
    ['a content-length that is not reached', 'Content-Length: 9\r\n\r\nOK'],
    ['chunks without a last one', 'Transfer-Encoding: chunked\r\n\r\n2\r\nOK\r\n'],
    ['no end of headers', ''],
  ])('too early with %s', async (_, rest) => {
    expect((await ask(`${HEAD}${rest}`)).failure).toMatchObject({ reason: 'closed_early', phase: 'handshake' });
  });
});

describe('what is not HTTP/1 is unexpected', () => {
  test.each([
    ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['HTTP/2', 'HTTP/2 200\r\n\r\n'],
    ['a status that there is not', 'HTTP/1.1 999 ?\r\n\r\n'],
    ['another protocol that nobody has asked for', `HTTP/1.1 101 Switching Protocols\r\n\r\n${HEAD}\r\n`],
    ['an answer that is announced for ever', 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(11)],
    ['a header without a name', `${HEAD}: x\r\n\r\n`],
    ['a header without a colon', `${HEAD}x\r\n\r\n`],
    ['a folded header', `${HEAD}A: b\r\n c\r\n\r\n`],
    ['a content-length that is no number', `${HEAD}Content-Length: -1\r\n\r\n`],
    ['two lengths', `${HEAD}Content-Length: 2\r\nContent-Length: 3\r\n\r\nOK`],
    ['a content-length beyond all bounds', `${HEAD}Content-Length: 99999999999999999999\r\n\r\n`],
    ['another coding', `${HEAD}Transfer-Encoding: gzip\r\n\r\nOK`],
    ['a body too long', `${HEAD}Content-Length: 32769\r\n\r\n`],
    ['a chunk too long', `${HEAD}Transfer-Encoding: chunked\r\n\r\nffffffff\r\n`],
    [
      'chunks too long together',
      `${HEAD}Transfer-Encoding: chunked\r\n\r\n${`2000\r\n${'x'.repeat(8192)}\r\n`.repeat(5)}`,
    ],
    ['a chunk without a size', `${HEAD}Transfer-Encoding: chunked\r\n\r\nOK\r\n`],
    ['a chunk longer than its size', `${HEAD}Transfer-Encoding: chunked\r\n\r\n1\r\nOK\r\n0\r\n\r\n`],
    ['the size of a chunk without an end', `${HEAD}Transfer-Encoding: chunked\r\n\r\n${'0'.repeat(300)}`],
    ['headers without an end', `${HEAD}${'A: b\r\n'.repeat(5000)}`],
  ])('%s', async (_, answer) => {
    expect((await ask(answer, false)).failure).toMatchObject({ reason: 'unexpected_response', phase: 'handshake' });
  });
});

test('a body too long where the server hangs up is unexpected', async () => {
  const { failure } = await ask(`${HEAD}\r\n${'x'.repeat(32_769)}`);
  expect(failure).toMatchObject({ reason: 'unexpected_response', phase: 'handshake' });
});

describe('the head of an answer', () => {
  test('has names in lower case, and values that came several times joined', () => {
    const head = 'HTTP/1.0 401\r\nWWW-Authenticate: Basic\r\nServer:  x \r\nwww-authenticate: ApiKey\r\nEmpty:\r\n\r\n';
    expect(parseHead(Buffer.from(`${head}body`))).toEqual({
      used: head.length,
      value: {
        status: 401,
        headers: new Map([
          ['www-authenticate', 'Basic, ApiKey'],
          ['server', 'x'],
          ['empty', ''],
        ]),
      },
    });
  });

  test('is waited for, unless its first bytes are wrong', () => {
    const head = `${HEAD}\r\n`;
    for (let i = 0; i < head.length; i++) expect(parseHead(Buffer.from(head.slice(0, i)))).toBeUndefined();
    expect(() => parseHead(Buffer.from('HT!'))).toThrow(ProbeFailure);
  });
});

test('a chunk is waited for', () => {
  const chunk = '3;name="x"\r\nabc\r\n';
  for (let i = 0; i < chunk.length; i++) expect(parseChunk(Buffer.from(chunk.slice(0, i)), 100)).toBeUndefined();
  expect(parseChunk(Buffer.from(`${chunk}0\r\n`), 100)).toEqual({ used: chunk.length, value: Buffer.from('abc') });
});
