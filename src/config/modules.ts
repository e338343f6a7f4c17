import { z } from 'zod';
import type { FamilyPreference, Module } from '../probe/spec.ts';
import { text } from './leaves.ts';
import { level, readPart } from './parts.ts';
import type { Path } from './path.ts';
import type { Report } from './problems.ts';
import { few, show } from './wording.ts';

/** What /probe?module= may name, and what the file has beyond what this version runs. */
export type Modules = {
  readonly usable: ReadonlyMap<string, Module>;
  readonly unusable: ReadonlyMap<string, string>;
  /** The probers of the modules in the file. */
  readonly probers: ReadonlyMap<string, string>;
  readonly warnings: readonly string[];
};

const IP4: FamilyPreference = Object.freeze({ prefer: 4, fallback: true });
const BUILT_IN: readonly Module[] = [
  Object.freeze({ name: 'tcp_connect', family: IP4 }),
  Object.freeze({ name: 'tls_connect', family: IP4, tls: Object.freeze({}) }),
];

const MODULE = level(
  z.looseObject(
    { prober: text('the name of a prober, such as tcp'), timeout: goDuration().optional() },
    { error: ({ input }) => `must be a mapping with the key prober, not ${show(input)}` },
  ),
);

/** Reads blackbox_exporter modules: all of them are kept, those for a plain TCP connect work. */
export function readModules(value: unknown, report: Report): Modules {
  const usable = new Map(BUILT_IN.map((module) => [module.name, module]));
  const unusable = new Map<string, string>();
  const probers = new Map<string, string>();
  for (const [name, item] of entries(value, report)) {
    const { prober, timeout, ...options } = readPart(MODULE, item, ['modules', name], report);
    if (prober === undefined) continue;
    probers.set(name, prober);
    usable.delete(name);
    const problem = complaint(prober, options);
    if (problem === undefined) usable.set(name, build(name, timeout, options['tcp']));
    else unusable.set(name, problem);
  }
  return { usable, unusable, probers, warnings: warning(unusable) };
}

function entries(value: unknown, report: Report): [string, unknown][] {
  if (value === undefined || value === null) return [];
  if (typeof value === 'object' && !Array.isArray(value)) return Object.entries(value);
  report({ path: ['modules'] as Path, message: `must be a mapping of module names to modules, not ${show(value)}` });
  return [];
}

function complaint(prober: string, options: Readonly<Record<string, unknown>>): string | undefined {
  if (prober !== 'tcp') return `prober ${show(prober)} is not in this version: it has tcp`;
  const { tcp, ...others } = options;
  const more = Object.keys(others);
  if (more.length > 0) return `${few(more)} beside prober tcp is not in this version`;
  if (tcp === undefined || tcp === null) return undefined;
  if (typeof tcp !== 'object' || Array.isArray(tcp)) return 'tcp is not a mapping';
  return tcpComplaint(tcp as Readonly<Record<string, unknown>>);
}

function tcpComplaint(tcp: Readonly<Record<string, unknown>>): string | undefined {
  const { preferred_ip_protocol: prefer, ip_protocol_fallback: fallback, ...others } = tcp;
  const more = Object.keys(others).map((key) => `tcp.${key}`);
  if (more.length > 0) return `${few(more)} is not in this version`;
  if (prefer !== undefined && prefer !== 'ip4' && prefer !== 'ip6')
    return 'tcp.preferred_ip_protocol is not ip4 or ip6';
  return fallback === undefined || typeof fallback === 'boolean'
    ? undefined
    : 'tcp.ip_protocol_fallback is not true or false';
}

/** blackbox_exporter prefers IPv6 unless told otherwise. Source: its CONFIGURATION.md, <tcp_probe>. */
function build(name: string, timeoutMs: number | undefined, tcp: unknown): Module {
  const { preferred_ip_protocol: prefer, ip_protocol_fallback: fallback } = (tcp ?? {}) as Record<string, unknown>;
  const family: FamilyPreference = Object.freeze({ prefer: prefer === 'ip4' ? 4 : 6, fallback: fallback !== false });
  // A timeout of 0 or less means none there.
  return Object.freeze({ name, family, ...(timeoutMs !== undefined && timeoutMs > 0 ? { timeoutMs } : {}) });
}

function warning(unusable: ReadonlyMap<string, string>): string[] {
  if (unusable.size === 0) return [];
  const list = few(Array.from(unusable, ([name, why]) => `${name}: ${why}`));
  return [`${unusable.size} of the modules cannot be used yet (${list}): /probe refuses them, everything else works`];
}

const GO_UNITS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};
const GO_DURATION = /^([+-]?)((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/;

/** A duration as Go reads it ("1.5s", "2m30s", "0"): those files are written for it. Milliseconds. Source: Go, time.ParseDuration. */
function goDuration() {
  return text('a duration such as 5s').transform((written, context) => {
    const found = GO_DURATION.exec(written);
    if (written === '0') return 0;
    if (found === null) {
      context.addIssue(`must be a duration such as 5s or 1.5s, not ${show(written)}`);
      return z.NEVER;
    }
    const parts = (found[2] ?? '').matchAll(/([\d.]+)([a-zµμ]+)/g);
    const total = [...parts].reduce((sum, [, number, unit]) => sum + Number(number) * (GO_UNITS[unit ?? ''] ?? 0), 0);
    return found[1] === '-' ? -total : total;
  });
}
