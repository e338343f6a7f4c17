import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { ProbeResult } from '../../src/core/result.ts';
import { Authorities } from '../../src/net/authorities.ts';
import { systemClock } from '../../src/net/clock.ts';
import { Fleet } from '../../src/probe/fleet.ts';
import { States } from '../../src/probe/state.ts';
import { listenOn, peer } from '../helpers/peers.ts';
import { ANY, spec, testWorld } from '../helpers/world.ts';

const FIXTURES = new URL('../fixtures/tls/', import.meta.url);
const key = readFileSync(new URL('self-signed.key', FIXTURES));
const cert = readFileSync(new URL('self-signed.crt', FIXTURES));

const CERT_FILE = fileURLToPath(new URL('self-signed.crt', FIXTURES));
const TRUSTING = { SSL_CERT_FILE: CERT_FILE };

async function probe(port: number, timeoutMs = 2000, serverName = 'localhost', env = {}): Promise<ProbeResult> {
  const world = testWorld({ authorities: new Authorities(systemClock, env) });
  const request = { spec: spec({ host: '127.0.0.1', port }, { timeoutMs, tls: { serverName } }) };
  const { results } = await new Fleet(world, new States()).round([request], { windowMs: 5000, policy: ANY });
  await expect.poll(() => world.dialer.inFlight).toBe(0);
  return results[0] as ProbeResult;
}

describe('a certificate that nobody vouches for', () => {
  test('is tls_certificate_untrusted, with its facts and the time the handshake took', async () => {
    const errors: Error[] = [];
    const server = createServer({ key, cert }).on('tlsClientError', (error) => errors.push(error));
    const { failure, tls, phases } = await probe(await listenOn(server));
    expect(failure).toMatchObject({ reason: 'tls_certificate_untrusted', phase: 'tls' });
    expect(tls).toMatchObject({
      version: 'TLS 1.3',
      cipher: expect.stringMatching(/^TLS_/),
      certificate: {
        subject: 'CN=localhost,O=port-exporter tests',
        issuer: 'CN=localhost,O=port-exporter tests',
        subjectAlternative: 'localhost,db.test',
        fingerprintSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        serialNumber: expect.stringMatching(/^[0-9a-f]+$/),
      },
    });
    expect(tls?.certificate?.earliestExpiry).toBeGreaterThan(Date.now() / 1000 + 90 * 365 * 86_400);
    expect(phases.tls).toBeGreaterThan(0);
    // The server must not have seen a torn handshake: it would log one for every probe.
    expect(errors).toEqual([]);
    server.close();
  });

  test('over TLS 1.2 is told the same', async () => {
    const server = createServer({ key, cert, maxVersion: 'TLSv1.2' });
    const { failure, tls } = await probe(await listenOn(server));
    expect(failure?.reason).toBe('tls_certificate_untrusted');
    expect(tls?.version).toBe('TLS 1.2');
    server.close();
  });
});

test('a certificate without a subject, which is legal, is read like any other', async () => {
  const server = createServer({
    key: readFileSync(new URL('nameless.key', FIXTURES)),
    cert: readFileSync(new URL('nameless.crt', FIXTURES)),
  });
  const env = { SSL_CERT_FILE: fileURLToPath(new URL('nameless.crt', FIXTURES)) };
  const { failure, tls } = await probe(await listenOn(server), 2000, 'localhost', env);
  expect(failure).toBeUndefined();
  expect(tls?.certificate).toMatchObject({ subject: '', subjectAlternative: 'localhost' });
  server.close();
});

test('a handshake that was agreed in time counts, whatever the goodbye takes', async () => {
  // A server that keeps its side open: the last word never comes.
  const server = createServer({ key, cert, allowHalfOpen: true });
  const { failure, tls } = await probe(await listenOn(server), 60, 'localhost', TRUSTING);
  expect(failure).toBeUndefined();
  expect(tls?.certificate).toBeDefined();
  server.close();
});

describe('the authorities of this machine', () => {
  test.each([
    ['the file that SSL_CERT_FILE names', TRUSTING],
    ['a file that NODE_EXTRA_CA_CERTS adds', { SSL_CERT_FILE: '/dev/null', NODE_EXTRA_CA_CERTS: CERT_FILE }],
  ])('%s vouches', async (_, env) => {
    const server = createServer({ key, cert });
    const { failure, tls } = await probe(await listenOn(server), 2000, 'localhost', env);
    expect(failure).toBeUndefined();
    expect(tls?.certificate?.subject).toContain('CN=localhost');
    server.close();
  });

  test('a certificate for another name is tls_hostname_mismatch', async () => {
    const server = createServer({ key, cert });
    const { failure, tls } = await probe(await listenOn(server), 2000, 'other.test', TRUSTING);
    expect(failure).toMatchObject({ reason: 'tls_hostname_mismatch', phase: 'tls' });
    expect(tls?.certificate).toBeDefined();
    server.close();
  });

  test('a client certificate that is required and not there is tls_handshake_failed, although TLS 1.3 tells it late', async () => {
    const server = createServer({ key, cert, ca: cert, requestCert: true }).on('tlsClientError', () => {});
    const { failure, tls } = await probe(await listenOn(server), 2000, 'localhost', TRUSTING);
    expect(failure).toMatchObject({ reason: 'tls_handshake_failed', phase: 'tls' });
    expect(tls?.certificate).toBeDefined();
    server.close();
  });

  test('where there is no file, the list that comes with Node counts', async () => {
    const server = createServer({ key, cert });
    const { failure } = await probe(await listenOn(server), 2000, 'localhost', { SSL_CERT_FILE: '/nowhere.pem' });
    expect(failure?.reason).toBe('tls_certificate_untrusted');
    server.close();
  });

  test('a changed file counts within a minute', () => {
    let now = 0;
    const dir = mkdtempSync(join(tmpdir(), 'ca-'));
    const file = join(dir, 'ca.pem');
    writeFileSync(file, cert);
    const authorities = new Authorities({ ...systemClock, now: () => now }, { SSL_CERT_FILE: file });
    const first = authorities.context();
    now += 61_000;
    expect(authorities.context()).toBe(first);
    writeFileSync(file, `${cert}\n${cert}`);
    now += 61_000;
    expect(authorities.context()).not.toBe(first);
    rmSync(dir, { recursive: true });
  });
});

describe('no TLS comes about', () => {
  test.each<[string, string, Parameters<typeof peer>[0], string]>([
    ['a server that speaks plain text', 'tls_handshake_failed', (socket) => void socket.write('220 hello\r\n'), 'tls'],
    [
      'a server that hangs up',
      'closed_early|connection_reset',
      (socket) => void socket.on('data', () => socket.destroy()),
      'tls',
    ],
    [
      'a server that resets',
      'connection_reset',
      (socket) => void socket.on('data', () => socket.resetAndDestroy()),
      'tls',
    ],
    ['a server that is silent', 'timeout', () => {}, 'tls'],
  ])('%s is %s', async (_, reason, onConnection, phase) => {
    await using server = await peer(onConnection);
    const { failure, phases, tls } = await probe(server.port, 300);
    expect(failure?.reason).toMatch(new RegExp(`^(${reason})$`));
    expect(failure?.phase).toBe(phase);
    expect(phases.connect).toBeGreaterThan(0);
    expect(phases.tls).toBeUndefined();
    expect(tls).toBeUndefined();
  });

  test('that a client certificate is required is seen although TLS 1.3 tells it late', async () => {
    const server = createServer({ key, cert, ca: cert, requestCert: true, rejectUnauthorized: true }).on(
      'tlsClientError',
      () => {},
    );
    const { failure, tls } = await probe(await listenOn(server));
    // Untrusted comes first: it is our own verdict, and the one to mend before a client certificate helps.
    expect(failure?.reason).toBe('tls_certificate_untrusted');
    expect(tls?.certificate).toBeDefined();
    server.close();
  });
});
