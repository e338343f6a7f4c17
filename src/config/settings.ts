import { formatDuration } from '../core/duration.ts';
import type { Expectation } from '../probe/expectation.ts';
import type { FamilyPreference, Severity } from '../probe/spec.ts';
import { formatPath, type Path } from './path.ts';
import type { Report } from './problems.ts';
import { NETWORKS } from './schema.ts';

/** A value and where it comes from. Rank: 0 built in, 1 defaults, 2 group, 3 target. */
type Setting<Value> = { readonly value: Value; readonly path: Path; readonly rank: number };

/** What defaults, groups and targets have in common, the nearer one winning. */
export type Settings = {
  readonly interval: Setting<number>;
  readonly timeout: Setting<number>;
  readonly failures: number;
  readonly severity: Severity;
  readonly expect: Setting<Expectation>;
  readonly family: FamilyPreference;
};

/** The same as written at one level of the file; undefined where it says nothing. */
export type Written = {
  readonly interval?: number | undefined;
  readonly timeout?: number | undefined;
  readonly failures?: number | undefined;
  readonly severity?: Severity | undefined;
  readonly expect?: Expectation | undefined;
  readonly network?: keyof typeof NETWORKS | undefined;
  readonly preferred_ip_protocol?: 'ip4' | 'ip6' | undefined;
  readonly ip_protocol_fallback?: boolean | undefined;
};

const IP4: FamilyPreference = Object.freeze({ prefer: 4, fallback: true });

export const BUILT_IN: Settings = {
  interval: { value: 60_000, path: [], rank: 0 },
  timeout: { value: 5000, path: [], rank: 0 },
  failures: 2,
  severity: 'critical',
  expect: { value: 'open', path: [], rank: 0 },
  family: IP4,
};

/** The settings of one level: what it writes, else what the level above has. A `network` counts as a timeout written there. */
export function overlay(base: Settings, written: Written, path: Path, rank: number): Settings {
  const network = written.network;
  const near = network === undefined ? base.timeout : { value: NETWORKS[network], path: [...path, 'network'], rank };
  return {
    interval: setting(written.interval, [...path, 'interval'], rank) ?? base.interval,
    timeout: setting(written.timeout, [...path, 'timeout'], rank) ?? near,
    failures: written.failures ?? base.failures,
    severity: written.severity ?? base.severity,
    expect: setting(written.expect, [...path, 'expect'], rank) ?? base.expect,
    family: family(base.family, written),
  };
}

function setting<Value>(value: Value | undefined, path: Path, rank: number): Setting<Value> | undefined {
  return value === undefined ? undefined : { value, path, rank };
}

function family(base: FamilyPreference, written: Written): FamilyPreference {
  const { preferred_ip_protocol: prefer, ip_protocol_fallback: fallback } = written;
  if (prefer === undefined && fallback === undefined) return base;
  const number = prefer === undefined ? base.prefer : prefer === 'ip6' ? 6 : 4;
  return Object.freeze({ prefer: number, fallback: fallback ?? base.fallback });
}

/** A probe must be over before the next one is due. Said once for each pair of places, however many targets share them. */
export function timeoutCheck(report: Report): (settings: Settings) => void {
  const said = new Set<string>();
  return ({ timeout, interval }) => {
    if (timeout.value < interval.value) return;
    const [nearer, other, name] =
      timeout.rank >= interval.rank ? [timeout, interval, 'interval'] : [interval, timeout, 'timeout'];
    const key = `${formatPath(nearer.path)} ${formatPath(other.path)}`;
    if (said.has(key)) return;
    said.add(key);
    const from = other.rank === 0 ? 'built in' : formatPath(other.path);
    report({
      path: nearer.path,
      message: `${formatDuration(nearer.value)} does not fit the ${name} ${formatDuration(other.value)} (${from}): a timeout must be shorter than its interval`,
    });
  };
}
