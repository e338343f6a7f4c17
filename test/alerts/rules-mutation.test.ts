import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Stage } from '../helpers/e2e-stage.ts';
import { needs } from '../helpers/programs.ts';
import { type Mutant, mutants } from './rules-mutants.ts';
import { RULES } from './rules-promtool.ts';
import { Suite } from './rules-suite.ts';

const SIDE_BY_SIDE = 2;
/** What must never be wrong in an alert: its comparison, how long it waits and holds, and how loud it is. */
const ESSENTIAL = [/: (?:==|>=|<=|<|>) to /, /: without (?:for|keep_firing_for)$/, /: without label severity$/];

/** For each alerting rule one change of each essential kind that it has, and every one of what the text of PortDown asks for. */
function essential(all: readonly Mutant[]): Mutant[] {
  const alerts = new Set(all.map(({ rule }) => rule).filter((rule) => /^(?:Port|Watchdog)/.test(rule)));
  const kinds = [...alerts].flatMap((alert) =>
    ESSENTIAL.flatMap((kind) => all.find(({ rule, what }) => rule === alert && kind.test(what)) ?? []),
  );
  return [...kinds, ...all.filter(({ rule, what }) => rule === 'PortDown' && what.includes(': annotation '))];
}

/** The changes that no test notices. */
async function unnoticed(chosen: readonly Mutant[], stage: Stage): Promise<string[]> {
  const suite = new Suite(stage);
  const queue = [...chosen];
  const found: string[] = [];
  const work = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      if (!(await suite.notices(next))) found.push(next.what);
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
  return found.sort();
}

const CHANGES = essential(mutants(readFileSync(RULES, 'utf8')));

needs('promtool')('a change of what an alert compares, waits for or says is noticed by a test', async (stage) => {
  expect(CHANGES.length).toBeGreaterThan(40);
  expect(await unnoticed(CHANGES, stage)).toEqual([]);
});
