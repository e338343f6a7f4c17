import { describe, expect, test } from 'vitest';
import { retryAfterMs } from '../../src/sms/sending.ts';
import { http, sender } from './senders.ts';
import { secretOf } from './setup.ts';
import { type Reply, standIn } from './stand-in.ts';

describe('an answer', () => {
  test.each<[Reply, string | undefined]>([
    [{ status: 200, body: 'x'.repeat(200_000), ends: 'never' }, undefined],
    [{ status: 200, ends: 'never' }, undefined],
    [{ status: 200, ends: 'cut' }, undefined],
    [{ status: 400, body: 'no such sender', ends: 'cut' }, 'HTTP 400: no such sender'],
  ])('goes by the status when the body has no end', async (reply, detail) => {
    await using provider = await standIn(() => reply);
    expect((await sender(http(provider), 300)())?.detail).toBe(detail);
  });

  test.each([
    ['Bearer abc/def+ghi', 'token abc/def+ghi', 'token <secret>'],
    ['Bearer abc/def+ghi', 'Bearer abc/def+ghi', '<secret>'],
    ['abc/def+ "ghi', 'abc%2Fdef%2B%20%22ghi', '<secret>'],
    ['abc/def+ "ghi', 'abc%2Fdef%2B+%22ghi', '<secret>'],
    ['abc/def+ "ghi', 'abc/def+ \\"ghi', '<secret>'],
  ])('hides the secret %j in %j', async (secret, said, shown) => {
    await using provider = await standIn(() => ({ status: 400, body: said }));
    const config = http(provider, { secretHeaders: { Authorization: secretOf(secret) } });
    expect((await sender(config)())?.detail).toBe(`HTTP 400: ${shown}`);
  });
});

test.each([
  [undefined, undefined],
  ['0', 0],
  ['120', 120_000],
  ['soon', undefined],
  ['-1', undefined],
  ['0.5', undefined],
  ['Thu, 01 Jan 1970 00:00:30 GMT', 20_000],
  ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
])('Retry-After %j is %j ms', (header, ms) => {
  expect(retryAfterMs(header, 10_000)).toBe(ms);
});
