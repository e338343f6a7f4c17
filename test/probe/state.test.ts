import { describe, expect, test } from 'vitest';
import type { Reason } from '../../src/core/reason.ts';
import type { ProbeResult } from '../../src/core/result.ts';
import { nextState, States, type TargetState, UNKNOWN } from '../../src/probe/state.ts';
import { target } from '../helpers/world.ts';

const INTERVAL = 60_000;
const START = 1_700_000_000_000;

function result(reason: Reason | 'up', atMs: number): ProbeResult {
  return {
    startedAt: START + atMs,
    durationMs: 1,
    budgetMs: 5000,
    phases: {},
    latencyErrorMs: 0,
    ...(reason !== 'up' && { failure: { reason, phase: 'connect', detail: '' } }),
  };
}

type Seen = readonly (readonly [second: number, Reason | 'up'])[];

/** The state after results at given seconds. */
function stateAfter(...seen: Seen): TargetState {
  let state: TargetState = UNKNOWN;
  for (const [second, what] of seen) state = nextState(state, result(what, second * 1000), second * 1000, INTERVAL);
  return state;
}

describe('failures in a row', () => {
  test.each<[string, number, Seen]>([
    ['the first failure counts', 1, [[0, 'timeout']]],
    [
      'one per interval',
      3,
      [
        [0, 'timeout'],
        [60, 'timeout'],
        [120, 'timeout'],
      ],
    ],
    [
      'a change of reason goes on counting',
      2,
      [
        [0, 'timeout'],
        [60, 'connection_refused'],
      ],
    ],
    [
      'a second Prometheus half an interval later adds nothing',
      2,
      [
        [0, 'timeout'],
        [30, 'timeout'],
        [60, 'timeout'],
        [90, 'timeout'],
      ],
    ],
    [
      'a twin a second later adds nothing',
      2,
      [
        [0, 'timeout'],
        [1, 'timeout'],
        [60, 'timeout'],
        [61, 'timeout'],
      ],
    ],
    [
      'a scrape every 45 s earns its slack once, not each time',
      3,
      [
        [0, 'timeout'],
        [45, 'timeout'],
        [90, 'timeout'],
        [135, 'timeout'],
        [164, 'timeout'],
      ],
    ],
    [
      'a scrape that comes late keeps the beat',
      3,
      [
        [0, 'timeout'],
        [70, 'timeout'],
        [120, 'timeout'],
      ],
    ],
    [
      'a scrape that comes early by a quarter counts',
      2,
      [
        [0, 'timeout'],
        [45, 'timeout'],
      ],
    ],
    [
      'a scrape that comes earlier still does not',
      1,
      [
        [0, 'timeout'],
        [44, 'timeout'],
      ],
    ],
    [
      'a success starts again',
      1,
      [
        [0, 'timeout'],
        [60, 'timeout'],
        [61, 'up'],
        [62, 'timeout'],
      ],
    ],
    [
      'a success is 0',
      0,
      [
        [0, 'timeout'],
        [60, 'up'],
      ],
    ],
    [
      "the exporter's own fault is no failure of the target",
      1,
      [
        [0, 'timeout'],
        [60, 'exporter_error'],
      ],
    ],
    [
      "nor does the exporter's own fault forgive one",
      2,
      [
        [0, 'timeout'],
        [60, 'exporter_error'],
        [120, 'timeout'],
      ],
    ],
  ])('%s', (_, failures, seen) => {
    expect(stateAfter(...seen).consecutiveFailures).toBe(failures);
  });
});

describe('times', () => {
  test('nothing is known before the first result', () => {
    expect(stateAfter()).toEqual(UNKNOWN);
  });

  test('the first result is no change', () => {
    expect(stateAfter([0, 'timeout'])).toMatchObject({ up: false, stateChanges: 0 });
    expect(stateAfter([0, 'timeout']).lastChangeAt).toBeUndefined();
    expect(stateAfter([0, 'timeout']).lastSuccessAt).toBeUndefined();
  });

  test('each change is counted and dated by the probe that saw it', () => {
    const state = stateAfter(
      [0, 'up'],
      [60, 'timeout'],
      [120, 'timeout'],
      [180, 'up'],
      [240, 'timeout'],
      [300, 'timeout'],
    );
    expect(state).toMatchObject({ stateChanges: 3, lastChangeAt: START + 240_000, lastSuccessAt: START + 180_000 });
  });

  test("the exporter's own fault changes nothing but what was seen last", () => {
    const before = stateAfter([0, 'up'], [60, 'timeout']);
    const fault = result('exporter_error', 90_000);
    expect(nextState(before, fault, 90_000, INTERVAL)).toEqual({ ...before, last: fault });
  });
});

describe('all states', () => {
  test('the same result, asked for by several scrapes, counts once', () => {
    const states = new States();
    const one = target('127.0.0.1', 1);
    const down = result('timeout', 0);
    states.record(one, down, 0);
    states.record(one, down, 60_000);
    expect(states.of(one).consecutiveFailures).toBe(1);
  });

  test('a reload keeps the state of what keeps its name and address, whatever else changed', () => {
    const states = new States();
    const one = target('127.0.0.1', 1, { name: 'db' });
    states.record(one, result('timeout', 0), 0);
    const changed = { ...one, intervalMs: 30_000, failures: 5, labels: { team: 'x' } };
    states.retain([changed]);
    expect(states.of(changed).consecutiveFailures).toBe(1);
  });

  test('a name that points elsewhere starts afresh, and what is gone is forgotten', () => {
    const states = new States();
    const one = target('127.0.0.1', 1, { name: 'db' });
    states.record(one, result('timeout', 0), 0);
    const moved = target('127.0.0.2', 1, { name: 'db' });
    expect(states.of(moved).consecutiveFailures).toBe(0);
    states.retain([moved]);
    expect(states.of(one).consecutiveFailures).toBe(0);
  });
});
