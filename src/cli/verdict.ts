import { isExporterError, type ProbeResult } from '../core/result.ts';
import { causesOf } from '../probe/causes.ts';
import { brokenLayer, type Layer } from '../probe/layers.ts';
import { type Maintenance, maintenanceAt } from '../probe/maintenance.ts';
import type { Target } from '../probe/spec.ts';

/** FAULT: the exporter itself could not probe, which says nothing about the target. */
export type State = 'UP' | 'DOWN' | 'FAULT';

/**
 * One target and what its probe found; the layer of it that is broken, where it has layers, the names of those that it is down because of,
 * and what is planned for it now.
 */
export type Verdict = {
  readonly target: Target;
  readonly result: ProbeResult;
  readonly state: State;
  readonly layer?: Layer;
  readonly causes?: readonly string[];
  readonly maintenance?: Maintenance;
};

/** How many targets are in each state, and how long finding out took. */
export type Tally = { readonly up: number; readonly down: number; readonly notProbed: number; readonly tookMs: number };

export function verdictOf(target: Target, result: ProbeResult): Verdict {
  const maintenance = maintenanceAt(target.maintenance ?? [], result.startedAt);
  const found = { target, result, ...(maintenance && { maintenance }) };
  if (result.failure === undefined) return { ...found, state: 'UP' };
  if (isExporterError(result)) return { ...found, state: 'FAULT' };
  const layer = brokenLayer(result, target.layers ?? []);
  return { ...found, state: 'DOWN', ...(layer && { layer }) };
}

/** The verdicts of one round, those that are down with the causes among them. */
export function withCauses(verdicts: readonly Verdict[]): readonly Verdict[] {
  const byName = new Map(verdicts.map((verdict) => [verdict.target.name, verdict]));
  return verdicts.map((verdict) => {
    if (verdict.state !== 'DOWN') return verdict;
    const causes = causesOf(
      verdict.target,
      (name) => byName.get(name)?.target,
      ({ name }) => byName.get(name)?.state === 'DOWN',
    );
    return causes.length === 0 ? verdict : { ...verdict, causes };
  });
}

export function tallyOf(verdicts: readonly Verdict[], tookMs: number): Tally {
  const count = (state: State) => verdicts.filter((verdict) => verdict.state === state).length;
  return { up: count('UP'), down: count('DOWN'), notProbed: count('FAULT'), tookMs };
}

/** What `check` and `probe` exit with: a target that could not be probed is not known to be up. */
export const PROBE_EXITS = {
  0: 'Every target is up.',
  1: 'At least one target is down, or could not be probed.',
  2: 'The command line or the configuration is wrong.',
} as const;

export function exitCodeOf(tally: Tally): 0 | 1 {
  return tally.down + tally.notProbed === 0 ? 0 : 1;
}
