import { describe, expect, it } from 'vitest';
import { type HttpRequest, nextRequest, type Requests } from '../../src/checks/http-redirect.ts';

function request(url: string, more: Partial<HttpRequest> = {}): HttpRequest {
  return { method: 'GET', url: new URL(url), headers: [], ...more };
}

/** The requests that follow one another when each is redirected, the first one without. */
function followed(first: HttpRequest, ...redirects: readonly (readonly [status: number, location: string])[]) {
  let requests: Requests = [first];
  for (const [status, location] of redirects) {
    const next = nextRequest(requests, { status, location });
    if (next === undefined) throw new Error('the answer was the last one');
    requests = [...requests, next];
  }
  return requests.slice(1);
}

function header(request: HttpRequest | undefined, name: string): string | undefined {
  return request?.headers.find(([other]) => other.toLowerCase() === name)?.[1];
}

describe('an answer', () => {
  it.each([200, 204, 300, 304, 305, 306, 309, 404])('with status %i redirects nowhere', (status) => {
    expect(nextRequest([request('http://a/')], { status, location: '/b' })).toBeUndefined();
  });

  it.each([301, 302, 303, 307, 308])('with status %i and no Location is the last one', (status) => {
    expect(nextRequest([request('http://a/')], { status })).toBeUndefined();
    expect(nextRequest([request('http://a/')], { status, location: '' })).toBeUndefined();
  });

  it.each([
    ['http://b.example/x', 'http://b.example/x'],
    ['https://b.example:8443/x?y#z', 'https://b.example:8443/x?y'],
    ['//b.example/x', 'http://b.example/x'],
    ['/x', 'http://a.example:81/x'],
    ['x?y', 'http://a.example:81/folder/x?y'],
    ['../x', 'http://a.example:81/x'],
    ['?y', 'http://a.example:81/folder/page?y'],
    ['#z', 'http://a.example:81/folder/page?q'],
    ['/a b', 'http://a.example:81/a%20b'],
    [Buffer.from('/Gr\u00fc\u00dfe').toString('latin1'), 'http://a.example:81/Gr%C3%BC%C3%9Fe'],
    ['http://[::1]:80/', 'http://[::1]/'],
  ])('redirects to %j: %s', (location, url) => {
    const next = nextRequest([request('http://a.example:81/folder/page?q')], { status: 302, location });
    expect(next?.url.href).toBe(url);
  });

  it.each([
    ['http://', 'redirects to "http://", which is not a URL'],
    ['http://a b/', 'redirects to "http://a b/", which is not a URL'],
    ['http://a:99999/', 'redirects to "http://a:99999/", which is not a URL'],
    ['ftp://a/', 'redirects to "ftp://a/", which is neither http nor https'],
    ['file:///etc/passwd', 'redirects to "file:///etc/passwd", which is neither http nor https'],
    ['javascript:alert(1)', 'redirects to "javascript:alert(1)", which is neither http nor https'],
    ['data:,x', 'redirects to "data:,x", which is neither http nor https'],
  ])('that redirects to %j is a failure', (location, message) => {
    expect(() => nextRequest([request('http://a/')], { status: 301, location })).toThrow(
      expect.objectContaining({ reason: 'unexpected_response', message }),
    );
  });

  it('may redirect ten times, not more', () => {
    const there = new Array<[number, string]>(10).fill([302, '/next']);
    expect(followed(request('http://a/'), ...there)).toHaveLength(10);
    expect(() => followed(request('http://a/'), ...there, [302, '/next'])).toThrow(
      expect.objectContaining({
        reason: 'unexpected_response',
        message: 'redirected 10 times, then to "http://a/next"',
      }),
    );
  });
});

describe('the request that follows', () => {
  it.each([
    [301, 'GET', 'GET', false],
    [302, 'HEAD', 'HEAD', false],
    [303, 'POST', 'GET', false],
    [301, 'POST', 'GET', false],
    [302, 'PUT', 'GET', false],
    [307, 'POST', 'POST', true],
    [308, 'PUT', 'PUT', true],
    [307, 'GET', 'GET', true],
  ])('after %i of %s is %s, with the body: %s', (status, method, expected, hasBody) => {
    const [next] = followed(request('http://a/', { method, body: 'x' }), [status, '/b']);
    expect(next).toMatchObject({ method: expected });
    expect(next?.body).toBe(hasBody ? 'x' : undefined);
  });

  it('has no body again once it was left out, and none of the headers that are for it', () => {
    const headers = [
      ['Content-Type', 'text/plain'],
      ['X-Own', '1'],
    ] as const;
    const all = followed(
      request('http://a/', { method: 'POST', body: 'x', headers }),
      [307, '/b'],
      [303, '/c'],
      [308, '/d'],
    );
    expect(all.map(({ method, body }) => [method, body])).toEqual([
      ['POST', 'x'],
      ['GET', undefined],
      ['GET', undefined],
    ]);
    expect(all.map((one) => header(one, 'content-type'))).toEqual(['text/plain', undefined, undefined]);
    expect(all.map((one) => header(one, 'x-own'))).toEqual(['1', '1', '1']);
  });

  it('keeps Content-Type where there was no body to leave out', () => {
    const [next] = followed(request('http://a/', { headers: [['Content-Type', 'text/plain']] }), [302, '/b']);
    expect(header(next, 'content-type')).toBe('text/plain');
  });

  const SECRETS = [
    'Authorization',
    'COOKIE',
    'cookie2',
    'WWW-Authenticate',
    'Proxy-Authorization',
    'Proxy-Authenticate',
    'X-Api-Key',
    'X-Pass',
  ];

  it.each([
    ['http://example.org/', '/b', true],
    ['http://example.org/', 'https://example.org/', true],
    ['http://example.org/', 'https://example.org:8443/', false],
    ['https://example.org/', 'http://example.org/', false],
    ['http://example.org:8080/', 'http://example.org:8081/', false],
    ['http://example.org/', 'http://www.example.org/', true],
    ['http://www.example.org/', 'http://example.org/', false],
    ['http://example.org/', 'http://badexample.org/', false],
    ['http://example.org/', 'http://example.org.evil.test/', false],
    ['http://127.0.0.1/', 'http://127.0.0.2/', false],
    ['http://[::1]/', 'http://[::2]/', false],
  ])('from %s to %s has the secrets of the first one: %s', (from, to, keeps) => {
    const headers = [...SECRETS.map((name) => [name, 's'] as const), ['X-Own', '1'] as const];
    const [next] = followed(request(from, { headers }), [302, to]);
    expect(next?.headers.filter(([name]) => SECRETS.includes(name))).toHaveLength(keeps ? SECRETS.length : 0);
    expect(header(next, 'x-own')).toBe('1');
  });

  it.each([
    ['/b', true],
    ['http://other.test/', false],
  ])('to %s has a header that was written as a secret, whatever its name: %s', (to, keeps) => {
    const headers = [
      ['X-Own', 's', 'secret'],
      ['X-Own', '1'],
    ] as const;
    const [next] = followed(request('http://example.org/', { headers }), [302, to]);
    const values = next?.headers.flatMap(([name, value]) => (name === 'X-Own' ? [value] : []));
    expect(values).toEqual(keeps ? ['s', '1'] : ['1']);
  });

  it('has no secrets any more once another host was asked, back at the first one either', () => {
    const all = followed(
      request('http://example.org/', { headers: [['Authorization', 's']] }),
      [302, 'http://other.test/'],
      [302, '/more'],
      [302, 'http://example.org/'],
    );
    expect(all.map((one) => header(one, 'authorization'))).toEqual([undefined, undefined, undefined]);
  });

  it.each([
    ['/b', 'own.example'],
    ['b', 'own.example'],
    ['?x=http://c', 'own.example'],
    ['//a:81/b', 'own.example'],
    ['//other/b', undefined],
    ['http://a:81/b', undefined],
    ['http://other/b', undefined],
  ])('to %s has the Host of the one before: %s', (location, host) => {
    const [next] = followed(request('http://a:81/', { host: 'own.example' }), [302, location]);
    expect(next?.host).toBe(host);
  });

  it.each([
    ['http://me:secret@a/x?y', '/b', 'http://a/x?y'],
    ['http://me:secret@a/x?y', 'http://b/', 'http://a/'],
    ['https://a/', 'https://b/', 'https://a/'],
    ['http://a/', 'https://b/', 'http://a/'],
    ['https://a/', 'http://b/', undefined],
  ])('from %s to %s says as its Referer: %s', (from, to, referer) => {
    const [next] = followed(request(from), [302, to]);
    expect(header(next, 'referer')).toBe(referer);
  });

  it('says the one before as its Referer, not the first, unless the configuration has one', () => {
    const all = followed(request('http://a/1'), [302, '/2'], [302, '/3']);
    expect(all.map((one) => header(one, 'referer'))).toEqual(['http://a/1', 'http://a/2']);
    const own = followed(request('https://a/1', { headers: [['referer', 'x']] }), [302, '/2'], [302, 'http://b/']);
    expect(own.map(({ headers }) => headers)).toEqual([[['referer', 'x']], [['referer', 'x']]]);
  });
});
