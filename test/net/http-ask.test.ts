import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { endless, garbage } from '../helpers/hostile-peers.ts';
import { type Asked, answered, facing, LONG_POST } from '../helpers/http-ask.ts';

const OK = 'HTTP/1.1 200 OK\r\n';

describe('an answer by HTTP/1', () => {
  test.each<[string, string, boolean, Asked]>([
    ['with a length', 'Content-Length: 2\r\n\r\nhi', false, { body: 'hi', contentLength: 2 }],
    ['with the length 0', 'Content-Length: 0\r\n\r\n', false, { body: '', contentLength: 0 }],
    ['without one, to where the server hangs up', '\r\nhi', true, { body: 'hi', contentLength: -1 }],
    [
      'in chunks, with extensions and trailers',
      'Transfer-Encoding: chunked\r\n\r\n1;a="b"\r\nh\r\n1\r\ni\r\n0\r\nX: y\r\n\r\n',
      false,
      { body: 'hi', contentLength: -1 },
    ],
    ['with header values of several lines', 'A: b\r\nA: c\r\na:  d  \r\nContent-Length: 0\r\n\r\n', false, {}],
    [
      'whose server does not hang up, though asked to',
      'Connection: keep-alive\r\nContent-Length: 1\r\n\r\nx',
      false,
      {},
    ],
    ['with more behind it', 'Content-Length: 1\r\n\r\nxHTTP/1.1 500 ?\r\n\r\n', false, { body: 'x' }],
  ])('%s is read to its end', async (_, rest, hangsUp, expected) => {
    expect(await answered(OK + rest, hangsUp)).toMatchObject({ status: 200, version: 'HTTP/1.1', ...expected });
  });

  test.each<[string, string, Asked]>([
    ['lines that end in LF', 'HTTP/1.1 200 OK\nContent-Length: 2\n\nhi', { contentLength: 2 }],
    [
      'a length and chunks',
      `${OK}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n`,
      { contentLength: -1 },
    ],
    [
      'chunks and a length',
      `${OK}Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n2\r\nhi\r\n0\r\n\r\n`,
      { contentLength: -1 },
    ],
    ['a control character', `${OK}A: b\x01\0c\r\n\r\nhi`, { headers: new Map([['a', ['b\x01\0c']]]) }],
    ['a folded header', `${OK}A: b\r\n  c\r\n\r\nhi`, { headers: new Map([['a', ['b  c']]]) }],
    ['nothing behind the status', 'HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nhi', { contentLength: 2 }],
  ])('is understood with %s', async (_, answer, expected) => {
    expect(await answered(answer)).toMatchObject({ status: 200, body: 'hi', ...expected });
  });

  test('of HTTP/1.0 says so', async () => {
    expect(await answered('HTTP/1.0 200 OK\r\n\r\nhi')).toMatchObject({ version: 'HTTP/1.0', body: 'hi' });
  });

  test('has all values of its headers, by their names in lower case, whatever these are', async () => {
    const lines = ['A: b', 'a:  c ', '__proto__: d', 'constructor: e', 'Empty:', 'L: \xe9'];
    const { headers } = await answered(`${OK}${lines.join('\r\n')}\r\n\r\n`);
    expect([...(headers ?? [])]).toEqual([
      ['a', ['b', 'c']],
      ['__proto__', ['d']],
      ['constructor', ['e']],
      ['empty', ['']],
      ['l', ['\xe9']],
    ]);
    expect(Object.prototype).not.toHaveProperty('0');
  });

  test.each([
    ['204', 'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n', 'GET', { status: 204, contentLength: 0 }],
    ['304', 'HTTP/1.1 304 Not Modified\r\n\r\n', 'GET', { status: 304, contentLength: 0 }],
    ['304 with the length it would have', 'HTTP/1.1 304 x\r\nContent-Length: 5\r\n\r\n', 'GET', { contentLength: 5 }],
    ['HEAD', `${OK}Content-Length: 5\r\n\r\n`, 'HEAD', { status: 200, contentLength: 5 }],
    ['HEAD in chunks', `${OK}Transfer-Encoding: chunked\r\n\r\n`, 'HEAD', { status: 200, contentLength: -1 }],
  ])('has no body: %s', async (_, answer, method, expected) => {
    expect(await answered(answer, false, { request: { method } })).toMatchObject({ body: '', ...expected });
  });

  test('may be announced', async () => {
    const early = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n';
    expect(await answered(`${early}${OK}Content-Length: 2\r\n\r\nhi`)).toMatchObject({ status: 200, body: 'hi' });
  });

  test('that is announced for ever is none', async () => {
    const { failure } = await facing(async (socket) => {
      const piece = 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(100);
      while (socket.writable) await new Promise((written) => socket.write(piece, written));
    });
    expect(failure).toBe('unexpected_response: no HTTP answer: more than 100 times that one will come');
  });

  test('101 that nobody has asked for has that status and no body', async () => {
    const answer = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nbehind';
    expect(await answered(answer)).toMatchObject({ status: 101, body: '', contentLength: 0 });
  });

  test('may have headers of 200 kB, but not of 300', async () => {
    const big = (size: number) => `${OK}Content-Length: 0\r\nA: ${'x'.repeat(size)}\r\n\r\n`;
    expect(await answered(big(200_000))).toMatchObject({ status: 200 });
    expect((await answered(big(300_000))).failure).toMatch(/^unexpected_response: no HTTP answer: Header overflow$/);
  });
});

describe('what is no answer by HTTP/1', () => {
  test.each([
    ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['HTTP/0.9', '<html>hello</html>'],
    ['HTTP/2 in the clear', Buffer.from('000000040000000000', 'hex')],
    ['TLS', Buffer.from('15030100020228', 'hex')],
    ['a request', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['a version that there is not', 'HTTP/7.3 200 OK\r\n\r\n'],
    ['a status that is no number', 'HTTP/1.1 abc OK\r\n\r\n'],
    ['a header without a colon', `${OK}x\r\n\r\n`],
    ['a header without a name', `${OK}: x\r\n\r\n`],
    ['a name with a space', `${OK}a b: x\r\n\r\n`],
    ['a length that is no number', `${OK}Content-Length: -1\r\n\r\n`],
    ['two lengths', `${OK}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`],
    ['the same length twice', `${OK}Content-Length: 2\r\nContent-Length: 2\r\n\r\nab`],
    ['an empty length', `${OK}Content-Length:\r\n\r\nab`],
    ['a name with a space behind it', `${OK}X : a\r\n\r\n`],
    ['a length beyond all bounds', `${OK}Content-Length: 99999999999999999999999\r\n\r\n`],
    ['chunks without a size', `${OK}Transfer-Encoding: chunked\r\n\r\nhi\r\n`],
    ['a chunk beyond all bounds', `${OK}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n`],
    ['a chunk longer than it says', `${OK}Transfer-Encoding: chunked\r\n\r\n1\r\nhi\r\n0\r\n\r\n`],
    [
      'trailers without an end',
      `${OK}Transfer-Encoding: chunked\r\n\r\n0\r\n${`A: ${'b'.repeat(1000)}\r\n`.repeat(300)}`,
    ],
    ['an extension without an end', `${OK}Transfer-Encoding: chunked\r\n\r\n1;${'a'.repeat(100_000)}`],
    ['bytes that mean nothing', garbage(7, 1000)],
  ])('is unexpected: %s', async (_, answer) => {
    expect((await answered(answer, false)).failure).toMatch(
      /^unexpected_response: (no HTTP answer|the body is no HTTP): ./,
    );
  });

  test('is a server that hangs up at any byte of its answer', async () => {
    const whole = `${OK}Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n`;
    const head = whole.indexOf('\r\n\r\n') + 4;
    for (let i = 0; i < whole.length; i++) {
      const when = i < head ? 'before it had answered' : 'in the middle of its answer';
      expect([i, await answered(whole.slice(0, i))]).toEqual([
        i,
        { failure: `closed_early: the server hung up ${when}` },
      ]);
    }
  });

  test.each([
    ['before its body is as long as it says', 'Content-Length: 10\r\n\r\nhi'],
    ['before the last of its chunks', 'Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n'],
    ['in a trailer', 'Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nA: b'],
  ])('is one that hangs up %s', async (_, rest) => {
    expect(await answered(OK + rest)).toEqual({
      failure: 'closed_early: the server hung up in the middle of its answer',
    });
  });

  test.each([
    ['', ''],
    ['within the head', OK],
    ['within the body', `${OK}Content-Length: 10\r\n\r\nhi`],
    ['within a body without a length', `${OK}\r\nhi`],
  ])('is one that cuts the connection %s', async (_, said) => {
    const { failure } = await facing((socket) => cut(socket, said), LONG_POST);
    expect(failure).toMatch(/^connection_reset: (read|write) (ECONNRESET|EPIPE)$/);
  });

  test('is not one that refuses to hear all of a request', async () => {
    const tries: Asked[] = [];
    for (let i = 0; i < 20; i++)
      tries.push(
        await facing((socket) => cut(socket, 'HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nhi'), LONG_POST),
      );
    expect(tries.map(({ status, failure }) => status ?? failure)).toEqual(tries.map(() => 413));
  });

  test.each([
    ['head', `${OK}A: `],
    ['head, in lines', OK],
    ['start', 'HTTP/1.1 200 '],
  ])('is one whose %s never ends', async (_, begin) => {
    const { failure } = await facing((socket) => {
      socket.once('data', async () => {
        socket.write(begin);
        await endless(0x61, 16_384)(socket);
      });
    });
    expect(failure).toMatch(/^unexpected_response: no HTTP answer: /);
  });

  test('is silence: it ends when the connection is closed', async () => {
    expect((await facing(() => {}, { withinMs: 50 })).failure).toMatch(/^closed_early/);
    expect((await answered(`${OK}Content-Length: 5\r\n\r\nhi`, false, { withinMs: 50 })).failure).toMatch(
      /^closed_early/,
    );
  });
});

/** Says so much once it is asked, and closes with bytes unread, which the kernel answers with RST. */
function cut(socket: Socket, said: string): void {
  socket.once('data', () => {
    socket.pause();
    if (said === '') socket.destroy();
    else socket.write(said, () => setTimeout(() => socket.destroy(), 20));
  });
}
