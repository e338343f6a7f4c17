import { parseIp } from '../../src/core/ip.ts';
import type { Phase } from '../../src/core/reason.ts';
import type { ProbeResult, TlsFacts } from '../../src/core/result.ts';
import type { Target } from '../../src/probe/spec.ts';
import { target } from '../helpers/world.ts';
import { END, type Outage, type Scraper, STEP, type Watched } from './history-model.ts';

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
  const { address, name, service, group, severity = 'critical', labels = {}, dependsOn = [] } = watched;
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
  };
}

function phasesUntil(outage: Outage | undefined, connect: number, { expiresIn, address, says }: Watched) {
  const all: [phase: Phase, ms: number][] = [['connect', connect]];
  if (/[a-z]/.test(address) && !address.startsWith('[')) all.unshift(['resolve', connect * 0.3]);
  if (expiresIn !== undefined) all.push(['tls', connect * 1.2]);
  if (says !== undefined) all.push(['handshake', connect * 0.5]);
  const until = all.findIndex(([phase]) => phase === outage?.phase);
  return Object.fromEntries(until === -1 ? all : all.slice(0, until)) as Partial<Record<Phase, number>>;
}

function facts({ says, expiresIn }: Watched, outage: Outage | undefined): Pick<ProbeResult, 'service' | 'tls'> {
  const talked = outage === undefined || outage.reason === 'tls_certificate_expired';
  return {
    ...(says !== undefined && talked ? { service: says } : {}),
    ...(expiresIn !== undefined && talked ? { tls: agreed(END + expiresIn * 86_400) } : {}),
  };
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
