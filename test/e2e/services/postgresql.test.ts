import { expect, vi } from 'vitest';
import { Authorities } from '../../../src/net/authorities.ts';
import { systemClock } from '../../../src/net/clock.ts';
import { Visitor, visit } from '../../helpers/checks.ts';
import { createAuthority, EXPIRED } from '../../helpers/e2e-certificates.ts';
import { freePort } from '../../helpers/e2e-ports.ts';
import type { Program } from '../../helpers/e2e-program.ts';
import { needs } from '../../helpers/programs.ts';
import { holdSession, type PostgreSql, startPostgreSql } from '../../helpers/servers/postgresql.ts';
import { testWorld } from '../../helpers/world.ts';

const SCRAM = 'host all all 127.0.0.1/32 scram-sha-256';
const REJECTED = 'host all rejected 127.0.0.1/32 reject';
const TRUSTED = 'host all trusted,unknown 127.0.0.1/32 trust';

/** What the server has logged when `body` is over, beyond what it had before. */
async function logged(server: { readonly log: () => string }, body: () => Promise<void>): Promise<readonly string[]> {
  const lines = () => server.log().trimEnd().split('\n');
  const before = lines().length;
  await body();
  await settled(lines);
  return lines().slice(before);
}

/** Until the server has said nothing new for a moment. */
async function settled(lines: () => readonly string[]): Promise<void> {
  let last = -1;
  await vi.waitFor(
    () => {
      const now = lines().length;
      const isQuiet = now === last;
      last = now;
      expect(isQuiet).toBe(true);
    },
    { interval: 100, timeout: 5000 },
  );
}

/** Sessions that ended badly, in the server's own count. */
function badEnds(server: PostgreSql): Promise<string> {
  return server.sql('SELECT sum(sessions_abandoned), sum(sessions_fatal), sum(sessions_killed) FROM pg_stat_database');
}

needs('postgres')('PostgreSQL is up, and neither probes nor connects leave a trace', async (stage) => {
  const server = await startPostgreSql(stage, { hba: [TRUSTED, REJECTED, SCRAM] });
  await server.sql('CREATE ROLE trusted LOGIN');
  const before = await badEnds(server);
  const password = new Visitor(server.address, { service: 'postgresql' });
  const session = new Visitor(server.address, {
    service: 'postgresql',
    options: { user: 'trusted', database: 'postgres' },
  });
  const lines = await logged(server, async () => {
    expect(await new Visitor(server.address, {}).probes(300)).toEqual({ up: 300 });
    expect(await password.probes(300)).toEqual({ up: 300 });
    expect(await session.probes(300)).toEqual({ up: 300 });
  });
  expect(lines).toEqual([]);
  expect(await badEnds(server)).toBe(before);
  expect((await password.probe()).service).toEqual({ state: 'auth_required' });
  expect((await session.probe()).service).toEqual({
    version: await server.sql('SHOW server_version'),
    state: 'primary',
  });
  const wanting = await visit(server.address, { service: 'postgresql', tls: { how: 'starttls' } });
  expect(wanting.failure).toMatchObject({ reason: 'tls_handshake_failed', phase: 'handshake' });
  const offered = new Visitor(server.address, { service: 'postgresql', tls: { how: 'offered', judge: 'expiry' } });
  expect(await offered.probes(2)).toEqual({ up: 2 });

  server.program.signal('SIGSTOP');
  stage.onEnd(() => server.program.signal('SIGCONT'));
  const stopped = await visit(server.address, { service: 'postgresql', timeoutMs: 500 });
  expect(stopped.failure).toMatchObject({ reason: 'timeout', phase: 'handshake' });
});

needs('postgres')('PostgreSQL that refuses the prober is up, and logs that once', async (stage) => {
  const server = await startPostgreSql(stage, { hba: [TRUSTED, REJECTED, SCRAM] });
  await server.sql('CREATE ROLE trusted LOGIN');
  const cases = [
    { options: { user: 'rejected' }, state: 'host_not_allowed', said: /pg_hba.conf rejects connection/ },
    { options: { user: 'unknown' }, state: 'auth_required', said: /role "unknown" does not exist/ },
    { options: { user: 'trusted' }, state: 'auth_required', said: /database "trusted" does not exist/ },
  ];
  for (const { options, state, said } of cases) {
    const visitor = new Visitor(server.address, { service: 'postgresql', options });
    const lines = await logged(server, async () => {
      expect((await visitor.probe()).service).toEqual({ state });
      expect(await visitor.probes(100)).toEqual({ up: 100 });
      expect((await visitor.probe()).service).toEqual({ state });
    });
    expect(lines).toEqual([expect.stringMatching(said)]);
  }
  const silent = new Visitor(server.address, {
    service: 'postgresql',
    options: { user: 'rejected', depth: 'encryption' },
  });
  const lines = await logged(server, async () => expect(await silent.probes(300)).toEqual({ up: 300 }));
  expect(lines).toEqual([]);
});

needs('postgres', 'openssl')('PostgreSQL is judged by its certificate, without a trace', async (stage) => {
  const authority = await createAuthority(stage, 'own');
  const good = await authority.issue('db.example');
  const expired = await authority.issue('db.example', EXPIRED);
  const server = await startPostgreSql(stage, {
    hba: ['hostssl all trusted 127.0.0.1/32 trust', `hostssl ${SCRAM.slice(5)}`],
    settings: { ssl: 'on' },
    files: { 'server.crt': good.cert, 'server.key': good.key },
  });
  await server.sql('CREATE ROLE trusted LOGIN');
  const tls = { how: 'starttls', serverName: 'db.example' } as const;
  const trusting = testWorld({ authorities: new Authorities(systemClock, { SSL_CERT_FILE: authority.file }) });
  const password = new Visitor(server.address, { service: 'postgresql', tls }, trusting);
  const session = new Visitor(
    server.address,
    { service: 'postgresql', tls, options: { user: 'trusted', database: 'postgres' } },
    trusting,
  );
  const untrusting = new Visitor(server.address, { service: 'postgresql', tls });
  const offered = new Visitor(server.address, { service: 'postgresql', tls: { how: 'offered', judge: 'expiry' } });
  const certificate = { earliestExpiry: good.expiry, subject: expect.stringContaining('db.example') };
  const lines = await logged(server, async () => {
    expect(await password.probes(300)).toEqual({ up: 300 });
    expect(await session.probe()).toMatchObject({
      service: { version: expect.stringMatching(/^\d+\.\d+/), state: 'primary' },
      tls: { version: 'TLS 1.3', certificate },
    });
    const untrusted = await untrusting.probe();
    expect(untrusted).toMatchObject({
      failure: { reason: 'tls_certificate_untrusted', phase: 'tls' },
      tls: { certificate },
    });
    await untrusting.probes(20);
    expect(await offered.probes(20)).toEqual({ up: 20 });
    expect(await offered.probe()).toMatchObject({ service: { state: 'auth_required' }, tls: { certificate } });
  });
  expect(lines).toEqual([]);

  server.write('server.crt', expired.cert);
  server.write('server.key', expired.key);
  await server.sql('SELECT pg_reload_conf()');
  await server.program.said(/reloading configuration files/);
  for (const visitor of [password, offered]) {
    expect(await visitor.probe()).toMatchObject({
      failure: { reason: 'tls_certificate_expired', phase: 'tls' },
      tls: { certificate: { earliestExpiry: expired.expiry } },
    });
  }
});

needs('postgres')(
  'PostgreSQL that takes no clear connection is up for one that does not speak TLS, and logs it once',
  async (stage) => {
    const authority = await createAuthority(stage, 'own');
    const good = await authority.issue('db.example');
    const server = await startPostgreSql(stage, {
      hba: [`hostssl ${SCRAM.slice(5)}`],
      settings: { ssl: 'on' },
      files: { 'server.crt': good.cert, 'server.key': good.key },
    });
    const clear = new Visitor(server.address, { service: 'postgresql' });
    const lines = await logged(server, async () => expect(await clear.probes(20)).toEqual({ up: 20 }));
    expect(lines).toEqual([expect.stringContaining('no pg_hba.conf entry for host')]);
  },
);

needs('postgres')('PostgreSQL with too many connections is unavailable, in its own words', async (stage) => {
  const settings = { max_connections: '4', superuser_reserved_connections: '2', max_wal_senders: '0' };
  const server = await startPostgreSql(stage, { hba: [TRUSTED, SCRAM], settings });
  await server.sql('CREATE ROLE trusted LOGIN');
  const nobody = new Visitor(server.address, { service: 'postgresql' });
  const options = { user: 'trusted', database: 'postgres' };
  const trusted = new Visitor(server.address, { service: 'postgresql', options });
  for (const user of ['trusted', 'trusted']) await holdSession(stage, server.port, user);
  // Before the login nobody knows whom the last connections are reserved for.
  expect((await nobody.probe()).service?.state).toBe('auth_required');
  const reserved = await trusted.probe();
  expect(reserved.failure).toEqual({
    reason: 'service_unavailable',
    phase: 'handshake',
    detail:
      'the service says "remaining connection slots are reserved for non-replication superuser connections (SQLSTATE 53300)"',
  });
  for (const user of ['postgres', 'postgres']) await holdSession(stage, server.port, user);
  const full = await nobody.probe();
  expect(full.failure).toMatchObject({
    reason: 'service_unavailable',
    detail: 'the service says "sorry, too many clients already (SQLSTATE 53300)"',
  });
});

needs('postgres')('PostgreSQL that is not yet ready is unavailable, in its own words', async (stage) => {
  const server = await startPostgreSql(stage, {
    hba: [SCRAM],
    settings: { hot_standby: 'off', restore_command: 'false' },
    files: { 'standby.signal': '' },
    ready: /entering standby mode/,
  });
  const visitor = new Visitor(server.address, { service: 'postgresql' });
  const { failure } = await visitor.probe();
  expect(failure).toMatchObject({ reason: 'service_unavailable', phase: 'handshake' });
  expect(failure?.detail).toMatch(/the database system is (not accepting connections|starting up) \(SQLSTATE 57P03\)/);
  expect((await visitor.probe()).failure?.reason).toBe('service_unavailable');
});

needs('pgbouncer')(
  'PgBouncer is found out by its refusal, and from then on asked for encryption only',
  async (stage) => {
    const port = await freePort();
    const config = stage.write(
      'pgbouncer.ini',
      [
        '[databases]',
        `* = host=127.0.0.1 port=${await freePort()}`,
        '[pgbouncer]',
        'listen_addr = 127.0.0.1',
        `listen_port = ${port}`,
        'unix_socket_dir =',
        'auth_type = scram-sha-256',
        `auth_file = ${stage.write('users', '"someone" "secret"\n')}`,
        '',
      ].join('\n'),
    );
    const isRoot = process.getuid?.() === 0;
    const pgbouncer: Program = stage.start(['pgbouncer', ...(isRoot ? ['-u', 'nobody'] : []), config]);
    await pgbouncer.said(/process up/);
    const server = { log: () => pgbouncer.stderr };
    const visitor = new Visitor(`127.0.0.1:${port}`, { service: 'postgresql' });
    const raw = new Visitor(`127.0.0.1:${port}`, {});
    expect(await logged(server, async () => expect(await raw.probes(300)).toEqual({ up: 300 }))).toEqual([]);
    const first = await logged(server, async () =>
      expect((await visitor.probe()).service).toEqual({ state: 'pooler' }),
    );
    expect(first.join('\n')).toContain('unsupported startup parameter');
    expect(await logged(server, async () => expect(await visitor.probes(300)).toEqual({ up: 300 }))).toEqual([]);
    expect((await visitor.probe()).service).toEqual({ state: 'pooler' });
  },
);
