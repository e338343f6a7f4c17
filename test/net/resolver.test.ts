import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/net/clock.ts';
import { type Family, type Resolution, Resolver } from '../../src/net/resolver.ts';
import { SystemNames } from '../../src/net/system-names.ts';
import { type DnsReply, type DnsServer, dnsServer } from '../helpers/dns-server.ts';

const IP4: Family = { prefer: 4, fallback: true };
let dir: string;
let now = 0;
const clock = { ...systemClock, now: () => now };

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'names-'));
  now = 0;
});
afterEach(() => rmSync(dir, { recursive: true }));

type Files = { readonly hosts?: string; readonly resolvConf?: string; readonly nsswitch?: string };

function resolver(files: Files): Resolver {
  const put = (name: string, text = '') => {
    writeFileSync(join(dir, name), text);
    return join(dir, name);
  };
  return new Resolver(
    clock,
    new SystemNames({
      hosts: put('hosts', files.hosts),
      resolvConf: put('resolv.conf', files.resolvConf),
      nsswitch: put('nsswitch.conf', files.nsswitch),
    }),
  );
}

function withServer(server: DnsServer, more = ''): Resolver {
  return resolver({ resolvConf: `nameserver ${server.address}\n${more}` });
}

function ask(by: Resolver, host: string, family = IP4): Promise<Resolution> {
  return new Promise((resolve) => by.resolve(host, family, resolve));
}

async function told(by: Resolver, host: string, family = IP4): Promise<string> {
  const outcome = await ask(by, host, family);
  return outcome.ok ? `${outcome.address.text}${outcome.stale ? ' stale' : ''}` : outcome.reason;
}

describe('what any program on the machine would see', () => {
  test.each([
    ['localhost is this machine without any file', {}, 'localhost', '127.0.0.1'],
    ['names under localhost are too', {}, 'db.localhost', '127.0.0.1'],
    [
      'the hosts file comes before DNS',
      { hosts: '192.0.2.7 db db.internal # a comment\n' },
      'db.internal',
      '192.0.2.7',
    ],
    ['the hosts file knows names in any case', { hosts: '192.0.2.7 DB\n' }, 'db', '192.0.2.7'],
    ['a trailing dot does not hide the hosts file', { hosts: '192.0.2.7 db.internal\n' }, 'db.internal.', '192.0.2.7'],
    ['the preferred family is taken from the hosts file', { hosts: '::5 db\n192.0.2.7 db\n' }, 'db', '192.0.2.7'],
    ['the other family does where there is only that', { hosts: '::5 db\n' }, 'db', '::5'],
  ])('%s', async (_, files, host, address) => {
    expect(await told(resolver(files), host)).toBe(address);
  });

  test('localhost is ::1 for who prefers IPv6', async () => {
    expect(await told(resolver({}), 'localhost', { prefer: 6, fallback: true })).toBe('::1');
  });

  test('an address of the other family does not do without fallback', async () => {
    expect(await told(resolver({ hosts: '::5 db\n' }), 'db', { prefer: 4, fallback: false })).toBe('dns_not_found');
  });

  test('a changed hosts file counts within seconds', async () => {
    const by = resolver({ hosts: '192.0.2.1 db\n' });
    expect(await told(by, 'db')).toBe('192.0.2.1');
    writeFileSync(join(dir, 'hosts'), '192.0.2.22 db\n');
    now += 5000;
    expect(await told(by, 'db')).toBe('192.0.2.22');
  });

  test('sources that only the system can ask are left to the system', async () => {
    const by = resolver({ nsswitch: 'hosts: files ldap dns\n', resolvConf: 'nameserver 127.0.0.1:1\n' });
    expect(await told(by, 'localhost')).toBe('127.0.0.1');
  });
});

test('names under .local with more than one label are plain DNS, as in Kubernetes', async () => {
  await using server = await dnsServer(() => ['192.0.2.3']);
  const by = resolver({
    resolvConf: `nameserver ${server.address}\n`,
    nsswitch: 'hosts: files mdns4_minimal [NOTFOUND=return] dns\n',
  });
  expect(await told(by, 'db.default.svc.cluster.local')).toBe('192.0.2.3');
});

test('without multicast DNS on the machine, name.local is plain DNS too', async () => {
  await using server = await dnsServer(() => ['192.0.2.3']);
  expect(await told(withServer(server), 'printer.local')).toBe('192.0.2.3');
});

describe('search domains', () => {
  test.each([
    ['a short name is searched first', 'search a.test b.test', 'db', ['A db.a.test', 'A db.b.test']],
    ['a name with a dot is asked as it is first', 'search a.test', 'db.b.test', ['A db.b.test']],
    [
      'ndots says how many dots are enough',
      'search a.test\noptions ndots:5',
      'db.b.test',
      ['A db.b.test.a.test', 'A db.b.test'],
    ],
    ['a trailing dot forbids the search', 'search a.test', 'db.b.test.', ['A db.b.test']],
  ])('%s', async (_, conf, host, questions) => {
    await using server = await dnsServer((type, name) =>
      type === 'A' && name === 'db.b.test' ? ['192.0.2.9'] : 'NXDOMAIN',
    );
    expect(await told(withServer(server, conf), host)).toBe('192.0.2.9');
    expect(server.questions).toEqual(questions);
  });
});

describe('reasons', () => {
  test.each<[string, DnsReply, string]>([
    ['a name that does not exist', 'NXDOMAIN', 'dns_not_found'],
    ['a name without an address', [], 'dns_not_found'],
    ['a server that fails', 'SERVFAIL', 'dns_failure'],
    ['a server that refuses', 'REFUSED', 'dns_failure'],
  ])('%s is %s', async (_, reply, reason) => {
    await using server = await dnsServer(() => reply);
    expect(await told(withServer(server), 'db.test')).toBe(reason);
  });

  test('a server that is silent is dns_timeout', async () => {
    await using server = await dnsServer(() => 'silence');
    expect(await told(withServer(server), 'db.test')).toBe('dns_timeout');
  }, 15_000);

  test('an address of the other family is found when the preferred one has none', async () => {
    await using server = await dnsServer((type) => (type === 'AAAA' ? ['::1'] : []));
    expect(await told(withServer(server), 'db.test')).toBe('::1');
  });
});

describe('an address of the preferred family that is not there', () => {
  const both: Family = { prefer: 6, fallback: true };

  test('does not make the other one unknown: whether that is there must be told', async () => {
    let reply: DnsReply = ['192.0.2.1'];
    await using server = await dnsServer((type) => (type === 'AAAA' ? [] : reply));
    const by = withServer(server);
    expect(await told(by, 'db.test', both)).toBe('192.0.2.1');
    now += 60_000;
    reply = 'SERVFAIL';
    expect(await told(by, 'db.test', both)).toBe('192.0.2.1 stale');
    expect(await told(withServer(server), 'db.test', both)).toBe('dns_failure');
    reply = [];
    expect(await told(by, 'db.test', both)).toBe('dns_not_found');
  });

  test('is not known when its server fails: the other one does not tell', async () => {
    await using server = await dnsServer((type) => (type === 'AAAA' ? 'SERVFAIL' : []));
    expect(await told(withServer(server), 'db.test', both)).toBe('dns_failure');
  });
});

describe('resolv.conf', () => {
  test.each(['dns.example', '300.0.0.1', '127.0.0.1:x', ''])(
    'a server that is no address (%j) is passed over',
    async (bad) => {
      await using server = await dnsServer(() => ['192.0.2.1']);
      const by = resolver({ resolvConf: `nameserver ${bad}\nnameserver ${server.address}\n` });
      expect(await told(by, 'db.test')).toBe('192.0.2.1');
    },
  );
});

describe('cache', () => {
  test('questions for one name at the same time are one question', async () => {
    await using server = await dnsServer(() => ['192.0.2.1']);
    const by = withServer(server);
    await Promise.all(Array.from({ length: 50 }, () => told(by, 'db.test')));
    expect(server.questions).toEqual(['A db.test']);
  });

  test('an answer is used again for its time to live, at once', async () => {
    await using server = await dnsServer(() => ['192.0.2.1'], 10);
    const by = withServer(server);
    await told(by, 'db.test');
    now += 9000;
    const done = vi.fn();
    by.resolve('db.test', IP4, done);
    expect(done).toHaveBeenCalledOnce();
    now += 2000;
    await told(by, 'db.test');
    expect(server.questions).toHaveLength(2);
  });

  test('a very long time to live is cut to half a minute, so that a moved service is followed', async () => {
    await using server = await dnsServer(() => ['192.0.2.1'], 86_400);
    const by = withServer(server);
    await told(by, 'db.test');
    now += 31_000;
    await told(by, 'db.test');
    expect(server.questions).toHaveLength(2);
  });

  test('when the resolver fails the last answer stands in for five minutes', async () => {
    let reply: DnsReply = ['192.0.2.1'];
    await using server = await dnsServer(() => reply);
    const by = withServer(server);
    await told(by, 'db.test');
    reply = 'SERVFAIL';
    now += 60_000;
    expect(await told(by, 'db.test')).toBe('192.0.2.1 stale');
    now += 300_000;
    expect(await told(by, 'db.test')).toBe('dns_failure');
  });

  test('that a name is gone is an answer: nothing stands in for it', async () => {
    let reply: DnsReply = ['192.0.2.1'];
    await using server = await dnsServer(() => reply);
    const by = withServer(server);
    await told(by, 'db.test');
    reply = 'NXDOMAIN';
    now += 60_000;
    expect(await told(by, 'db.test')).toBe('dns_not_found');
    reply = 'SERVFAIL';
    expect(await told(by, 'db.test')).toBe('dns_failure');
  });

  test('who stops waiting for a silent resolver gets the last answer, and is not called any more', async () => {
    let reply: DnsReply = ['192.0.2.1'];
    await using server = await dnsServer(() => reply);
    const by = withServer(server);
    await told(by, 'db.test');
    reply = 'silence';
    now += 60_000;
    const done = vi.fn();
    expect(by.resolve('db.test', IP4, done)?.abandon()?.text).toBe('192.0.2.1');
    expect(done).not.toHaveBeenCalled();
  });
});
