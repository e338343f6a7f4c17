import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Stage } from '../helpers/e2e-stage.ts';
import { needs } from '../helpers/programs.ts';
import { type Mutant, mutants } from './rules-mutants.ts';
import { RULES } from './rules-promtool.ts';
import { Suite } from './rules-suite.ts';
import { SURVIVORS } from './rules-survivors.ts';

const EVERY = mutants(readFileSync(RULES, 'utf8'));
const NOTICED = EVERY.filter(({ what }) => !SURVIVORS.some(({ changes }) => changes.includes(what)));
const SAMPLE_MS = 12_000;
const LONG_SAMPLE_MS = 500_000;
const SIDE_BY_SIDE = 2;

/** In no particular order, so that in the long run every change has its turn. */
function shuffled<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item) => [Math.random(), item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item);
}

/** The changes that no test notices, of as many as there is time for. */
async function unnoticed(chosen: readonly Mutant[], stage: Stage, forMs: number): Promise<string[]> {
  const suite = new Suite(stage);
  const until = performance.now() + forMs;
  const queue = shuffled(chosen);
  const found: string[] = [];
  const work = async () => {
    for (let next = queue.shift(); next !== undefined && performance.now() < until; next = queue.shift())
      if (!(await suite.notices(next))) found.push(next.what);
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
  return found.sort();
}

needs('promtool')('a change of a rule is noticed by a test (some changes, others each time)', async (stage) => {
  expect(await unnoticed(NOTICED, stage, SAMPLE_MS)).toEqual([]);
});

needs('promtool', 'E2E_CLONE=1')('a change of a rule is noticed by a test (many changes)', async (stage) => {
  expect(await unnoticed(NOTICED, stage, LONG_SAMPLE_MS)).toEqual([]);
});

test('the changes that no test is to notice are possible, each is listed once, and has a reason', () => {
  const possible = new Set(EVERY.map(({ what }) => what));
  const listed = SURVIVORS.flatMap(({ changes }) => changes);
  expect(listed.filter((what) => !possible.has(what))).toEqual([]);
  expect(listed).toHaveLength(new Set(listed).size);
  expect(SURVIVORS.filter(({ reason }) => reason.length < 20)).toEqual([]);
});
