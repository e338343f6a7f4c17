import { isExporterError, type ProbeResult } from '../core/result.ts';
import { History, type Outcome } from './history.ts';
import type { Target } from './spec.ts';

/** What is remembered of a configured target between scrapes. Epochs in milliseconds since 1970; absent until known. */
export type TargetState = {
  /** undefined until the first result that says something about the target. */
  readonly up: boolean | undefined;
  readonly consecutiveFailures: number;
  /** When the last failure was counted, monotonic ms. */
  readonly countedAt: number | undefined;
  readonly lastSuccessAt: number | undefined;
  readonly lastChangeAt: number | undefined;
  readonly stateChanges: number;
  readonly last: ProbeResult | undefined;
};

/** Before the first result. */
export const UNKNOWN: TargetState = {
  up: undefined,
  consecutiveFailures: 0,
  countedAt: undefined,
  lastSuccessAt: undefined,
  lastChangeAt: undefined,
  stateChanges: 0,
  last: undefined,
};

/** Failures nearer than this share of the interval are one failure seen twice: a second Prometheus, or a faster scrape. */
const COUNT_AFTER = 0.75;

/** The state after one more result. `at`: when its probe began, monotonic ms, so that a jump of the wall clock counts nothing. */
export function nextState(state: TargetState, result: ProbeResult, at: number, intervalMs: number): TargetState {
  if (isExporterError(result)) return { ...state, last: result };
  const up = result.failure === undefined;
  const changed = state.up !== undefined && state.up !== up;
  const counts = !up && (state.countedAt === undefined || at - state.countedAt >= COUNT_AFTER * intervalMs);
  return {
    up,
    consecutiveFailures: up ? 0 : state.consecutiveFailures + Number(counts),
    countedAt: up ? undefined : counts ? onGrid(state.countedAt, at, intervalMs) : state.countedAt,
    lastSuccessAt: up ? result.startedAt : state.lastSuccessAt,
    lastChangeAt: changed ? result.startedAt : state.lastChangeAt,
    stateChanges: state.stateChanges + Number(changed),
    last: result,
  };
}

/**
 * Where a counted failure stands: on the grid of the interval where it is near, so that the slack is not earned anew each time. A scrape
 * every 45 s must not count four failures of a 60 s target in three minutes.
 */
function onGrid(last: number | undefined, at: number, intervalMs: number): number {
  const due = (last ?? at) + intervalMs;
  return last !== undefined && at - due <= (1 - COUNT_AFTER) * intervalMs ? due : at;
}

/** The states of all configured targets. Kept over a reload for every target that still has its name and address. */
export class States {
  #states = new Map<string, TargetState>();
  #histories = new Map<string, History>();

  of(target: Target): TargetState {
    return this.#states.get(keyOf(target)) ?? UNKNOWN;
  }

  /** Takes in a result and returns the state after it; the same one twice counts once (several scrapes may have asked for it). */
  record(target: Target, result: ProbeResult, at: number): TargetState {
    const key = keyOf(target);
    const before = this.#states.get(key) ?? UNKNOWN;
    if (before.last === result) return before;
    const state = nextState(before, result, at, target.intervalMs);
    this.#states.set(key, state);
    this.#history(key).add(result);
    return state;
  }

  /** What became of the last probes of the target, oldest first. */
  outcomes(target: Target): readonly Outcome[] {
    return this.#histories.get(keyOf(target))?.outcomes ?? [];
  }

  /** Forgets all but these. */
  retain(targets: readonly Target[]): void {
    const keys = new Set(targets.map(keyOf));
    this.#states = only(this.#states, keys);
    this.#histories = only(this.#histories, keys);
  }

  #history(key: string): History {
    const known = this.#histories.get(key);
    if (known !== undefined) return known;
    const made = new History();
    this.#histories.set(key, made);
    return made;
  }
}

function only<Value>(all: ReadonlyMap<string, Value>, keys: ReadonlySet<string>): Map<string, Value> {
  return new Map([...all].filter(([key]) => keys.has(key)));
}

function keyOf(target: Target): string {
  return target.name === target.address ? target.name : `${target.name}\n${target.address}`;
}
