import { expect, vi } from 'vitest';
import { Authorities } from '../../../src/net/authorities.ts';
import { systemClock } from '../../../src/net/clock.ts';
import { Visitor, visit } from '../../helpers/checks.ts';
import { createAuthority, EXPIRED } from '../../helpers/e2e-certificates.ts';
import type { Stage } from '../../helpers/e2e-stage.ts';
import { closedPort } from '../../helpers/peers.ts';
import { needs } from '../../helpers/programs.ts';
import { logLines, startRedisServer } from '../../helpers/servers/redis.ts';
import { testWorld } from '../../helpers/world.ts';

const PROBES = 300;
const READY = /Ready to accept connections/;

needs('redis-server')('300 probes of a Redis leave no trace, nor do 300 connects', async (stage) => {
  const redis = await startRedisServer(stage);
  await redis.program.said(READY);
  const before = logLines(redis.program);
  expect(await new Visitor(redis.address, { service: 'redis' }).probes(PROBES)).toEqual({ up: PROBES });
  expect(await new Visitor(redis.address, {}).probes(PROBES)).toEqual({ up: PROBES });
  expect(await redis.counter('rejected_connections')).toBe(0);
  expect(await redis.counter('total_error_replies')).toBe(0);
  expect(await redis.counter('connected_clients')).toBe(1);
  expect(logLines(redis.program)).toBe(before);
});

needs('redis-server')('of 300 probes of a Redis with a password one counts as an error', async (stage) => {
  const redis = await startRedisServer(stage, { password: 'secret' });
  await redis.program.said(READY);
  const before = logLines(redis.program);
  const visitor = new Visitor(redis.address, { service: 'redis' });
  const { failure, service } = await visitor.probe();
  expect({ failure, service }).toEqual({ failure: undefined, service: { state: 'auth_required' } });
  expect(await visitor.probes(PROBES - 1)).toEqual({ up: PROBES - 1 });
  expect(await redis.counter('total_error_replies')).toBe(1);
  expect(await redis.counter('rejected_connections')).toBe(0);
  expect(logLines(redis.program)).toBe(before);
});

needs('redis-server')('a Redis that is loading is unavailable, and up afterwards', async (stage) => {
  const debug = ['--enable-debug-command', 'yes'];
  const first = await startRedisServer(stage, { args: debug });
  await first.program.said(READY);
  await first.ask('DEBUG', 'POPULATE', '20000', 'key', '100');
  await first.ask('SAVE');
  await first.program.end();
  const slowly = ['--key-load-delay', '150', '--loading-process-events-interval-bytes', '1024'];
  const redis = await startRedisServer(stage, { args: slowly });
  const visitor = new Visitor(redis.address, { service: 'redis' });
  expect((await visitor.probe()).failure).toEqual({
    reason: 'service_unavailable',
    phase: 'handshake',
    detail: 'the service says "LOADING Redis is loading the dataset in memory"',
  });
  await redis.program.said(READY);
  expect((await visitor.probe()).failure).toBeUndefined();
});

needs('redis-server')('a replica that has lost its master and may not serve old data is unavailable', async (stage) => {
  const nowhere = ['127.0.0.1', `${await closedPort()}`];
  const redis = await startRedisServer(stage, {
    args: ['--replicaof', ...nowhere, '--replica-serve-stale-data', 'no'],
  });
  await redis.program.said(READY);
  const { failure } = await visit(redis.address, { service: 'redis' });
  expect(failure).toMatchObject({ reason: 'service_unavailable', detail: /MASTERDOWN/ });
});

needs('redis-server')('a Redis that runs a script for too long is unavailable', async (stage) => {
  const redis = await startRedisServer(stage, { args: ['--busy-reply-threshold', '50'] });
  await redis.program.said(READY);
  await redis.hold('EVAL "while true do end" 0\r\n');
  await vi.waitFor(async () => {
    const { failure } = await visit(redis.address, { service: 'redis' });
    expect(failure).toMatchObject({ reason: 'service_unavailable', detail: /BUSY/ });
  }, 5000);
  await redis.ask('SCRIPT', 'KILL');
});

needs('redis-server')('a Redis with as many clients as it takes is unavailable', async (stage) => {
  const redis = await startRedisServer(stage, { args: ['--maxclients', '1'] });
  await redis.program.said(READY);
  const held = await redis.hold();
  const visitor = new Visitor(redis.address, { service: 'redis' });
  expect(await visitor.probes(20)).toEqual({
    'service_unavailable in handshake: the service says "ERR max number of clients reached"': 20,
  });
  held.destroy();
  await vi.waitFor(async () => expect((await visitor.probe()).failure).toBeUndefined());
});

needs('redis-server')('a stopped Redis times out in the handshake: the kernel still accepts', async (stage) => {
  const redis = await startRedisServer(stage);
  await redis.program.said(READY);
  redis.program.signal('SIGSTOP');
  const { failure, phases } = await visit(redis.address, { service: 'redis', timeoutMs: 500 });
  redis.program.signal('SIGCONT');
  expect(failure).toMatchObject({ reason: 'timeout', phase: 'handshake' });
  expect(phases.connect).toBeDefined();
});

/** Its certificate in files, and who vouches for it. */
async function tlsFiles(stage: Stage, validity?: typeof EXPIRED) {
  const authority = await createAuthority(stage, `authority-${validity === undefined ? 'of-today' : 'of-yesterday'}`);
  const { cert, key } = await authority.issue('localhost', validity);
  const name = validity === undefined ? 'valid' : 'expired';
  const certFile = stage.write(`${name}.crt`, cert.toString());
  const keyFile = stage.write(`${name}.key`, key.toString());
  const files = ['--tls-cert-file', certFile, '--tls-key-file', keyFile, '--tls-ca-cert-file', authority.file];
  return {
    args: files,
    world: testWorld({ authorities: new Authorities(systemClock, { SSL_CERT_FILE: authority.file }) }),
  };
}

const IN_TLS = { service: 'redis', tls: { serverName: 'localhost' } };

needs('redis-server', 'openssl')(
  '300 probes of a Redis in TLS leave no trace, a bad certificate none either',
  async (stage) => {
    const { args, world } = await tlsFiles(stage);
    const redis = await startRedisServer(stage, { tls: true, args: [...args, '--tls-auth-clients', 'no'] });
    await redis.program.said(READY);
    const before = logLines(redis.program);
    const trusting = new Visitor(redis.address, IN_TLS, world);
    expect(await trusting.probes(PROBES)).toEqual({ up: PROBES });
    const { failure, tls } = await visit(redis.address, IN_TLS);
    expect(failure).toMatchObject({ reason: 'tls_certificate_untrusted', phase: 'tls' });
    expect(tls?.certificate?.subject).toContain('CN=localhost');
    expect(logLines(redis.program)).toBe(before);
  },
);

needs('redis-server', 'openssl')('a Redis with an expired certificate says so and logs nothing', async (stage) => {
  const { args, world } = await tlsFiles(stage, EXPIRED);
  const redis = await startRedisServer(stage, { tls: true, args: [...args, '--tls-auth-clients', 'no'] });
  await redis.program.said(READY);
  const before = logLines(redis.program);
  const { failure, tls } = await new Visitor(redis.address, IN_TLS, world).probe();
  expect(failure).toMatchObject({ reason: 'tls_certificate_expired', phase: 'tls' });
  expect(tls?.certificate?.earliestExpiry).toBe(Date.UTC(2021, 0, 1) / 1000);
  expect(logLines(redis.program)).toBe(before);
});

needs('redis-server', 'openssl')(
  'a Redis that wants a client certificate is down: by its alert, or by the reset that overtook it',
  async (stage) => {
    const { args, world } = await tlsFiles(stage);
    const redis = await startRedisServer(stage, { tls: true, args: [...args, '--tls-auth-clients', 'yes'] });
    await redis.program.said(READY);
    const { failure } = await new Visitor(redis.address, IN_TLS, world).probe();
    expect(['tls_handshake_failed in tls', 'connection_reset in handshake']).toContain(
      `${failure?.reason} in ${failure?.phase}`,
    );
  },
);
