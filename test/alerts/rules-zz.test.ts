import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'vitest';
import { Stage } from '../helpers/e2e-stage.ts';
import { mutants } from './rules-mutants.ts';
import { RULES } from './rules-promtool.ts';
import { Suite } from './rules-suite.ts';

test('x', { timeout: 3_000_000 }, async () => {
  const stage = new Stage();
  const suite = new Suite(stage);
  const q = mutants(readFileSync(RULES, 'utf8'))
    .map((mutant, id) => ({ mutant, id }))
    .filter(({ mutant }) => new RegExp(process.env['ONLY'] ?? '').test(mutant.what));
  const log: string[] = [];
  const n = q.length;
  const work = async () => {
    for (let m = q.shift(); m; m = q.shift()) {
      const t = performance.now();
      const ok = await suite.notices(m.mutant);
      log.push(`${ok ? 'killed' : 'SURVIVED'} ${Math.round(performance.now() - t)} ${m.mutant.group} ${m.mutant.what}`);
      writeFileSync(process.env['LOG'] ?? '/tmp/mut.log', `${n}\n${log.join('\n')}\n`);
    }
  };
  await Promise.all([work(), work()]);
  await stage.clear();
});
