import { http } from '../../src/checks/all.ts';
import type { Check } from '../../src/checks/check.ts';
import { HTTP_FAMILIES } from '../../src/checks/http-families.ts';
import { parseIp } from '../../src/core/ip.ts';
import type { Phase } from '../../src/core/reason.ts';
import type { CheckSample, ProbeResult, TlsFacts } from '../../src/core/result.ts';
import type { Target } from '../../src/probe/spec.ts';
import { spec, target } from '../helpers/world.ts';
import { END, type Outage, type Page, type Scraper, STEP, type Watched } from './history-model.ts';

/** Numbers that look random and are the same in every run. Each target has its own: one more changes nothing of the others. */
export class Dice {
  #seed: number;

  constructor(whose: string) {
    this.#seed = Array.from(whose).reduce((seed, letter) => (seed * 31 + (letter.codePointAt(0) ?? 0)) % 2 ** 32, 42);
  }

  /** From 0 up to, not including, 1. */
  next(): number {
    this.#seed = (this.#seed * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return this.#seed / 2 ** 32;
  }
}

/** The target as the exporter has it in its configuration. */
export function configured(watched: Watched): Target {
  const { address, name, service, group, severity = 'critical', labels = {}, dependsOn = [], layers, page } = watched;
  const [, host = '', port = '0'] = /^(.*):(\d+)$/.exec(address) ?? [];
  const overrides: Partial<Target> = {
    address,
    name,
    service,
    group,
    severity,
    labels,
    dependsOn,
    intervalMs: STEP * 1000,
    ...(layers && { layers }),
    ...(page && { spec: spec({ host, port: Number(port) }, { use: { check: http as Check, options: {} } }) }),
  };
  return target(host, Number(port), overrides);
}

/** What a probe of the target finds at this moment, in seconds since 1970. */
export function probed(watched: Watched, at: number, { blindFor }: Scraper, dice: Dice): ProbeResult {
  const ago = END - at;
  const found = watched.outages?.find(({ from, to }) => ago <= from && ago > to);
  const blind: Outage = { from: 0, to: 0, reason: 'host_unreachable', phase: 'connect' };
  const outage = watched.name === blindFor && ago < 3600 ? blind : found;
  const { slow } = watched;
  const times = slow !== undefined && ago <= slow.from && ago > slow.to ? slow.times : 1;
  const connect = watched.connectMs * times * (0.85 + dice.next() * 0.4);
  const phases = phasesUntil(outage, connect, watched);
  const took = Object.values(phases).reduce((sum, ms) => sum + ms, 0);
  return {
    startedAt: at * 1000,
    durationMs: outage?.reason === 'timeout' ? 5000 : took,
    budgetMs: 5000,
    latencyErrorMs: dice.next(),
    phases,
    ...(outage === undefined ? {} : { failure: { reason: outage.reason, phase: outage.phase, detail: '' } }),
    ...(outage?.phase === 'resolve' ? {} : { address: addressOf(watched) }),
    ...facts(watched, outage),
    ...(watched.page && { samples: pageSamples(watched.page, connect, outage) }),
  };
}

function phasesUntil(outage: Outage | undefined, connect: number, { expiresIn, address, says, page }: Watched) {
  const all: [phase: Phase, ms: number][] = [['connect', connect]];
  if (/[a-z]/.test(address) && !address.startsWith('[')) all.unshift(['resolve', connect * 0.3]);
  if (expiresIn !== undefined) all.push(['tls', connect * 1.2]);
  if (says !== undefined) all.push(['handshake', connect * 0.5]);
  if (page !== undefined) all.push(['handshake', connect * 3]);
  const until = all.findIndex(([phase]) => phase === outage?.phase);
  return Object.fromEntries(until === -1 ? all : all.slice(0, until)) as Partial<Record<Phase, number>>;
}

function facts({ says, expiresIn }: Watched, outage: Outage | undefined): Pick<ProbeResult, 'service' | 'tls'> {
  const talked = outage === undefined || outage.reason === 'tls_certificate_expired' || outage.phase === 'handshake';
  return {
    ...(says !== undefined && talked ? { service: says } : {}),
    ...(expiresIn !== undefined && talked ? { tls: agreed(END + expiresIn * 86_400) } : {}),
  };
}

/** What the exporter notes of an answer; of none it notes nothing. */
function pageSamples(
  { version, bytes, redirects = 0 }: Page,
  connect: number,
  outage: Outage | undefined,
): readonly CheckSample[] {
  if (outage !== undefined && outage.phase !== 'handshake') return [];
  const sample = (name: string, value: number, labels: CheckSample['labels'] = {}) => ({ name, labels, value });
  const processing = outage?.reason === 'too_slow' ? 2.5 : (connect * 2.5) / 1000;
  return [
    sample(HTTP_FAMILIES.duration, processing, { phase: 'processing' }),
    sample(HTTP_FAMILIES.duration, (connect * 0.5) / 1000, { phase: 'transfer' }),
    sample(HTTP_FAMILIES.status, outage?.reason === 'http_status' ? 503 : 200),
    sample(HTTP_FAMILIES.version, version),
    sample(HTTP_FAMILIES.bodyLength, outage === undefined || outage.reason === 'too_slow' ? bytes : 310),
    sample(HTTP_FAMILIES.redirects, redirects),
  ];
}

function agreed(expiry: number): TlsFacts {
  const names = { subject: 'CN=www.example.com', issuer: 'CN=Example CA R3,O=Example', serialNumber: '04:c1:9a:77' };
  const more = { subjectAlternative: 'www.example.com,example.com', fingerprintSha256: 'ab'.repeat(32) };
  const certificate = { earliestExpiry: expiry, chainExpiry: expiry, ...names, ...more };
  return { version: 'TLS 1.3', cipher: 'TLS_AES_256_GCM_SHA384', certificate };
}

function addressOf({ address }: Watched) {
  const found = parseIp(address.startsWith('[') ? '2001:db8::10' : '10.20.0.9');
  if (found === undefined) throw new Error('no address');
  return found;
}
