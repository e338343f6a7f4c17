import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCookieDate } from '../../src/checks/http-cookie-date.ts';
import { CookieJar } from '../../src/checks/http-cookies.ts';

const NOW = Date.UTC(2026, 0, 15);

/** What a server at one URL sets, and what one at another is told then. */
function told(from: string, setCookies: readonly string[], to = from, own?: string): string | undefined {
  const jar = new CookieJar(NOW);
  jar.store(new URL(from), setCookies);
  return jar.header(new URL(to), own);
}

describe('a cookie', () => {
  it.each([
    ['a=1', 'a=1'],
    [' a = 1 ; Path=/', 'a=1'],
    ['a=', 'a='],
    ['a=b=c', 'a=b=c'],
    ['a="1 2"', 'a="1 2"'],
    ['a=1; HttpOnly; SameSite=Strict; unknown; =x', 'a=1'],
    ['a=Gr\u00fc\u00df', 'a=Gr\u00fc\u00df'],
    ['a', undefined],
    ['=1', undefined],
    ['', undefined],
    [';', undefined],
    ['a=1\u0000', undefined],
    [`a=${'x'.repeat(5000)}`, undefined],
  ])('is read from %j: %j', (line, expected) => {
    expect(told('http://example.org/', [line])).toBe(expected);
  });

  it.each([
    ['http://example.org/', '', 'http://example.org/', true],
    ['http://example.org/', '', 'http://example.org:8080/', true],
    ['http://example.org/', '', 'http://www.example.org/', false],
    ['http://example.org/', 'example.org', 'http://www.example.org/', true],
    ['http://www.example.org/', '.Example.ORG', 'http://example.org/', true],
    ['http://www.example.org/', 'example.org', 'http://other.example.org/', true],
    ['http://www.example.org/', 'example.org', 'http://badexample.org/', false],
    ['http://www.example.org/', 'other.example.org', 'http://other.example.org/', false],
    ['http://www.example.org/', 'org', 'http://www.example.org/', false],
    ['http://www.example.org/', '..org', 'http://www.example.org/', false],
    ['http://www.example.org/', 'example.org.', 'http://www.example.org/', false],
    ['http://example.org/', 'www.example.org', 'http://www.example.org/', false],
    ['http://localhost/', 'localhost', 'http://localhost/', true],
    ['http://localhost/', 'localhost', 'http://a.localhost/', false],
    ['http://127.0.0.1/', '127.0.0.1', 'http://127.0.0.1/', true],
    ['http://127.0.0.1/', '0.0.1', 'http://127.0.0.1/', false],
    ['http://[::1]/', '', 'http://[::1]/', true],
  ])('that %s sets for the domain %j goes to %s: %s', (from, domain, to, isTold) => {
    expect(told(from, [`a=1; Path=/; Domain=${domain}`], to)).toBe(isTold ? 'a=1' : undefined);
  });

  it.each([
    ['/x/y', '', '/x/z', true],
    ['/x/y', '', '/x', true],
    ['/x/y', '', '/xz', false],
    ['/x/y', '', '/', false],
    ['/x', '', '/y', true],
    ['/', '/x', '/x', true],
    ['/', '/x', '/x/y', true],
    ['/', '/x', '/xy', false],
    ['/', '/x/', '/x/y', true],
    ['/', '/x/', '/x', false],
    ['/x/y', 'z', '/x/z', true],
  ])('that %s sets for the path %j goes to %s: %s', (from, path, to, isTold) => {
    const host = 'http://example.org';
    expect(told(`${host}${from}`, [`a=1; Path=${path}`], `${host}${to}`)).toBe(isTold ? 'a=1' : undefined);
  });

  it('that is Secure goes nowhere without TLS', () => {
    expect(told('https://example.org/', ['a=1; Secure', 'b=2'], 'http://example.org/')).toBe('b=2');
    expect(told('https://example.org/', ['a=1; secure', 'b=2'])).toBe('a=1; b=2');
  });

  it.each([
    ['Max-Age=10', true],
    ['Max-Age=0', false],
    ['Max-Age=-1', false],
    ['Max-Age=x', true],
    ['Expires=Wed, 14 Jan 2026 00:00:00 GMT', false],
    ['Expires=Thu, 15 Jan 2026 00:00:00 GMT', false],
    ['Expires=Fri, 16-Jan-26 00:00:00 GMT', true],
    ['Expires=never', true],
    ['Max-Age=10; Expires=Wed, 14 Jan 2026 00:00:00 GMT', true],
    ['Expires=Fri, 16 Jan 2026 00:00:00 GMT; Max-Age=0', false],
  ])('with %s is kept: %s', (attributes, isKept) => {
    expect(told('http://example.org/', [`a=1; ${attributes}`])).toBe(isKept ? 'a=1' : undefined);
  });
});

describe('the jar', () => {
  it('has a cookie once, with its last value and in its first place, and forgets it when it is over', () => {
    expect(told('http://a.test/', ['a=1', 'b=2', 'a=3'])).toBe('a=3; b=2');
    expect(told('http://a.test/', ['a=1', 'b=2', 'a=; Max-Age=0'])).toBe('b=2');
    expect(told('http://a.test/', ['c=; Max-Age=0'])).toBeUndefined();
  });

  it('has cookies of one name for several paths, and tells the one for the longest first', () => {
    const set = ['a=1; Path=/', 'a=2; Path=/x/y', 'a=3; Path=/x'];
    expect(told('http://a.test/x/y', set)).toBe('a=2; a=3; a=1');
  });

  it.each([
    ['own=1; a=2', 'own=1; a=2'],
    ['session=old; own=1', 'own=1; session=new'],
    ['gone=1', 'session=new'],
    [' own=1 ;; ', 'own=1; session=new'],
    [undefined, 'session=new'],
  ])('puts what the configuration says before it, without what was set again: %s', (own, expected) => {
    const set = own?.includes('a=2') ? [] : ['session=new', 'gone=; Max-Age=0'];
    expect(told('http://a.test/', set, 'http://a.test/', own)).toBe(expected);
  });

  it('has nothing to tell without cookies', () => {
    expect(new CookieJar(NOW).header(new URL('http://a.test/'))).toBeUndefined();
    expect(new CookieJar(NOW).header(new URL('http://a.test/'), 'a=1')).toBe('a=1');
  });

  it('has an end', () => {
    const many = Array.from({ length: 10_000 }, (_, i) => `c${i}=${'x'.repeat(100)}`);
    expect(told('http://a.test/', many)?.split('; ')).toHaveLength(50);
    const large = Array.from({ length: 40 }, (_, i) => `c${i}=${'x'.repeat(4000)}`);
    expect(told('http://a.test/', large)?.length).toBeLessThan(40_000);
    const jar = new CookieJar(NOW);
    for (let i = 0; i < 11; i++) jar.store(new URL('http://a.test/'), many.slice(i * 50, i * 50 + 50));
    expect(jar.header(new URL('http://a.test/'))?.split('; ')).toHaveLength(50);
  });

  it('never fails, whatever is set', () => {
    const part = fc.constantFrom('a', '=', ';', ' ', 'Domain', 'Path', '/', '.', 'Expires', 'Max-Age', '1', ':', 'Jan');
    fc.assert(
      fc.property(fc.array(fc.oneof(part, fc.string())), (parts) => {
        expect(['string', 'undefined']).toContain(typeof told('http://a.test/', [parts.join('')]));
      }),
    );
  });
});

describe('the date of a cookie', () => {
  it.each([
    ['Sun, 06 Nov 1994 08:49:37 GMT', '1994-11-06T08:49:37Z'],
    ['Sunday, 06-Nov-94 08:49:37 GMT', '1994-11-06T08:49:37Z'],
    ['Sun Nov  6 08:49:37 1994', '1994-11-06T08:49:37Z'],
    ['6 november 69 1:2:3', '2069-11-06T01:02:03Z'],
    ['1:2:3 6 NOV 70', '1970-11-06T01:02:03Z'],
    ['2026 29 Feb 00:00:00', undefined],
    ['2024 29 Feb 00:00:00', '2024-02-29T00:00:00Z'],
    ['0 Nov 1994 08:49:37', undefined],
    ['32 Nov 1994 08:49:37', undefined],
    ['6 Nov 1600 08:49:37', undefined],
    ['6 Nov 1994 24:00:00', undefined],
    ['6 Nov 1994 08:60:00', undefined],
    ['6 Nov 1994 08:49', undefined],
    ['6 Foo 1994 08:49:37', undefined],
    ['1994 Nov 08:49:37', undefined],
    ['', undefined],
  ])('%j is %s', (text, expected) => {
    expect(readCookieDate(text)).toBe(expected === undefined ? undefined : Date.parse(expected));
  });
});
