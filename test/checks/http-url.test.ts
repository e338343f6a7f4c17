import { describe, expect, test } from 'vitest';
import { http, httpProbe } from '../../src/checks/http.ts';
import { endpointOf, urlOf } from '../../src/checks/http-url.ts';

describe('where a URL leads', () => {
  test.each([
    ['http://H.example/a', 'h.example', 80],
    ['https://h.example/', 'h.example', 443],
    ['ws://h/', 'h', 80],
    ['wss://h/', 'h', 443],
    ['https://h:8443/', 'h', 8443],
    ['https://h:443/', 'h', 443],
    ['http://[2001:DB8:0::1]:81/', '2001:db8::1', 81],
    ['http://127.1/', '127.0.0.1', 80],
    ['http://0x7f000001/', '127.0.0.1', 80],
    ['http://bücher.example/', 'xn--bcher-kva.example', 80],
  ])('%s is %s, port %i', (url, host, port) => {
    expect(endpointOf(new URL(url))).toEqual({ host, port });
  });

  test.each([
    ['http', 'h', 80, '/', 'http://h/'],
    ['http', 'h', 8080, '/a?b', 'http://h:8080/a?b'],
    ['https', 'h', 443, '/a/../b', 'https://h/b'],
    ['http', 'h', 80, '//other/', 'http://h//other/'],
    ['http', '::1', 80, '/', 'http://[::1]/'],
    ['http', 'fe80::1%eth0', 80, '/', 'http://[fe80::1]/'],
    ['http', '_sip._tcp.h', 80, '/', 'http://_sip._tcp.h/'],
  ] as const)('%s, %s, %i and %s are %s', (scheme, host, port, resource, expected) => {
    expect(urlOf(scheme, { host, port }, resource).href).toBe(expected);
  });

  test.each(['h.1', '1.2.3.256', 'h.0x1'])('a host that no URL can have is our own fault: %s', (host) => {
    expect(() => urlOf('http', { host, port: 80 }, '/')).toThrow(expect.objectContaining({ reason: 'exporter_error' }));
    const options = http.options.parse({ proxy_url: 'http://p:3128' });
    const transport = httpProbe.transport?.(options, { endpoint: { host, port: 80 }, inTls: false });
    expect(transport).toBe('tcp');
  });
});

describe('how a web server is reached', () => {
  const to = { endpoint: { host: 'h', port: 443 }, inTls: true };

  test('is by a connection, unless a proxy makes it', () => {
    expect(http.transport?.(http.options.parse({}), to)).toBe('tcp');
    expect(http.transport?.(http.options.parse({ proxy_url: 'http://p:3128' }), to)).toBe('none');
  });

  test.each([
    ['shop.example', 'shop.example'],
    ['shop.example:8443', 'shop.example'],
    ['[::1]:443', '::1'],
  ])('is in TLS by the name of its header Host: %s', (host, expected) => {
    expect(http.serverName?.(http.options.parse({ headers: { host } }))).toBe(expected);
    expect(http.serverName?.(http.options.parse({}))).toBeUndefined();
  });
});
