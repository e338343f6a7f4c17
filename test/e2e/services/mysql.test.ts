import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, vi } from 'vitest';
import { Authorities } from '../../../src/net/authorities.ts';
import { systemClock } from '../../../src/net/clock.ts';
import { Visitor, visit } from '../../helpers/checks.ts';
import { createAuthority, EXPIRED } from '../../helpers/e2e-certificates.ts';
import type { Stage } from '../../helpers/e2e-stage.ts';
import { needs } from '../../helpers/programs.ts';
import { type MariaDb, startMariaDb } from '../../helpers/servers/mysql.ts';
import { testWorld } from '../../helpers/world.ts';

/** So that a host may be refused by its account at all, and not for being nobody's: an application's account. */
const ACCOUNTS = "CREATE USER app@'%' IDENTIFIED BY 'secret'; CREATE USER port_exporter@'%'";

async function counter(db: MariaDb, name: string): Promise<number> {
  const row = await db.sql(`SHOW GLOBAL STATUS LIKE '${name}'`);
  return Number(row.split('\t')[1]);
}

/** What the server holds against a client's address. */
async function heldAgainst(db: MariaDb, ip: string): Promise<number> {
  return Number(await db.sql(`SELECT SUM_CONNECT_ERRORS FROM performance_schema.host_cache WHERE IP = '${ip}'`));
}

/** How many warnings of connections the server has logged about an address, once they are so many. */
async function expectWarnings(db: MariaDb, ip: string, count: number): Promise<void> {
  const about = (line: string) => /Aborted connection|Access denied/.test(line) && line.includes(`'${ip}'`);
  await vi.waitFor(() => expect(db.log().split('\n').filter(about)).toHaveLength(count), { timeout: 5000 });
}

/** Takes so many of the server's connections until the test is over. */
async function take(stage: Stage, db: MariaDb, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const socket = connect(db.port, '127.0.0.1').on('error', () => undefined);
    stage.onEnd(() => socket.destroy());
    await once(socket, 'data');
  }
}

needs('mariadbd')(
  'MariaDB never blocks the host of a prober, whereas it blocks one that only connects',
  async (stage) => {
    const db = await startMariaDb(stage, () => ['--max-connect-errors=10']);
    await db.sql(ACCOUNTS);

    expect(await new Visitor(db.address, { sourceIp: '127.0.0.2' }).probes(300)).toEqual({ up: 300 });
    const blocked = await visit(db.address, { service: 'mysql', sourceIp: '127.0.0.2' });
    expect(blocked.failure).toMatchObject({ reason: 'service_unavailable', phase: 'handshake' });
    expect(blocked.failure?.detail).toMatch(
      /Host '127.0.0.2' is blocked because of many connection errors.*\(error 1129\)/,
    );
    expect(await heldAgainst(db, '127.0.0.2')).toBeGreaterThanOrEqual(10);

    const nobody = new Visitor(db.address, { service: 'mysql', sourceIp: '127.0.0.3', options: { user: 'nobody' } });
    expect(await nobody.probes(300)).toEqual({ up: 300 });
    const up = await nobody.probe();
    expect(up.failure).toBeUndefined();
    expect(up.service).toEqual({ version: await db.sql('SELECT VERSION()'), state: 'auth_required' });
    expect(await heldAgainst(db, '127.0.0.3')).toBe(0);
    await expectWarnings(db, '127.0.0.3', 301);

    const counters = async () => [await counter(db, 'Aborted_connects'), await counter(db, 'Access_denied_errors')];
    const before = await counters();
    const account = new Visitor(db.address, {
      service: 'mysql',
      sourceIp: '127.0.0.4',
      options: { user: 'port_exporter' },
    });
    expect(await account.probes(300)).toEqual({ up: 300 });
    expect((await account.probe()).service).toEqual({ version: await db.sql('SELECT VERSION()') });

    const polite = { service: 'mysql', courtesy: true, options: { user: 'port_exporter' } } as const;
    const plain = new Visitor(db.address, { ...polite, sourceIp: '127.0.0.5' });
    expect(await plain.probes(300)).toEqual({ up: 300 });
    const last = await plain.probe();
    expect(last.failure).toBeUndefined();
    expect(last.service).toBeUndefined();
    expect(await counters()).toEqual(before);
    for (const ip of ['127.0.0.4', '127.0.0.5']) {
      expect(await heldAgainst(db, ip)).toBe(0);
      await expectWarnings(db, ip, 0);
    }

    const courteousNobody = {
      service: 'mysql',
      courtesy: true,
      options: { user: 'nobody' },
      sourceIp: '127.0.0.6',
    } as const;
    expect(await new Visitor(db.address, courteousNobody).probes(301)).toEqual({ up: 301 });
    expect(await heldAgainst(db, '127.0.0.6')).toBe(0);
  },
);

needs('mariadbd')('a login forgives the host what it did before', async (stage) => {
  const db = await startMariaDb(stage, () => ['--max-connect-errors=10']);
  await db.sql(ACCOUNTS);
  expect(await new Visitor(db.address, { sourceIp: '127.0.0.2' }).probes(9)).toEqual({ up: 9 });
  await vi.waitFor(async () => expect(await heldAgainst(db, '127.0.0.2')).toBe(9), { timeout: 5000 });
  await visit(db.address, { service: 'mysql', sourceIp: '127.0.0.2', options: { user: 'port_exporter' } });
  expect(await heldAgainst(db, '127.0.0.2')).toBe(0);
});

needs('mariadbd')(
  'an account that wants a password does not get the host blocked, however it wants it',
  async (stage) => {
    const db = await startMariaDb(stage, () => ['--max-connect-errors=10', '--plugin-load-add=auth_ed25519']);
    await db.sql(ACCOUNTS);
    await db.sql("CREATE USER signs@'%' IDENTIFIED VIA ed25519 USING PASSWORD('secret')");
    await db.sql("CREATE USER here@'%' IDENTIFIED VIA unix_socket");
    for (const user of ['app', 'signs', 'here']) {
      const visitor = new Visitor(db.address, { service: 'mysql', sourceIp: '127.0.0.2', options: { user } });
      expect((await visitor.probe()).service?.state).toBe('auth_required');
      expect(await visitor.probes(30)).toEqual({ up: 30 });
      expect(await heldAgainst(db, '127.0.0.2')).toBe(0);
    }
  },
);

needs('mariadbd')(
  'MariaDB with too many connections is unavailable, and one that is stopped times out',
  async (stage) => {
    const db = await startMariaDb(stage, () => ['--max-connections=10']);
    await db.sql(ACCOUNTS);
    await take(stage, db, 10);
    const account = { service: 'mysql', options: { user: 'port_exporter' } } as const;
    const version = expect.stringMatching(/^\d+\.\d+\.\d+-MariaDB/);
    const tooMany = {
      reason: 'service_unavailable',
      phase: 'handshake',
      detail: expect.stringContaining('(error 1040)'),
    };
    const lastForAdministrators = await visit(db.address, account);
    expect(lastForAdministrators).toMatchObject({ failure: tooMany, service: { version } });
    await take(stage, db, 1);
    const full = await visit(db.address, { service: 'mysql' });
    expect(full.failure).toEqual({ ...tooMany, detail: 'the service says "Too many connections (error 1040)"' });

    db.program.signal('SIGSTOP');
    stage.onEnd(() => db.program.signal('SIGCONT'));
    const stopped = await visit(db.address, { ...account, timeoutMs: 500 });
    expect(stopped.failure).toMatchObject({ reason: 'timeout', phase: 'handshake' });
  },
);

needs('mariadbd', 'openssl')(
  'MariaDB is judged by its certificate, and a bad one does not get the host blocked',
  async (stage) => {
    const authority = await createAuthority(stage, 'own');
    const good = await authority.issue('db.example');
    const expired = await authority.issue('db.example', EXPIRED);
    let files = { cert: '', key: '' };
    const db = await startMariaDb(stage, ({ write }) => {
      files = { cert: write('server.pem', good.cert), key: write('server.key', good.key) };
      return [`--ssl-cert=${files.cert}`, `--ssl-key=${files.key}`, '--max-connect-errors=10'];
    });
    await db.sql(ACCOUNTS);
    const tls = { how: 'starttls', serverName: 'db.example' } as const;
    const how = { service: 'mysql', tls, sourceIp: '127.0.0.2' } as const;
    const trusting = testWorld({ authorities: new Authorities(systemClock, { SSL_CERT_FILE: authority.file }) });
    const nobody = new Visitor(db.address, { ...how, options: { user: 'nobody' } }, trusting);
    expect((await nobody.probe()).service?.state).toBe('auth_required');
    expect(await nobody.probes(100)).toEqual({ up: 100 });
    const account = new Visitor(db.address, { ...how, options: { user: 'port_exporter' } }, trusting);
    const up = await account.probe();
    expect(up).toMatchObject({ tls: { version: 'TLS 1.3', certificate: { earliestExpiry: good.expiry } } });
    expect(up.failure).toBeUndefined();
    expect(up.phases.tls).toBeGreaterThan(0);

    const untrusting = new Visitor(db.address, { ...how, options: { user: 'nobody' } });
    const untrusted = await untrusting.probe();
    expect(untrusted.failure).toMatchObject({ reason: 'tls_certificate_untrusted', phase: 'tls' });
    expect(Object.keys(await untrusting.probes(20))).toEqual([
      expect.stringContaining('tls_certificate_untrusted in tls'),
    ]);
    expect(await heldAgainst(db, '127.0.0.2')).toBe(0);

    db.write('server.pem', expired.cert);
    db.write('server.key', expired.key);
    await db.sql('FLUSH SSL');
    const late = await account.probe();
    expect(late.failure).toMatchObject({ reason: 'tls_certificate_expired', phase: 'tls' });
    expect(late.tls?.certificate?.earliestExpiry).toBe(expired.expiry);
    expect(await heldAgainst(db, '127.0.0.2')).toBe(0);
  },
);

needs('mariadbd')('MariaDB without TLS fails whoever wants it, and is not left without a login', async (stage) => {
  const db = await startMariaDb(stage, () => ['--max-connect-errors=10']);
  await db.sql(ACCOUNTS);
  const how = { service: 'mysql', tls: { how: 'starttls' }, sourceIp: '127.0.0.2' } as const;
  const visitor = new Visitor(db.address, how);
  expect(Object.keys(await visitor.probes(20))).toEqual([
    'tls_handshake_failed in handshake: the server does not offer TLS',
  ]);
  expect(await heldAgainst(db, '127.0.0.2')).toBe(0);
});
