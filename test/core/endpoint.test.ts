import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAddress } from '../../src/checks/address.ts';
import { SERVICES } from '../../src/checks/registry.ts';
import { formatEndpoint } from '../../src/core/endpoint.ts';

function endpointOf(text: string): string {
  const read = parseAddress(text);
  return read.ok ? formatEndpoint(read.value.endpoint) : read.problem;
}

describe('parseAddress', () => {
  it.each([
    ['db:5432', 'db:5432'],
    ['DB.Internal:5432', 'db.internal:5432'],
    ['db.internal.:5432', 'db.internal.:5432'],
    ['_sip._tcp.example.com:1', '_sip._tcp.example.com:1'],
    ['10.0.0.1:65535', '10.0.0.1:65535'],
    ['[::1]:22', '[::1]:22'],
    ['[0:0:0:0:0:0:0:1]:22', '[::1]:22'],
    ['[2001:DB8::00FF]:443', '[2001:db8::ff]:443'],
    ['[fe80::1%Eth0]:22', '[fe80::1%Eth0]:22'],
    ['redis://cache', 'cache:6379'],
    ['REDIS://cache:6380', 'cache:6380'],
    ['postgresql://[::1]', '[::1]:5432'],
  ])('reads %s as %s', (text, canonical) => {
    expect(endpointOf(text)).toBe(canonical);
  });

  it('keeps the service of service://host', () => {
    expect(parseAddress('redis://cache')).toMatchObject({ ok: true, value: { service: 'redis' } });
    expect(parseAddress('cache:6379')).not.toMatchObject({ value: { service: expect.anything() } });
  });

  it.each([
    ['http://h', 'h:80', undefined],
    ['HTTPS://H', 'h:443', undefined],
    ['https://h:8443/a/b?c=d', 'h:8443', '/a/b?c=d'],
    ['http://h/', 'h:80', '/'],
    ['http://h?a', 'h:80', '/?a'],
    ['http://h/a#b', 'h:80', '/a'],
    ['http://h#a', 'h:80', undefined],
    ['http://[::1]:81/a:b@c', '[::1]:81', '/a:b@c'],
    ['http://h//a/../b', 'h:80', '//a/../b'],
    ['unix:///run/app.sock', '/run/app.sock', undefined],
    ['UNIX:///run/a b/ü.sock', '/run/a b/ü.sock', undefined],
    ['icmp://H', 'h', undefined],
    ['icmp://[::1]', '::1', undefined],
    ['icmp://::1', '::1', undefined],
  ])('reads %s as %s and what is asked for there: %s', (text, canonical, resource) => {
    expect(endpointOf(text)).toBe(canonical);
    const read = parseAddress(text);
    expect(read.ok && read.value.resource).toBe(resource);
  });

  it.each([
    ['http://', 'the host is missing'],
    ['http:///a', 'the host is missing'],
    ['http://h:0/', 'the port must be 1 to 65535, not "0"'],
    ['http://h:a/', 'the port must be 1 to 65535, not "a"'],
    ['http://u:p@h/', 'a password has no place in an address: write basic_auth'],
    ['http://h/a b', 'its path must be written in ASCII, other characters as %XX'],
    ['http://h/ä', 'its path must be written in ASCII, other characters as %XX'],
    ['http://h/\n', 'its path must be written in ASCII, other characters as %XX'],
    [`http://h/${'a'.repeat(2000)}`, 'its path is longer than 2000 characters'],
    ['redis://h/0', 'is not a host name'],
    ['unix://run/app.sock', 'a Unix socket is written as its whole path, such as /run/app.sock'],
    ['unix:///', 'a Unix socket is written as its whole path, such as /run/app.sock'],
    ['unix:///run/', 'a Unix socket is written as its whole path, such as /run/app.sock'],
    ['unix:///run/\0', 'a Unix socket is written as its whole path, such as /run/app.sock'],
    ['unix:///run/../etc/a', 'the path of a Unix socket must not have //, /./ or /../ in it'],
    ['unix:///run/./a', 'the path of a Unix socket must not have //, /./ or /../ in it'],
    ['unix:////run/a', 'the path of a Unix socket must not have //, /./ or /../ in it'],
    ['unix:///run/..', 'the path of a Unix socket must not have //, /./ or /../ in it'],
    [`unix:///${'ü'.repeat(60)}`, 'the path of a Unix socket has at most 107 bytes'],
    ['icmp://h:1', 'it is a host as a whole: leave out the port'],
  ])('refuses %j and says what would be right', (text, problem) => {
    expect(parseAddress(text)).toEqual({ ok: false, problem: expect.stringContaining(problem) });
  });

  it.each([
    ['', 'the port is missing'],
    ['db', 'the port is missing'],
    ['sftp://db', 'the port is missing'],
    ['db:', 'the port must be 1 to 65535, not ""'],
    ['db:0', 'the port must be 1 to 65535, not "0"'],
    ['db:65536', 'the port must be 1 to 65535, not "65536"'],
    ['db:-1', 'the port must be 1 to 65535, not "-1"'],
    ['db:http', 'the port must be 1 to 65535, not "http"'],
    ['db:80/path', 'the port must be 1 to 65535, not "80/path"'],
    [':80', 'the host is missing'],
    ['[]:80', 'the host is missing'],
    ['::1:80', 'an IPv6 address needs brackets'],
    ['fe80::1', 'an IPv6 address needs brackets'],
    ['[fe80::1]:22', 'a link-local address needs its interface, such as [fe80::1%eth0]'],
    ['[::1', 'the bracket of the IPv6 address is not closed'],
    ['[::1]80', 'the bracket of the IPv6 address is not closed, or something else than :port follows it'],
    ['[::g]:80', '"::g" is not an IPv6 address'],
    ['[10.0.0.1]:80', '"10.0.0.1" is not an IPv6 address'],
    ['[1.2.3.4::]:80', '"1.2.3.4::" is not an IPv6 address'],
    ['[::1%]:80', '"::1%" is not an IPv6 address'],
    ['[::1%a b]:80', '"::1%a b" is not an IPv6 address'],
    ['300.1.1.1:80', '"300.1.1.1" is not a host name or an IPv4 address'],
    ['127.1:80', '"127.1" is not a host name or an IPv4 address'],
    ['010.0.0.1:80', '"010.0.0.1" is not a host name or an IPv4 address'],
    ['a b:80', '"a b" is not a host name or an IPv4 address'],
    ['-a:80', '"-a" is not a host name or an IPv4 address'],
    ['a..b:80', '"a..b" is not a host name or an IPv4 address'],
    ['user@db:80', 'users and passwords have no place in it: leave out all before the last @'],
    ['bücher.example:80', '"bücher.example" is not a host name or an IPv4 address'],
    ['gopher://db:80', '"gopher" is not a known service'],
    [`${'a'.repeat(64)}:80`, 'is not a host name or an IPv4 address'],
    [`${'a.'.repeat(127)}b:80`, 'is not a host name or an IPv4 address'],
  ])('refuses %s and says what would be right', (text, problem) => {
    const read = parseAddress(text);
    expect(read).toEqual({ ok: false, problem: expect.stringContaining(problem) });
    expect(read).toEqual({ ok: false, problem: expect.stringContaining('write host:port') });
  });
});

describe('a password in an address', () => {
  it.each([
    ['http://u:SEKRET@h/', 'http://u:<secret>@h/'],
    ['http://SEKRET@h', 'http://<secret>@h'],
    ['http://u:SEK/RET@h', 'http://u:<secret>@h'],
    ['http://u:/SEKRET?@h', 'http://u:<secret>@h'],
    ['redis://:SEKRET@127.0.0.1:6379', 'redis://:<secret>@127.0.0.1:6379'],
    ['redis://u:SEK@RET@h', 'redis://u:<secret>@h'],
    ['redis://SEKRET@h:1', 'redis://<secret>@h:1'],
    ['gopher://u:SEKRET@h', 'gopher://u:<secret>@h'],
    ['u:SEKRET@h:1', 'u:<secret>@h:1'],
    [':SEKRET@[::1]:1', ':<secret>@[::1]:1'],
    ['icmp://u:SEKRET@h', 'icmp://u:<secret>@h'],
    [`u:SEKRET${'a'.repeat(200)}@h:1`, 'u:<secret>@h:1'],
  ])('is not shown: %s', (text, shown) => {
    const problem = endpointOf(text);
    expect(problem).toMatch(`"${shown}" is not an address: `);
    expect(problem).not.toMatch(/SEK|RET/);
  });

  it('is nothing that a path has: it is shown as it is', () => {
    expect(endpointOf('unix://run/user@1000/a.sock')).toContain('"unix://run/user@1000/a.sock" is not an address');
    expect(endpointOf('http://h/a@b')).toBe('h:80');
  });
});

describe('parseAddress, whatever it is given', () => {
  it('reads what formatEndpoint writes as the same place', () => {
    const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?$/);
    const name = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => `n${labels.join('.')}`);
    const host = fc.oneof(
      name,
      fc.ipV4(),
      fc.ipV6().map((text) => `[${text}]`),
    );
    fc.assert(
      fc.property(host, fc.integer({ min: 1, max: 65535 }), (at, port) => {
        const once = endpointOf(`${at}:${port}`);
        expect(once).not.toContain('is not an address');
        expect(endpointOf(once)).toBe(once);
        expect(once.endsWith(`:${port}`)).toBe(true);
      }),
    );
  });

  it('never throws, and what it accepts has no space, no control character and a port', () => {
    const strange = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom(...'[]:%./a1f 0') }));
    fc.assert(
      fc.property(strange, (text) => {
        const read = parseAddress(text);
        if (read.ok) expect(formatEndpoint(read.value.endpoint)).toMatch(/^[\w.:[\]%-]+:\d{1,5}$/);
        else expect(read.problem.length).toBeLessThan(400);
      }),
    );
  });

  it('has a usual port for every service that is an address scheme', () => {
    for (const { name, ports, form } of SERVICES)
      expect(parseAddress(`${name}://h`).ok, name).toBe(ports.length > 0 || form === 'host');
  });
});
