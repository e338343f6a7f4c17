import { describe, expect, it } from 'vitest';
import type { Check } from '../../src/checks/check.ts';
import { type DialogueOptions, dialogue } from '../../src/checks/dialogue.ts';
import type { CheckSample, ProbeResult } from '../../src/core/result.ts';
import { renderOne } from '../../src/exposition/fleet.ts';
import type { Target } from '../../src/probe/spec.ts';
import { UNKNOWN } from '../../src/probe/state.ts';
import { spec, target } from '../helpers/world.ts';

const NO_STEPS: DialogueOptions = { steps: [] };
const SPOKEN = spec({ host: 'h', port: 1 }, { use: { check: dialogue as Check, options: NO_STEPS } });

/** The lines of expect in a scrape; of a target where one is given. */
function lines(samples: readonly CheckSample[], configured?: Target): string[] {
  const result: ProbeResult = { startedAt: 0, durationMs: 1, budgetMs: 1, phases: {}, latencyErrorMs: 0, samples };
  const view = configured === undefined ? { result } : { result, configured: { target: configured, state: UNKNOWN } };
  return renderOne(view, 'text')
    .split('\n')
    .filter((line) => /^probe_(expect|failed)/.test(line));
}

const info = (labels: Record<string, string>) => ({ name: 'probe_expect_info', labels, value: 1 });

describe('the families of expect', () => {
  it('are 0 for every probe by hand, as in blackbox_exporter', () => {
    expect(lines([])).toEqual(['probe_failed_due_to_regex 0', 'probe_failed_due_to_bytes 0']);
  });

  it('are there for targets with a dialogue, and not for others', () => {
    expect(lines([], target('h', 1, { spec: SPOKEN }))).toEqual([
      'probe_failed_due_to_regex 0',
      'probe_failed_due_to_bytes 0',
    ]);
    expect(lines([], target('h', 1))).toEqual([]);
  });

  it('say which of the two failed', () => {
    expect(lines([{ name: 'probe_failed_due_to_bytes', labels: {}, value: 1 }])).toEqual([
      'probe_failed_due_to_regex 0',
      'probe_failed_due_to_bytes 1',
    ]);
  });

  it('have labels as they are written, and others where the target has them already', () => {
    const labels = { service: 'a', team: 'b', exported_team: 'c', version: 'd' };
    expect(lines([info(labels)]).at(-1)).toBe(
      'probe_expect_info{service="a",team="b",exported_team="c",version="d"} 1',
    );
    const configured = target('h', 1, { spec: SPOKEN, labels: { team: 'x' } });
    expect(lines([info({ service: 'a', team: 'b', version: 'd' })], configured).at(-1)).toBe(
      'probe_expect_info{exported_service="a",exported_team="b",version="d"} 1',
    );
  });
});
