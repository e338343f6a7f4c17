import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type TlsOptions } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { ProbeResult } from '../../src/core/result.ts';
import { Authorities, problemOf, type TlsMaterial } from '../../src/net/authorities.ts';
import { systemClock } from '../../src/net/clock.ts';
import { Fleet } from '../../src/probe/fleet.ts';
import type { TlsSpec } from '../../src/probe/spec.ts';
import { States } from '../../src/probe/state.ts';
import { listenOn } from '../helpers/peers.ts';
import { ANY, spec, testWorld } from '../helpers/world.ts';

const FIXTURES = new URL('../fixtures/tls/', import.meta.url);
const pathOf = (name: string) => fileURLToPath(new URL(name, FIXTURES));
const textOf = (name: string) => readFileSync(pathOf(name), 'utf8');

const CERT = pathOf('self-signed.crt');
const KEY = pathOf('self-signed.key');
const OTHER = pathOf('nameless.crt');
const SERVER = { cert: textOf('self-signed.crt'), key: textOf('self-signed.key') };

const BOTH = `${SERVER.cert}${SERVER.key}`;

const directory = mkdtempSync(join(tmpdir(), 'authorities-'));
afterAll(() => rmSync(directory, { recursive: true }));

function fileWith(name: string, content: string): string {
  const file = join(directory, name);
  writeFileSync(file, content);
  return file;
}

/** Probes a TLS server on this machine once. */
async function probe(tls: TlsSpec, options: TlsOptions = {}, env = {}): Promise<ProbeResult> {
  const server = createServer({ ...SERVER, ...options }).on('tlsClientError', () => {});
  const port = await listenOn(server);
  const world = testWorld({ authorities: new Authorities(systemClock, env) });
  const request = { spec: spec({ host: '127.0.0.1', port }, { tls: { serverName: 'localhost', ...tls } }) };
  const { results } = await new Fleet(world, new States()).round([request], { windowMs: 5000, policy: ANY });
  await expect.poll(() => world.dialer.inFlight).toBe(0);
  server.close();
  return results[0] as ProbeResult;
}

describe('an authority of the target', () => {
  it.each<[string, TlsMaterial]>([
    ['in a file', { ca: { file: CERT } }],
    ['in the configuration', { ca: { text: SERVER.cert } }],
    ['in a bundle', { ca: { text: `${readFileSync(OTHER, 'utf8')}\n${SERVER.cert}` } }],
  ])('%s vouches', async (_, material) => {
    expect((await probe(material)).failure).toBeUndefined();
  });

  it('counts instead of those of the machine', async () => {
    const { failure } = await probe({ ca: { file: OTHER } }, {}, { SSL_CERT_FILE: CERT });
    expect(failure?.reason).toBe('tls_certificate_untrusted');
  });
});

it('an address in place of a server name is not asked for, and is held against the certificate', async () => {
  const names: unknown[] = [];
  const SNICallback = (name: string, answer: (error: null) => void) => {
    names.push(name);
    answer(null);
  };
  const { failure } = await probe({ ca: { file: CERT }, serverName: '127.0.0.1' }, { SNICallback });
  expect(failure?.reason).toBe('tls_hostname_mismatch');
  expect(names).toEqual([]);
});

describe('a client certificate', () => {
  const demanding = { ca: SERVER.cert, requestCert: true, rejectUnauthorized: true };

  it.each<[string, TlsMaterial]>([
    ['in files', { cert: { file: CERT }, key: { file: KEY } }],
    ['in the configuration', { cert: { text: SERVER.cert }, key: { text: SERVER.key } }],
    ['in one text with its key', { cert: { text: BOTH }, key: { text: BOTH } }],
  ])('%s is shown, and the authorities of the machine still count', async (_, material) => {
    expect((await probe(material, demanding, { SSL_CERT_FILE: CERT })).failure).toBeUndefined();
  });

  it('that is not there is missed', async () => {
    expect((await probe({ ca: { file: CERT } }, demanding)).failure?.reason).toBe('tls_handshake_failed');
  });
});

describe('versions', () => {
  const old = { minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
  const ca = { file: CERT };

  it.each<[TlsMaterial, TlsOptions, string]>([
    [{ maxVersion: 'TLSv1.2' }, {}, 'TLS 1.2'],
    [{ minVersion: 'TLSv1.3' }, {}, 'TLS 1.3'],
    [{ minVersion: 'TLSv1' }, { ...old, maxVersion: 'TLSv1' }, 'TLS 1.0'],
    [{ minVersion: 'TLSv1' }, {}, 'TLS 1.3'],
    [{ maxVersion: 'TLSv1.1' }, old, 'TLS 1.1'],
  ])('%j against %j is %s', async (versions, server, agreed) => {
    const { failure, tls } = await probe({ ca, ...versions }, server);
    expect(failure).toBeUndefined();
    expect(tls?.version).toBe(agreed);
  });

  it.each<[TlsMaterial, TlsOptions]>([
    [{ minVersion: 'TLSv1.3' }, { maxVersion: 'TLSv1.2' }],
    [{ maxVersion: 'TLSv1.2' }, { minVersion: 'TLSv1.3' }],
    [{}, { ...old, maxVersion: 'TLSv1.1' }],
  ])('%j against %j cannot be agreed', async (versions, server) => {
    expect((await probe({ ca, ...versions }, server)).failure).toMatchObject({
      reason: 'tls_handshake_failed',
      phase: 'tls',
    });
  });
});

describe('contexts', () => {
  function authorities() {
    const clock = { ...systemClock, time: 0, now: () => clock.time };
    return { clock, authorities: new Authorities(clock, { SSL_CERT_FILE: CERT }) };
  }

  it('are one for all that are made of the same', () => {
    const { authorities: all } = authorities();
    expect(all.context({ ca: { file: CERT } })).toBe(all.context({ ca: { file: CERT } }));
    expect(all.context({ minVersion: 'TLSv1.3' })).toBe(all.context({ minVersion: 'TLSv1.3' }));
    expect(all.context({ ca: { file: CERT } })).not.toBe(all.context({ ca: { file: OTHER } }));
    expect(all.context({})).toBe(all.context());
  });

  it('are made again within five seconds when a file has changed', () => {
    const { clock, authorities: all } = authorities();
    const material = { ca: { file: fileWith('changing.pem', SERVER.cert) } };
    const first = all.context(material);
    clock.time += 6000;
    expect(all.context(material)).toBe(first);
    fileWith('changing.pem', `${SERVER.cert}\n${SERVER.cert}`);
    expect(all.context(material)).toBe(first);
    clock.time += 5000;
    expect(all.context(material)).not.toBe(first);
  });

  it('with a client certificate follow the authorities of the machine', () => {
    const file = fileWith('machine.pem', SERVER.cert);
    const clock = { ...systemClock, time: 0, now: () => clock.time };
    const all = new Authorities(clock, { SSL_CERT_FILE: file });
    const material = { cert: { file: CERT }, key: { file: KEY } };
    const first = all.context(material);
    fileWith('machine.pem', `${SERVER.cert}\n${SERVER.cert}`);
    clock.time += 61_000;
    expect(all.context(material)).not.toBe(first);
  });

  it('are dropped when there are too many, whichever, but not the last one', () => {
    const { authorities: all } = authorities();
    const materials = Array.from({ length: 201 }, (_, i) => ({
      cert: { file: CERT },
      key: { text: `${SERVER.key}${'\n'.repeat(i)}` },
    }));
    const before = materials.slice(0, 200).map((material) => all.context(material));
    expect(materials.slice(0, 200).map((material) => all.context(material))).toEqual(before);
    const last = all.context(materials[200]);
    expect(all.context(materials[200])).toBe(last);
    const kept = materials.slice(0, 200).filter((material, i) => all.context(material) === before[i]);
    expect(kept.length).toBeGreaterThan(100);
    expect(kept.length).toBeLessThan(200);
  });
});

describe('what cannot be used', () => {
  const encrypted = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  }).privateKey;
  const rsa = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  }).privateKey;
  const broken = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
  const cert = { file: CERT };

  it.each<[TlsMaterial, RegExp]>([
    [{ ca: { file: '/nowhere/ca.pem' } }, /^cannot read the authority \/nowhere\/ca\.pem: there is no such file$/],
    [{ ca: { file: directory } }, /: it is a directory$/],
    [{ ca: { file: '/dev/zero' } }, /: it is no file$/],
    [{ ca: { file: KEY } }, /^the authority .*self-signed\.key has no certificate in it: PEM is due/],
    [{ ca: { text: 'no PEM' } }, /^the authority in the configuration has no certificate in it/],
    [{ ca: { text: broken } }, /has a certificate that cannot be read/],
    [{ cert: { text: broken }, key: { file: KEY } }, /^the client certificate in the configuration has a certificate/],
    [{ cert, key: { file: '/nowhere/key.pem' } }, /^cannot read the key \/nowhere\/key\.pem: there is no such file$/],
    [{ cert, key: cert }, /^the key .*self-signed\.crt cannot be read: a private key in PEM is due$/],
    [{ cert, key: { text: 'no PEM' } }, /^the key in the configuration cannot be read/],
    [
      { cert, key: { text: encrypted } },
      /^the key in the configuration is encrypted: a key without passphrase is due$/,
    ],
    [
      { cert, key: { file: pathOf('nameless.key') } },
      /^the key .*nameless\.key is not that of the client certificate .*self-signed\.crt$/,
    ],
    [{ cert, key: { text: rsa } }, /is not that of the client certificate/],
  ])('is told: %#', (material, problem) => {
    expect(problemOf(material)).toMatch(problem);
  });

  it('is the fault of the exporter, not of the target, when it shows only at a probe', async () => {
    const { failure } = await probe({ ca: { file: '/nowhere/ca.pem' } });
    expect(failure).toEqual({
      reason: 'exporter_error',
      phase: 'tls',
      detail: 'cannot read the authority /nowhere/ca.pem: there is no such file',
    });
  });

  it('is nothing where all is well', () => {
    expect(problemOf({ ca: cert, cert, key: { file: KEY } })).toBeUndefined();
    expect(problemOf({})).toBeUndefined();
  });
});
