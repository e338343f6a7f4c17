import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, vi } from 'vitest';
import { parseAddress } from '../../../src/checks/address.ts';
import { Authorities } from '../../../src/net/authorities.ts';
import { systemClock } from '../../../src/net/clock.ts';
import { Visitor, visit } from '../../helpers/checks.ts';
import { createAuthority, EXPIRED } from '../../helpers/e2e-certificates.ts';
import type { Stage } from '../../helpers/e2e-stage.ts';
import { needs } from '../../helpers/programs.ts';
import { type Mosquitto, startMosquitto } from '../../helpers/servers/mosquitto.ts';
import { testWorld } from '../../helpers/world.ts';

const PROBES = 300;

needs('mosquitto')('a Mosquitto is up, and its log has no word of errors', async (stage) => {
  const mosquitto = await startMosquitto(stage, [{}]);
  const [address = ''] = mosquitto.addresses;

  expect(await new Visitor(address, {}).probes(PROBES)).toEqual({ up: PROBES });
  // New connection, and "Client <unknown> closed its connection".
  await newLines(mosquitto, 2 * PROBES);

  expect(await new Visitor(address, { service: 'mqtt' }).probes(PROBES)).toEqual({ up: PROBES });
  // New connection, who it is, and that it said goodbye.
  const lines = await newLines(mosquitto, 3 * PROBES);
  expect(lines.filter((line) => /error|unknown|not auth/i.test(line))).toEqual([]);
  expect(lines.filter((line) => /disconnected\.$/.test(line))).toHaveLength(PROBES);
});

needs('mosquitto')('one that lets nobody in without a password is up', async (stage) => {
  const { addresses } = await startMosquitto(stage, [{ settings: ['allow_anonymous false'] }]);
  const { failure, service } = await visit(addresses[0] ?? '', { service: 'mqtt' });
  expect(failure).toBeUndefined();
  expect(service).toEqual({ state: 'auth_required' });
});

needs('mosquitto')(
  'one that has all the clients that it may have is down, although it accepts connections',
  async (stage) => {
    const settings = ['allow_anonymous true', 'max_connections 1'];
    const { addresses } = await startMosquitto(stage, [{ settings }]);
    const [address = ''] = addresses;
    await occupy(stage, address);
    const { failure } = await visit(address, { service: 'mqtt', timeoutMs: 1000 });
    expect(failure).toMatchObject({ phase: 'handshake' });
    expect(failure?.reason).toMatch(/^(?:closed_early|connection_reset)$/);
    expect((await visit(address, { timeoutMs: 1000 })).failure).toBeUndefined();
  },
);

needs('mosquitto', 'openssl')('in TLS its certificate counts', async (stage) => {
  const authority = await createAuthority(stage, 'known');
  const { addresses } = await startMosquitto(stage, [
    { tls: await authority.issue('localhost') },
    { tls: await authority.issue('localhost', EXPIRED) },
  ]);
  const [good = '', expired = ''] = addresses;
  const trusting = testWorld({ authorities: new Authorities(systemClock, { SSL_CERT_FILE: authority.file }) });
  const how = { service: 'mqtts', tls: { serverName: 'localhost' } };
  const { failure, tls } = await new Visitor(good, how, trusting).probe();
  expect(failure).toBeUndefined();
  expect(tls).toMatchObject({ version: 'TLS 1.3', certificate: { subject: 'CN=localhost' } });
  expect((await visit(good, how)).failure).toMatchObject({ reason: 'tls_certificate_untrusted', phase: 'tls' });
  expect((await new Visitor(expired, how, trusting).probe()).failure).toMatchObject({
    reason: 'tls_certificate_expired',
    phase: 'tls',
  });
  expect((await visit(good, { service: 'mqtt' })).failure).toMatchObject({ phase: 'handshake' });
});

needs('mosquitto')('one that hangs times out in the handshake, while a plain connect sees nothing', async (stage) => {
  const { program, addresses } = await startMosquitto(stage, [{}]);
  const [address = ''] = addresses;
  program.signal('SIGSTOP');
  try {
    const { failure } = await visit(address, { service: 'mqtt', timeoutMs: 500 });
    expect(failure).toMatchObject({ reason: 'timeout', phase: 'handshake' });
    expect((await visit(address, { timeoutMs: 500 })).failure).toBeUndefined();
  } finally {
    program.signal('SIGCONT');
  }
});

/** Exactly so many new lines of its log, once they are there. */
async function newLines(mosquitto: Mosquitto, count: number): Promise<readonly string[]> {
  const lines: string[] = [];
  await vi.waitFor(() => {
    lines.push(...mosquitto.newLines());
    expect(lines).toHaveLength(count);
  });
  return lines;
}

/** Holds a connection until the test is over. */
async function occupy(stage: Stage, address: string): Promise<void> {
  const read = parseAddress(address);
  if (!read.ok) throw new Error(read.problem);
  const socket = connect(read.value.endpoint).on('error', () => {});
  stage.onEnd(() => socket.destroy());
  await once(socket, 'connect');
}
