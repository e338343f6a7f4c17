import { describe, expect, test } from 'vitest';
import {
  choice,
  duration,
  externalUrl,
  hostName,
  labelValue,
  listenAddress,
  many,
  one,
  optional,
  routePrefix,
  seconds,
  text,
  toggle,
} from '../../src/cli/flag.ts';

const WORDING = { form: 'VALUE', help: 'A value.' };

describe('a flag table', () => {
  test('gives the default, read like anything else, for a flag that is not there', () => {
    expect(one(duration(0), { ...WORDING, defaultText: '1m30s' }).read([])).toEqual({ ok: true, value: 90_000 });
    expect(many(listenAddress, { ...WORDING, defaultText: ':9715' }).read([])).toEqual({
      ok: true,
      value: [{ port: 9715 }],
    });
  });

  test('gives undefined, false or nothing for a flag without a default that is not there', () => {
    expect(optional(text, WORDING).read([])).toEqual({ ok: true, value: undefined });
    expect(many(text, WORDING).read([])).toEqual({ ok: true, value: [] });
    expect(toggle('Does it.').read([])).toEqual({ ok: true, value: false });
  });

  test('forgets the default of a repeatable flag as soon as one is given', () => {
    const flag = many(listenAddress, { ...WORDING, defaultText: ':9715' });
    expect(flag.read(['127.0.0.1:1', '[::1]:2'])).toEqual({
      ok: true,
      value: [
        { host: '127.0.0.1', port: 1 },
        { host: '::1', port: 2 },
      ],
    });
  });

  test('refuses a repeatable flag when one of its values is wrong', () => {
    const result = many(listenAddress, WORDING).read([':1', 'nonsense']);
    expect(result).toEqual({
      ok: false,
      problem: 'must be [host]:port such as :9715 or 127.0.0.1:9715, not "nonsense"',
    });
  });
});

describe('a value', () => {
  test.each([
    ['a duration', duration(0), '1h', 3_600_000],
    ['a duration of nothing, where that means off', duration(0), '0s', 0],
    ['seconds', seconds, '0.5', 0.5],
    ['whole seconds', seconds, '0', 0],
    ['a word of the list', choice(['logfmt', 'json']), 'json', 'json'],
    ['every address', listenAddress, ':0', { port: 0 }],
    ['a listening name', listenAddress, 'localhost:80', { host: 'localhost', port: 80 }],
    ['a listening IPv6 address', listenAddress, '[fe80::1%eth0]:80', { host: 'fe80::1%eth0', port: 80 }],
    ['a host name, in lower case', hostName, 'Shop.Example.COM', 'shop.example.com'],
    ['a label', labelValue, 'Zürich "west"', 'Zürich "west"'],
    ['a URL', externalUrl, 'https://example.com/ports/', new URL('https://example.com/ports/')],
    ['a prefix', routePrefix, '/ports/a/', '/ports/a'],
    ['a prefix without slashes', routePrefix, 'ports', '/ports'],
    ['no prefix', routePrefix, '/', ''],
  ])('is read: %s', (_what, read: (given: string) => unknown, given, value) => {
    expect(read(given)).toEqual({ ok: true, value });
  });

  test.each([
    ['a duration without a unit', duration(0), '5'],
    ['a negative duration', duration(0), '-5s'],
    ['a duration in fractions', duration(0), '1.5s'],
    ['no time at all, where some is needed', duration(1), '0s'],
    ['a duration longer than a timer can wait', duration(0), '25d'],
    ['a duration of absurd size', duration(0), '99999999999999999999y'],
    ['seconds with a unit', seconds, '1s'],
    ['negative seconds', seconds, '-1'],
    ['hexadecimal seconds', seconds, '0x10'],
    ['endless seconds', seconds, 'Infinity'],
    ['another word', choice(['logfmt', 'json']), 'xml'],
    ['a word of Object.prototype', choice(['logfmt', 'json']), 'constructor'],
    ['a port alone', listenAddress, '9715'],
    ['a listening port that does not exist', listenAddress, ':65536'],
    ['a listening address without brackets', listenAddress, '::1:80'],
    ['a listening URL', listenAddress, 'http://localhost:80'],
    ['a name with a space', hostName, 'a b'],
    ['an address as the name of a certificate', hostName, '127.0.0.1'],
    ['an empty label', labelValue, ''],
    ['a label of white space', labelValue, ' \t'],
    ['a label on two lines', labelValue, 'a\nb'],
    ['a label with half a character', labelValue, 'a\ud83d'],
    ['a label of bytes that are no text', labelValue, 'a\ufffd'],
    ['a URL of another kind', externalUrl, 'ftp://example.com/'],
    ['half a URL', externalUrl, 'example.com'],
    ['a URL with a query', externalUrl, 'https://example.com/?a=b'],
    ['a URL with an empty query', externalUrl, 'https://example.com/?'],
    ['a URL with a password', externalUrl, 'https://me:secret@example.com/'],
    ['a prefix with a query', routePrefix, '/ports?x'],
    ['a prefix with a space', routePrefix, '/my ports'],
  ])('is refused, and the message quotes it: %s', (_what, read: (given: string) => unknown, given) => {
    expect(read(given)).toEqual({ ok: false, problem: expect.stringContaining(JSON.stringify(given)) });
  });

  test('is shortened in the message when it is long, and never breaks the line', () => {
    const result = seconds(`1\n${'x'.repeat(1000)}`);
    expect(result).toEqual({ ok: false, problem: expect.stringMatching(/^.{1,200}$/) });
  });

  test('suggests the word of the list that was meant', () => {
    expect(choice(['postgresql', 'redis'])('postgres')).toEqual({
      ok: false,
      problem: 'cannot be "postgres": did you mean postgresql?',
    });
  });
});
