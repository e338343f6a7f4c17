import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { Failure, ProbeResult } from '../../src/core/result.ts';
import { brokenLayer, type Layer, layerStates } from '../../src/probe/layers.ts';
import { visit } from '../helpers/checks.ts';
import { listenOn, peer } from '../helpers/peers.ts';

const FIXTURES = new URL('../fixtures/tls/', import.meta.url);
const key = readFileSync(new URL('self-signed.key', FIXTURES));
const cert = readFileSync(new URL('self-signed.crt', FIXTURES));
const ALL: readonly Layer[] = ['port', 'tls', 'http', 'keyword', 'response_time'];
const PLAIN: readonly Layer[] = ['port', 'http', 'keyword'];

function result(failure?: Partial<Failure>, phases: ProbeResult['phases'] = {}): ProbeResult {
  const whole = failure && ({ reason: 'timeout', phase: 'handshake', detail: '', ...failure } as Failure);
  const common = { startedAt: 0, durationMs: 1, budgetMs: 1000, latencyErrorMs: 0, phases };
  return { ...common, ...(whole && { failure: whole }) };
}

describe('the broken layer', () => {
  test.each<[string, Partial<Failure>, ProbeResult['phases'], Layer]>([
    ['port: the name is not found', { phase: 'resolve', reason: 'dns_not_found' }, {}, 'port'],
    ['port: nobody listens', { phase: 'connect', reason: 'connection_refused' }, { resolve: 1 }, 'port'],
    ['tls: it is not agreed', { phase: 'tls', reason: 'tls_handshake_failed' }, { connect: 1 }, 'tls'],
    ['tls: agreed, but expired', { phase: 'tls', reason: 'tls_certificate_expired' }, { connect: 1, tls: 1 }, 'tls'],
    [
      'http: a redirect to whose certificate has expired',
      { phase: 'tls', reason: 'tls_certificate_expired', elsewhere: true },
      { connect: 1, tls: 1 },
      'http',
    ],
    [
      'http: a redirect to where nobody listens',
      { phase: 'connect', reason: 'connection_refused', elsewhere: true },
      { connect: 1, tls: 1 },
      'http',
    ],
    ['http: a wrong status', { reason: 'http_status' }, { connect: 1, tls: 1 }, 'http'],
    ['http: no answer', { reason: 'timeout' }, { connect: 1, tls: 1 }, 'http'],
    ['keyword: other content', { reason: 'content_mismatch' }, { connect: 1, tls: 1 }, 'keyword'],
    ['response_time: too slow', { reason: 'too_slow' }, { connect: 1, tls: 1 }, 'response_time'],
  ])('is %s', (_, failure, phases, layer) => {
    expect(brokenLayer(result(failure, phases), ALL)).toBe(layer);
  });

  test.each<[string, readonly Layer[], Partial<Failure>, Layer]>([
    ['the next one above what the target does not have', ['port', 'http'], { phase: 'tls' }, 'http'],
    ['the last one where there is none above', ['port', 'http'], { reason: 'content_mismatch' }, 'http'],
  ])('is %s', (_, layers, failure, layer) => {
    expect(brokenLayer(result(failure, { connect: 1 }), layers)).toBe(layer);
  });

  test('is none where nothing is wrong, and where there are no layers', () => {
    expect(brokenLayer(result(), ALL)).toBeUndefined();
    expect(brokenLayer(result({ reason: 'http_status' }), [])).toBeUndefined();
  });
});

describe('the states of layers', () => {
  test.each<[string, ProbeResult, readonly (readonly [Layer, boolean])[]]>([
    ['all, when nothing is wrong', result(undefined, { connect: 1 }), PLAIN.map((layer) => [layer, true] as const)],
    [
      'those up to the broken one',
      result({ reason: 'http_status' }, { connect: 1 }),
      [
        ['port', true],
        ['http', false],
      ],
    ],
    ['the lowest only, when that is broken', result({ phase: 'connect' }), [['port', false]]],
    ['none, when the exporter was at fault', result({ reason: 'exporter_error' }, { connect: 1 }), []],
  ])('are %s', (_, found, states) => {
    expect(layerStates(PLAIN, found)).toEqual(states);
  });
});

describe('over real connections', () => {
  const ca = { file: fileURLToPath(new URL('self-signed.crt', FIXTURES)) };

  test('a certificate for another name breaks TLS where it is the target’s own, HTTP where the target sends us there', async () => {
    const other = createServer({ key, cert }, (_, response) => response.end('Welcome'));
    const location = `https://127.0.0.1:${await listenOn(other)}/`;
    const server = createServer({ key, cert }, (_, response) => response.writeHead(302, { location }).end());
    const address = `127.0.0.1:${await listenOn(server)}`;

    const own = await visit(address, { service: 'https', tls: { ca, serverName: 'other.test' } });
    const sent = await visit(address, { service: 'https', tls: { ca, serverName: 'db.test' } });

    for (const { failure } of [own, sent])
      expect(failure).toMatchObject({ reason: 'tls_hostname_mismatch', phase: 'tls' });
    expect(brokenLayer(own, ALL)).toBe('tls');
    expect(brokenLayer(sent, ALL)).toBe('http');
    other.close();
    server.close();
  });

  test('somebody who does not speak TLS is told apart in the same way, also when that takes all of the time', async () => {
    await using mute = await peer();
    const location = `https://127.0.0.1:${mute.port}/`;
    const server = createServer({ key, cert }, (_, response) => response.writeHead(302, { location }).end());
    const tls = { ca, serverName: 'db.test' };

    const own = await visit(mute.address, { service: 'https', tls, timeoutMs: 200 });
    const sent = await visit(`127.0.0.1:${await listenOn(server)}`, { service: 'https', tls, timeoutMs: 500 });

    for (const { failure } of [own, sent]) expect(failure).toMatchObject({ reason: 'timeout', phase: 'tls' });
    expect(brokenLayer(own, ALL)).toBe('tls');
    expect(brokenLayer(sent, ALL)).toBe('http');
    server.close();
  });
});
