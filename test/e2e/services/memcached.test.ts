import { connect } from 'node:net';
import { expect, vi } from 'vitest';
import { Authorities } from '../../../src/net/authorities.ts';
import { systemClock } from '../../../src/net/clock.ts';
import { Visitor, visit } from '../../helpers/checks.ts';
import { createAuthority, EXPIRED } from '../../helpers/e2e-certificates.ts';
import type { Stage } from '../../helpers/e2e-stage.ts';
import { needs } from '../../helpers/programs.ts';
import { hang } from '../../helpers/servers/hung.ts';
import { startMemcached } from '../../helpers/servers/memcached.ts';
import { NobodysDirectory } from '../../helpers/servers/nobody.ts';
import { testWorld } from '../../helpers/world.ts';

/** What it counts of clients that did not behave. */
const FAULTS = ['auth_errors', 'rejected_connections', 'conn_yields', 'idle_kicks', 'read_buf_oom_store'] as const;

needs('memcached', 'setpriv')(
  'a memcached is up with its version, and 300 visits leave nothing in its log or counters',
  async (stage) => {
    const memcached = await startMemcached(stage);
    const { service } = await visit(memcached.address, { service: 'memcached' });
    expect(service).toEqual({ version: expect.stringMatching(/^1\.\d+\.\d+/) });
    expect((await visit(memcached.address, { service: 'memcached', options: { protocol: 'binary' } })).service).toEqual(
      service,
    );

    const before = await memcached.stats();
    expect(await new Visitor(memcached.address, { service: 'memcached' }).probes(300)).toEqual({ up: 300 });
    expect(await new Visitor(memcached.address, {}).probes(300)).toEqual({ up: 300 });
    const since = await memcached.stats();

    // A connect is over at once: the kernel takes one that ends before it was accepted out of the queue, and nobody counts it.
    const more = (since['total_connections'] ?? 0) - (before['total_connections'] ?? 0);
    expect(more).toBeGreaterThan(301);
    expect(more).toBeLessThanOrEqual(601);
    expect(since['curr_connections']).toBe(before['curr_connections']);
    for (const fault of FAULTS) expect({ fault, count: since[fault] ?? 0 }).toEqual({ fault, count: 0 });
    expect(memcached.program.stderr).toBe('');
  },
);

needs('memcached', 'setpriv')(
  'a memcached with all connections taken is unavailable, in its own words',
  async (stage) => {
    const memcached = await startMemcached(stage, { args: ['-c', '32'] });
    const others = Array.from({ length: 40 }, () => connect({ port: memcached.port, host: '127.0.0.1' }));
    for (const other of others) other.on('error', () => undefined).resume();
    stage.onEnd(() => {
      for (const other of others) other.destroy();
    });
    await vi.waitFor(() => expect(others.filter((other) => other.readableEnded).length).toBeGreaterThan(0));
    const visitor = new Visitor(memcached.address, { service: 'memcached' });
    expect(await visitor.probes(100)).toEqual({
      'service_unavailable in handshake: the service says "ERROR Too many open connections"': 100,
    });
  },
);

needs('memcached', 'setpriv')('a memcached that wants a password is up and says so', async (stage) => {
  const directory = new NobodysDirectory(stage, 'memcached');
  const text = await startMemcached(stage, { args: ['-Y', directory.write('users', 'user:password\n')] });
  const visitor = new Visitor(text.address, { service: 'memcached' });
  expect((await visitor.probe()).service).toEqual({ state: 'auth_required' });
  const before = await visitor.probes(300);
  expect(before).toEqual({ up: 300 });
  expect(text.program.stderr).toBe('');

  const sasl = await startMemcached(stage, { args: ['-S'], env: { SASL_CONF_PATH: directory.path } });
  const binary = new Visitor(sasl.address, { service: 'memcached', options: { protocol: 'binary' } });
  const { failure, service } = await binary.probe();
  expect({ failure, service }).toEqual({ failure: undefined, service: { version: expect.stringMatching(/^1\./) } });
  expect(await binary.probes(300)).toEqual({ up: 300 });
  expect(sasl.program.stderr).toBe('');
});

needs('memcached', 'setpriv')('a memcached that hangs is told by its silence', async (stage) => {
  const memcached = await startMemcached(stage);
  await hang(stage, memcached.program);
  const { failure } = await visit(memcached.address, { service: 'memcached', timeoutMs: 300 });
  expect(failure).toMatchObject({ reason: 'timeout', phase: 'handshake' });
});

needs(
  'memcached',
  'setpriv',
  'openssl',
)('a memcached with TLS is up by a certificate that will do and by no other', async (stage) => {
  const authority = await createAuthority(stage, 'known');
  const foreign = await createAuthority(stage, 'unknown');
  const good = await startMemcached(stage, { certificate: await authority.issue('localhost') });
  const visitor = seenBy(authority, good.address);
  expect((await visitor.probe()).service).toEqual({ version: expect.stringMatching(/^1\./) });
  expect(await visitor.probes(100)).toEqual({ up: 100 });
  expect(good.program.stderr).toBe('');
  expect(await verdict(stage, authority, await authority.issue('localhost', EXPIRED))).toBe('tls_certificate_expired');
  expect(await verdict(stage, authority, await foreign.issue('localhost'))).toBe('tls_certificate_untrusted');
});

type Trusted = Awaited<ReturnType<typeof createAuthority>>;

function seenBy(authority: Trusted, address: string): Visitor {
  const world = testWorld({ authorities: new Authorities(systemClock, { SSL_CERT_FILE: authority.file }) });
  return new Visitor(address, { service: 'memcached', tls: { how: 'direct', serverName: 'localhost' } }, world);
}

async function verdict(stage: Stage, authority: Trusted, certificate: { cert: Buffer; key: Buffer }) {
  const { address } = await startMemcached(stage, { certificate });
  const { failure } = await seenBy(authority, address).probe();
  return failure?.reason;
}
