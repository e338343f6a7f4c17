import { describe, expect, test } from 'vitest';
import { garbage } from '../helpers/hostile-peers.ts';
import { type Asking, answered, facing } from '../helpers/http-ask.ts';
import { data, END_STREAM, frame, goAway, headers, PING, reset, SETTINGS } from '../helpers/http2-frames.ts';
import { isNode20 } from '../helpers/node-version.ts';

const H2: Asking = { protocol: 'h2' };
const HEAD = Buffer.concat([SETTINGS, headers({ ':status': '200' })]);
const HALF = Buffer.concat([HEAD, data(Buffer.from('half'))]);
const all = (...frames: Buffer[]) => Buffer.concat(frames);
const BEFORE = 'closed_early: the server hung up before it had answered';
const WITHIN = 'closed_early: the server hung up in the middle of its answer';

describe('what is no answer by HTTP/2', () => {
  test.each<[string, Buffer | string, string | RegExp]>([
    ['nothing', '', BEFORE],
    ['settings alone', SETTINGS, BEFORE],
    ['HTTP/1', 'HTTP/1.1 400 Bad Request\r\n\r\n', /^unexpected_response: no HTTP\/2 answer: ./],
    [
      'an answer without settings',
      all(headers({ ':status': '200' }), data(Buffer.from('hi'), END_STREAM)),
      /^unexpected_response: no HTTP\/2 answer: ./,
    ],
    ['bytes that mean nothing', garbage(5, 1000), /^unexpected_response: no HTTP\/2 answer: ./],
    [
      'a session that ends in order',
      all(SETTINGS, goAway(0, 0)),
      'service_unavailable: the server takes no request any more',
    ],
    [
      'a session that ends with an error',
      all(SETTINGS, goAway(0, 2)),
      'unexpected_response: no HTTP/2 answer: it ended the session with INTERNAL_ERROR',
    ],
    [
      'too many requests',
      all(SETTINGS, goAway(0, 11)),
      'service_unavailable: the server wants no more requests: ENHANCE_YOUR_CALM',
    ],
    ['a request that is refused', all(SETTINGS, reset(7)), 'service_unavailable: the server takes no request any more'],
    ['a request that is aborted', all(SETTINGS, reset(2)), /^unexpected_response: no HTTP\/2 answer: .*INTERNAL_ERROR/],
    ['a request that is cancelled', all(SETTINGS, reset(8)), BEFORE],
    ['a request that is closed', all(SETTINGS, reset(0)), BEFORE],
    ['a body that does not end', HALF, WITHIN],
    ['a body that is aborted', all(HALF, reset(2)), /^unexpected_response: .*INTERNAL_ERROR/],
    ['a body that is cancelled', all(HALF, reset(8)), WITHIN],
    ['a body whose session ends with an error', all(HALF, goAway(1, 2)), /^unexpected_response: .*INTERNAL_ERROR/],
  ])('%s', async (_, said, failure) => {
    const asked = await answered(said, true, H2);
    if (typeof failure === 'string') expect(asked).toEqual({ failure });
    else expect(asked).toEqual({ failure: expect.stringMatching(failure) });
  });

  test('is a server that hangs up at any byte of its answer', async () => {
    const whole = all(HEAD, data(Buffer.from('hi'), END_STREAM));
    for (let i = 0; i < whole.length; i++) {
      const expected = i < HEAD.length ? BEFORE : WITHIN;
      expect([i, await answered(whole.subarray(0, i), true, H2)]).toEqual([i, { failure: expected }]);
    }
    expect(await answered(whole, true, H2)).toMatchObject({ status: 200, body: 'hi' });
  });

  test.each([
    ['before its answer', SETTINGS],
    ['within its answer', HALF],
  ])('is one that cuts the connection %s', async (_, said) => {
    const { failure } = await facing((socket) => {
      socket.once('data', () => socket.write(said, () => setImmediate(() => socket.resetAndDestroy())));
    }, H2);
    expect(failure).toMatch(/^(connection_reset: (read|write) ECONNRESET|closed_early: .*)$/);
  });

  test.each([
    [
      'that one will come',
      SETTINGS,
      headers({ ':status': '100' }),
      /^unexpected_response: no HTTP\/2 answer: more than 100 times that one will come$/,
    ],
    ['PING', SETTINGS, PING, /^(unexpected_response|closed_early): /],
    ['SETTINGS', SETTINGS, SETTINGS, /^(unexpected_response|closed_early): /],
    ['empty pieces of a body', HEAD, data(Buffer.alloc(0)), /^(unexpected_response|closed_early): /],
  ])('is one that says for ever: %s', async (_, first, piece, failure) => {
    const asked = await facing(
      (socket) => {
        socket.once('data', async () => {
          socket.write(first);
          const much = Buffer.concat(Array.from({ length: 100 }, () => piece));
          while (socket.writable) await new Promise((written) => socket.write(much, written));
        });
      },
      { ...H2, withinMs: 300 },
    );
    expect(asked).toEqual({ failure: expect.stringMatching(failure) });
  });

  test.each([
    ['a frame that is too long', frame(0, 0, 1, Buffer.alloc(20_000))],
    ['headers that cannot be read', frame(1, 4, 1, Buffer.of(0xff, 0xff, 0xff, 0xff))],
    ['a body before its head', data(Buffer.from('hi'), END_STREAM)],
  ])(
    'is %s: Node.js 20 stops listening, and it ends when the connection is closed; later ones say why',
    async (_, said) => {
      const asked = await answered(all(SETTINGS, said), false, { ...H2, withinMs: 50 });
      expect(asked).toEqual({ failure: isNode20 ? BEFORE : 'unexpected_response: no HTTP/2 answer: Protocol error' });
    },
  );

  test('is silence: it ends when the connection is closed', async () => {
    const [early, late] = [SETTINGS, HALF].map((said) => answered(said, false, { ...H2, withinMs: 50 }));
    expect([await early, await late]).toEqual([{ failure: BEFORE }, { failure: WITHIN }]);
  });
});
