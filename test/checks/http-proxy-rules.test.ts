import { describe, expect, it } from 'vitest';
import type { HttpProxy } from '../../src/checks/http-options.ts';
import { type Environment, proxyFor } from '../../src/checks/http-proxy-rules.ts';

const FROM_ENVIRONMENT: HttpProxy = { noProxy: '', connectHeaders: [], skipResolve: false };
const PROXY = 'http://proxy.test:3128';

/** The proxy of the configuration that a URL is asked through, if any. */
function configured(url: string, noProxy: string, proxy = PROXY): string | undefined {
  return proxyFor(new URL(url), { ...FROM_ENVIRONMENT, url: proxy, noProxy }, {})?.href;
}

function fromEnvironment(url: string, environment: Environment): string | undefined {
  return proxyFor(new URL(url), FROM_ENVIRONMENT, environment)?.href;
}

describe('a proxy of the configuration', () => {
  it.each(['http://example.org/', 'https://example.org/', 'http://localhost/', 'http://127.0.0.1/', 'http://[::1]/'])(
    'without exceptions is for all: %s',
    (url) => {
      expect(configured(url, '')).toBe(`${PROXY}/`);
    },
  );

  it.each(['http://localhost/', 'https://localhost:8443/', 'http://127.0.0.1/', 'http://127.9.9.9/', 'http://[::1]/'])(
    'with exceptions is never for this machine: %s',
    (url) => {
      expect(configured(url, 'example.org')).toBeUndefined();
    },
  );

  it.each([
    ['example.org', 'http://example.org/', true],
    ['example.org', 'http://EXAMPLE.org/', true],
    ['Example.ORG', 'http://www.example.org/', true],
    ['example.org', 'http://badexample.org/', false],
    ['example.org', 'http://example.org.test/', false],
    ['.example.org', 'http://www.example.org/', true],
    ['.example.org', 'http://example.org/', false],
    ['*.example.org', 'http://www.example.org/', true],
    ['*.example.org', 'http://example.org/', false],
    ['org', 'http://example.org/', true],
    ['b\u00fccher.example', 'http://b\u00fccher.example/', true],
    ['b\u00fccher.example', 'http://www.xn--bcher-kva.example/', true],
    ['example.org:8080', 'http://example.org:8080/', true],
    ['example.org:8080', 'http://example.org/', false],
    ['example.org:80', 'http://example.org/', true],
    ['example.org:443', 'https://example.org/', true],
    ['.example.org:80', 'http://www.example.org/', true],
    ['example.org:', 'http://example.org:8080/', true],
    ['10.0.0.1', 'http://10.0.0.1/', true],
    ['10.0.0.1', 'http://10.0.0.10/', false],
    ['10.0.0.1:81', 'http://10.0.0.1:81/', true],
    ['10.0.0.1:81', 'http://10.0.0.1/', false],
    ['0.0.1', 'http://10.0.0.1/', false],
    ['10.0.0.0/8', 'http://10.1.2.3:8080/', true],
    ['10.0.0.0/8', 'http://11.1.2.3/', false],
    ['10.0.0.0/8', 'http://10.example.org/', false],
    ['10.0.0.0/99', 'http://10.0.0.1/', false],
    ['fd00::1', 'http://[fd00::1]/', true],
    ['fd00:0::1', 'http://[fd00::1]/', true],
    ['[fd00::1]', 'http://[fd00::1]:81/', true],
    ['[fd00::1]:81', 'http://[fd00::1]:81/', true],
    ['[fd00::1]:81', 'http://[fd00::1]/', false],
    ['fd00::/8', 'http://[fd12::1]/', true],
    ['fd00::/8', 'http://[fe80::1]/', false],
    ['10.0.0.1', 'http://[::ffff:10.0.0.1]/', true],
    ['*', 'http://example.org/', true],
    ['*', 'http://10.0.0.1/', true],
    ['a.test, *', 'http://example.org/', true],
    [' a.test ,, example.org ', 'http://example.org/', true],
    [':80', 'http://example.org/', false],
    [',', 'http://example.org/', false],
    ['.', 'http://example.org/', false],
    ['*.', 'http://example.org/', false],
    ['e*.org', 'http://example.org/', false],
  ])('with the exceptions %j: %s is asked directly: %s', (noProxy, url, isDirect) => {
    expect(configured(url, noProxy)).toBe(isDirect ? undefined : `${PROXY}/`);
  });

  it.each([
    ['proxy.test:3128', 'http://proxy.test:3128/'],
    ['proxy.test', 'http://proxy.test/'],
    ['https://me:secret@proxy.test', 'https://me:secret@proxy.test/'],
    ['socks5://proxy.test:1080', 'socks5://proxy.test:1080'],
  ])('may be written as %s', (text, href) => {
    expect(configured('http://example.org/', '', text)).toBe(href);
  });

  it.each(['', 'http://', 'http://a b', 'a:b:c'])('that is no URL is a fault of the exporter: %j', (text) => {
    expect(() => configured('http://example.org/', '', text)).toThrow(
      expect.objectContaining({
        reason: 'exporter_error',
        message: 'the proxy_url is not a URL, such as http://proxy.example.org:3128',
      }),
    );
  });
});

describe('a proxy of the environment', () => {
  const BOTH = { HTTP_PROXY: 'http://plain.test:1', HTTPS_PROXY: 'https://tls.test:2', NO_PROXY: 'direct.test' };

  it.each([
    ['http://example.org/', BOTH, 'http://plain.test:1/'],
    ['https://example.org/', BOTH, 'https://tls.test:2/'],
    ['https://direct.test/', BOTH, undefined],
    ['http://localhost/', BOTH, undefined],
    ['http://127.1.2.3/', BOTH, undefined],
    ['http://[::1]/', BOTH, undefined],
    ['http://example.org/', {}, undefined],
    ['https://example.org/', { HTTP_PROXY: 'plain.test' }, undefined],
    ['http://example.org/', { http_proxy: 'plain.test:1' }, 'http://plain.test:1/'],
    ['https://example.org/', { https_proxy: 'tls.test:2' }, 'http://tls.test:2/'],
    ['http://example.org/', { HTTP_PROXY: '', http_proxy: 'lower.test' }, 'http://lower.test/'],
    ['http://example.org/', { HTTP_PROXY: 'upper.test', http_proxy: 'lower.test' }, 'http://upper.test/'],
    ['http://example.org/', { HTTP_PROXY: 'plain.test', no_proxy: '*' }, undefined],
    ['http://example.org/', { HTTP_PROXY: 'http://no host' }, undefined],
  ])('for %s with %j: %s', (url, environment, expected) => {
    expect(fromEnvironment(url, environment)).toBe(expected);
  });

  it('is not that of the configuration', () => {
    const proxy = { ...FROM_ENVIRONMENT, url: PROXY };
    expect(proxyFor(new URL('http://direct.test/'), proxy, { ...BOTH, NO_PROXY: '*' })?.href).toBe(`${PROXY}/`);
  });
});
