import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Stage } from '../helpers/e2e-stage.ts';
import { needs } from '../helpers/programs.ts';
import { type Mutant, mutants } from './rules-mutants.ts';
import { RULES } from './rules-promtool.ts';
import { Suite } from './rules-suite.ts';
import { SURVIVORS } from './rules-survivors.ts';

const ALL = mutants(readFileSync(RULES, 'utf8')).filter(({ what }) => !(what in SURVIVORS));
const SAMPLE_MS = 15_000;
const SIDE_BY_SIDE = 2;

/** Those that no test noticed, of as many as there was time for. */
async function unnoticed(chosen: readonly Mutant[], stage: Stage, until: number): Promise<string[]> {
  const suite = new Suite(stage);
  const queue = [...chosen];
  const found: string[] = [];
  const work = async () => {
    for (let next = queue.shift(); next !== undefined && performance.now() < until; next = queue.shift())
      if (!(await suite.notices(next))) found.push(next.what);
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
  return found.sort();
}

/** As many as there is time for, other ones each time. */
needs('promtool')('a change of a rule is noticed by a test (a sample of all changes)', async (stage) => {
  const start = Math.floor(Math.random() * ALL.length);
  const step = 17;
  const order = ALL.map((_, index) => ALL[(start + index * step) % ALL.length]).filter(
    (mutant) => mutant !== undefined,
  );
  expect(await unnoticed(order, stage, performance.now() + SAMPLE_MS)).toEqual([]);
});

needs('promtool', 'E2E_CLONE=1')('every change of a rule is noticed by a test', async (stage) => {
  expect(await unnoticed(ALL, stage, Number.POSITIVE_INFINITY)).toEqual([]);
});

needs()('changes that no test notices are still possible, and each has a reason', async () => {
  const possible = new Set(mutants(readFileSync(RULES, 'utf8')).map(({ what }) => what));
  expect(Object.keys(SURVIVORS).filter((what) => !possible.has(what))).toEqual([]);
});
