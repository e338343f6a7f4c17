import { createSecureServer, createServer, type ServerHttp2Stream } from 'node:http2';
import { describe, expect, test } from 'vitest';
import { type Asked, type Asking, answered, askOnce } from '../helpers/http-ask.ts';
import { data, END_STREAM, goAway, headers, SETTINGS } from '../helpers/http2-frames.ts';
import { SELF_SIGNED } from '../helpers/line-server.ts';
import { listenOn } from '../helpers/peers.ts';

const H2: Asking = { protocol: 'h2' };

async function served(
  answer: (stream: ServerHttp2Stream, headers: Record<string, unknown>) => void,
  asking: Asking = {},
): Promise<Asked> {
  const server = asking.inTls ? createSecureServer(SELF_SIGNED) : createServer();
  server.on('stream', (stream, headers) =>
    answer(
      stream.on('error', () => {}),
      headers,
    ),
  );
  const asked = await askOnce(await listenOn(server), asking.inTls ? asking : { ...H2, ...asking });
  await new Promise((resolve) => server.close(resolve));
  return asked;
}

describe('an answer by HTTP/2', () => {
  test.each<[string, (stream: ServerHttp2Stream) => void, Asked]>([
    ['with a body', (stream) => stream.end('hi'), { status: 200, body: 'hi', contentLength: -1 }],
    [
      'with a length',
      (stream) => {
        stream.respond({ ':status': 404, 'content-length': 2 });
        stream.end('no');
      },
      { status: 404, body: 'no', contentLength: 2 },
    ],
    [
      'without a body',
      (stream) => stream.respond({ ':status': 204 }, { endStream: true }),
      { status: 204, body: '', contentLength: 0 },
    ],
    ['with 300 kB', (stream) => stream.end('x'.repeat(300_000)), { length: 300_000 }],
    [
      'that is announced',
      (stream) => {
        stream.additionalHeaders({ ':status': 103, link: '</a>' });
        stream.end('hi');
      },
      { status: 200, body: 'hi' },
    ],
    [
      'with trailers',
      (stream) => {
        stream.respond({ ':status': 200 }, { waitForTrailers: true });
        stream.on('wantTrailers', () => stream.sendTrailers({ 'x-a': 'b' }));
        stream.end('hi');
      },
      { body: 'hi' },
    ],
  ])('%s is read to its end, and the session closed', async (_, answer, expected) => {
    expect(await served(answer)).toMatchObject({ version: 'HTTP/2.0', ...expected });
  });

  test('goes through TLS, where the server speaks first', async () => {
    for (let i = 0; i < 5; i++)
      expect(await served((stream) => stream.end('hi'), { inTls: true })).toMatchObject({ status: 200, body: 'hi' });
  });

  test('has all values of its headers', async () => {
    const { headers } = await served((stream) => {
      stream.respond({ ':status': 200, 'set-cookie': ['a=1', 'b=2'], constructor: 'c', l: '\xe9' });
      stream.end();
    });
    const { date: _, ...rest } = Object.fromEntries(headers ?? []);
    expect(rest).toEqual({ 'set-cookie': ['a=1', 'b=2'], constructor: ['c'], l: ['\xe9'] });
  });

  test('may have a thousand headers', async () => {
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`x-${i}`, 'a'.repeat(20)]));
    const { headers } = await served((stream) => stream.respond({ ':status': 200, ...many }, { endStream: true }));
    expect(headers?.size).toBeGreaterThan(1000);
  });

  test.each([
    ['GET', undefined, ''],
    ['HEAD', undefined, ''],
    ['POST', Buffer.from('hello'), 'hello'],
    ['POST', Buffer.alloc(300_000, 'x'), 'x'.repeat(300_000)],
  ])('has been asked for by %s', async (method, body, sent) => {
    let heard: Record<string, unknown> = {};
    let received = '';
    const answer = await served(
      (stream, headers) => {
        heard = headers;
        stream.on('data', (bytes) => {
          received += bytes;
        });
        stream.on('end', () => {
          stream.respond({ ':status': 200 });
          stream.end('hi');
        });
      },
      {
        request: {
          method,
          body,
          target: '/a?b',
          headers: [
            ['X-A', '1'],
            ['x-a', '2'],
            ['Host', 'c'],
            ['Connection', 'd'],
          ],
        },
      },
    );
    expect(heard).toMatchObject({
      ':method': method,
      ':path': '/a?b',
      ':authority': 'example.org',
      ':scheme': 'http',
      'x-a': '1, 2',
    });
    expect(Object.keys(heard).filter((name) => /host|connection/.test(name))).toEqual([]);
    expect(heard['content-length']).toBe(body === undefined ? undefined : String(body.length));
    expect(received).toBe(sent);
    expect(answer).toMatchObject({ status: 200, body: method === 'HEAD' ? '' : 'hi' });
  });

  test.each([
    ['is refused by the library', [['TE', 'gzip']], /^exporter_error: HTTP\/2 has no such request: .*te/i],
    [
      'comes twice, and may not',
      [
        ['Authorization', 'a'],
        ['authorization', 'b'],
      ],
      /^exporter_error: .*authorization/,
    ],
  ] as const)('is not asked for with a header that %s', async (_, headers, failure) => {
    expect((await served((stream) => stream.end(), { request: { headers } })).failure).toMatch(failure);
  });

  test('may end the session in order while it is under way, as nginx does with its last one', async () => {
    const said = [
      SETTINGS,
      headers({ ':status': '200' }),
      goAway(1, 0),
      data(Buffer.from('he')),
      data(Buffer.from('y'), END_STREAM),
    ];
    expect(await answered(Buffer.concat(said), false, H2)).toMatchObject({ status: 200, body: 'hey' });
  });
});
