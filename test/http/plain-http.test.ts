import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { refusePlainHttp } from '../../src/http/plain-http.ts';
import { listenOn } from '../helpers/peers.ts';

/** A port where TLS is expected; what comes of the first connection. */
async function guardedPort() {
  const server = createServer();
  const port = await listenOn(server);
  const judged = once(server, 'connection').then(async ([raw]: Socket[]) => {
    if (raw === undefined) throw new Error('nobody came');
    raw.on('error', () => undefined);
    await once(raw, 'readable');
    return { raw, refused: refusePlainHttp(raw) };
  });
  return {
    port,
    judged,
    [Symbol.asyncDispose]: async () => {
      (await judged).raw.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function client(port: number, said: string): { readonly socket: Socket; readonly answer: Promise<string> } {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  let got = '';
  socket.on('data', (chunk) => {
    got += chunk.toString('latin1');
  });
  socket.write(Buffer.from(said, 'latin1'));
  const closed = new Promise<string>((resolve) =>
    socket
      .on('error', () => undefined)
      .on('end', () => socket.end())
      .once('close', () => resolve(got)),
  );
  return { socket, answer: closed };
}

describe('a request where TLS is expected', () => {
  test.each([
    ['GET / HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['HEAD /metrics HTTP/1.0\r\n\r\n'],
    ['OPTIONS * HTTP/1.1\r\n\r\n'],
    [`POST /-/reload HTTP/1.1\r\n\r\n${'x'.repeat(3_000_000)}`],
  ])('is answered with what would be right: %.20s', async (request) => {
    await using guarded = await guardedPort();
    const { answer } = client(guarded.port, request);
    expect((await guarded.judged).refused).toBe(true);
    const [, length, body] = /^HTTP\/1\.1 400 .*Content-Length: (\d+)\r\n.*\r\n\r\n(.*)$/s.exec(await answer) ?? [];
    expect(body).toBe('this port speaks HTTPS, and the request came without TLS: ask with https://\n');
    expect(Number(length)).toBe(body?.length);
  });

  test('that never ends is hung up on', async () => {
    await using guarded = await guardedPort();
    const { socket, answer } = client(guarded.port, 'GET / HTTP/1.1\r\n');
    socket.removeAllListeners('end');
    const drip = setInterval(() => socket.write('A: b\r\n'), 50);
    expect(await answer).toContain('400 Bad Request');
    clearInterval(drip);
  });
});

test.each([['GE'], ['get / HTTP/1.1'], ['\x16\x03\x01GET '], ['\0\0\0\0\0']])(
  '%j is none, and left to be read',
  async (said) => {
    await using guarded = await guardedPort();
    client(guarded.port, said);
    const { raw, refused } = await guarded.judged;
    expect(refused).toBe(false);
    expect(raw.read()).toEqual(Buffer.from(said, 'latin1'));
  },
);
