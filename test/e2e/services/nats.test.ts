import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { expect, vi } from 'vitest';
import { Authorities } from '../../../src/net/authorities.ts';
import { systemClock } from '../../../src/net/clock.ts';
import { Visitor, visit } from '../../helpers/checks.ts';
import { createAuthority, EXPIRED } from '../../helpers/e2e-certificates.ts';
import { needs } from '../../helpers/programs.ts';
import { type Nats, startNats } from '../../helpers/servers/nats.ts';
import { testWorld } from '../../helpers/world.ts';

const VERSION = /^\d+\.\d+\.\d+/;
const PROBES = 300;
const PASSWORD = ['authorization { user: somebody, password: secret }'];

/** Lines of its log by and by, until one says what is looked for; the sign is made by a client that breaks the protocol. */
async function linesSoFar({ address, newLines }: Nats): Promise<readonly string[]> {
  const [, port] = address.split(':');
  const socket = connect({ host: '127.0.0.1', port: Number(port) }).on('error', () => {});
  await once(socket, 'connect');
  socket.resume().write('NONSENSE\r\n');
  const lines: string[] = [];
  await vi.waitFor(() => {
    lines.push(...newLines());
    expect(lines.some((line) => /unknown protocol|parser error/i.test(line))).toBe(true);
  });
  return lines.filter((line) => !/Unknown Protocol|NONSENSE|parser ERROR/i.test(line));
}

needs('nats-server')('a NATS server is up, and its log does not notice', async (stage) => {
  const nats = await startNats(stage);
  expect(await new Visitor(nats.address, {}).probes(PROBES)).toEqual({ up: PROBES });
  expect(await linesSoFar(nats)).toEqual([]);
  const visitor = new Visitor(nats.address, { service: 'nats' });
  expect(await visitor.probes(PROBES)).toEqual({ up: PROBES });
  expect((await visitor.probe()).service).toEqual({ version: expect.stringMatching(VERSION) });
  expect(await linesSoFar(nats)).toEqual([]);
});

needs('nats-server')('one that wants a password is up, and has no failed login in its log', async (stage) => {
  const nats = await startNats(stage, { settings: PASSWORD });
  const visitor = new Visitor(nats.address, { service: 'nats' });
  expect(await visitor.probes(50)).toEqual({ up: 50 });
  expect((await visitor.probe()).service).toMatchObject({ state: 'auth_required' });
  expect(nats.newLines()).toEqual([]);
});

needs('nats-server')('one that has all the clients that it may have is unavailable', async (stage) => {
  const full = { settings: ['max_connections: 1'] };
  const servers = [await startNats(stage, full), await startNats(stage, { settings: [...full.settings, ...PASSWORD] })];
  for (const { address } of servers) {
    const [, port] = address.split(':');
    const occupant = connect({ host: '127.0.0.1', port: Number(port) }).on('error', () => {});
    stage.onEnd(() => occupant.destroy());
    await once(occupant, 'data');
    const { failure, service } = await visit(address, { service: 'nats' });
    expect(failure).toEqual({
      reason: 'service_unavailable',
      phase: 'handshake',
      detail: `the service says "'maximum connections exceeded'"`,
    });
    expect(service?.version).toMatch(VERSION);
  }
});

needs('nats-server', 'openssl')(
  'where it offers TLS its certificate counts, and the log does not notice',
  async (stage) => {
    const authority = await createAuthority(stage, 'known');
    const nats = await startNats(stage, { tls: await authority.issue('localhost') });
    const trusting = testWorld({ authorities: new Authorities(systemClock, { SSL_CERT_FILE: authority.file }) });
    const how = { service: 'nats', tls: { how: 'starttls', serverName: 'localhost' } } as const;

    // A plain connect is an error in its log, each time.
    expect(await new Visitor(nats.address, {}).probes(50)).toEqual({ up: 50 });
    const lines: string[] = [];
    await vi.waitFor(() => {
      lines.push(...nats.newLines());
      expect(lines).toHaveLength(50);
    });

    const visitor = new Visitor(nats.address, how, trusting);
    expect(await visitor.probes(PROBES)).toEqual({ up: PROBES });
    const { service, tls } = await visitor.probe();
    expect(service).toEqual({ version: expect.stringMatching(VERSION) });
    expect(tls).toMatchObject({ version: 'TLS 1.3', certificate: { subject: 'CN=localhost' } });

    const unasked = await visit(nats.address, { service: 'nats', tls: { how: 'offered', judge: 'expiry' } });
    expect(unasked.failure).toBeUndefined();
    expect(nats.newLines()).toEqual([]);

    const foreign = await visit(nats.address, how);
    expect(foreign.failure).toMatchObject({ reason: 'tls_certificate_untrusted', phase: 'tls' });
    expect(nats.newLines()).toEqual([]);

    const inTheClear = await visit(nats.address, { service: 'nats' });
    expect(inTheClear.failure).toBeUndefined();
    expect(inTheClear.service).toMatchObject({ state: 'tls_required' });
  },
);

needs('nats-server', 'openssl')('an expired certificate is found behind INFO, and its absence too', async (stage) => {
  const authority = await createAuthority(stage, 'known');
  const expired = await startNats(stage, { tls: await authority.issue('localhost', EXPIRED) });
  const { failure } = await visit(expired.address, { service: 'nats', tls: { how: 'offered', judge: 'expiry' } });
  expect(failure).toMatchObject({ reason: 'tls_certificate_expired', phase: 'tls' });
  const plain = await startNats(stage);
  const refused = await visit(plain.address, { service: 'nats', tls: { how: 'starttls' } });
  expect(refused.failure).toEqual({
    reason: 'tls_handshake_failed',
    phase: 'handshake',
    detail: 'the server does not offer TLS',
  });
});

needs('nats-server', 'openssl')('one that wants a client certificate is up', async (stage) => {
  const authority = await createAuthority(stage, 'known');
  const tls = await authority.issue('localhost');
  const nats = await startNats(stage, { tls, clientCa: readFileSync(authority.file, 'utf8') });
  const visitor = new Visitor(nats.address, { service: 'nats', tls: { how: 'offered', judge: 'expiry' } });
  expect(await visitor.probes(50)).toEqual({ up: 50 });
  expect((await visitor.probe()).service).toMatchObject({ state: 'client_certificate_required' });
});

needs('nats-server')('one that hangs times out in the handshake', async (stage) => {
  const { program, address } = await startNats(stage);
  program.signal('SIGSTOP');
  try {
    const { failure } = await visit(address, { service: 'nats', timeoutMs: 500 });
    expect(failure).toMatchObject({ reason: 'timeout', phase: 'handshake' });
  } finally {
    program.signal('SIGCONT');
  }
});
