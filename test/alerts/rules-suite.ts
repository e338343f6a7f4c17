import { readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { run } from '../helpers/e2e-program.ts';
import type { Stage } from '../helpers/e2e-stage.ts';
import { CLOSED_SCENARIOS } from './rules-closed-scenarios.ts';
import { type Mutant, readRules } from './rules-mutants.ts';
import { PLANNED_SCENARIOS } from './rules-planned-scenarios.ts';
import { GROUPS, RULES, type Scenario, testFile } from './rules-promtool.ts';
import { DOWN_SCENARIOS } from './rules-scenarios.ts';
import { WAYS } from './rules-scrapes.ts';

const TESTS = 'alerts/tests';

/** One test of the rules, and the groups of rules that it is about. */
type Case = {
  readonly text: string;
  readonly groups: readonly string[];
  readonly file: string;
  readonly generated: boolean;
};

type TestFile = { readonly evaluation_interval: string; readonly tests: readonly unknown[] };

/** The committed tests and, where one way of scraping is enough, the generated ones, one by one. */
export class Suite {
  readonly #stage: Stage;
  readonly #cases: readonly Case[];
  #mutants = 0;
  /** How often a test noticed a mutant. */
  readonly #merits = new Map<string, number>();

  constructor(stage: Stage) {
    this.#stage = stage;
    const groupsOf = new Map<string, string[]>();
    for (const { name, rules } of readRules(readFileSync(RULES, 'utf8')).groups)
      for (const { alert = '' } of rules) groupsOf.set(alert, [...(groupsOf.get(alert) ?? []), name]);
    const committed = readdirSync(TESTS).flatMap((file) => {
      const { tests, ...rest } = parse(readFileSync(join(TESTS, file), 'utf8'), { maxAliasCount: -1 }) as TestFile;
      return tests.map((one) => ({ file, tests: { ...rest, tests: [one] } }));
    });
    const generated = scenarios().map((one) => ({ file: GENERATED, tests: parse(testFile([one], '')) as TestFile }));
    this.#cases = [...committed, ...generated].map(({ file, tests }, index) => {
      const text = JSON.stringify(tests);
      const found = new Set(Array.from(text.matchAll(/\w+/g), ([word]) => groupsOf.get(word) ?? []).flat());
      const groups = GROUPS.filter(
        (group) =>
          found.has(group) ||
          (group === 'port' && (found.size === 0 || NEEDS_PORT.test(text) || found.has('port-exporter'))),
      );
      const written = JSON.stringify({ ...tests, rule_files: ['../rules.yml'], group_eval_order: groups });
      stage.write(`cases/${groups.join('+')}/${index}.yml`, written);
      return { text, groups, file: `${index}.yml`, generated: file === GENERATED };
    });
  }

  /** Whether a test notices the mutant. Those that name its alert come first, then those that noticed most, the generated ones last. */
  async notices({ group, rule, rules }: Mutant): Promise<boolean> {
    const directory = `mutant-${this.#mutants++}`;
    const alert = rule.split(' ', 1)[0] ?? '';
    const rank = ({ text, generated }: Case) => (generated ? 2 : Number(!text.includes(`"${alert}"`)));
    const concerned = this.#cases
      .filter(({ groups }) => groups.includes(group))
      .sort((a, b) => rank(a) - rank(b) || this.#merit(b) - this.#merit(a) || a.text.length - b.text.length);
    for (const groups of new Set(concerned.map((one) => one.groups.join('+')))) {
      const those = rules.groups.filter(({ name }) => groups.split('+').includes(name));
      this.#stage.write(`${directory}/${groups}/rules.yml`, JSON.stringify({ groups: those }));
      symlinkSync(
        join(this.#stage.directory, 'cases', groups),
        join(this.#stage.directory, directory, groups, 'cases'),
      );
    }
    // One at a time: mostly the first one notices, and those beside it would have run for nothing.
    for (const one of concerned) {
      const file = join(this.#stage.directory, directory, one.groups.join('+'), 'cases', one.file);
      const { code } = await run(['promtool', 'test', 'rules', file]);
      if (code === 0) continue;
      this.#merits.set(one.file, this.#merit(one) + 1);
      return true;
    }
    return false;
  }

  #merit({ file }: Case): number {
    return this.#merits.get(file) ?? 0;
  }
}

/** Of those without exceptions one way of scraping is enough, and another one where it has rules of its own. */
function scenarios(): Scenario[] {
  const down = Object.values(DOWN_SCENARIOS).flatMap((made) => made());
  const others = [CLOSED_SCENARIOS, PLANNED_SCENARIOS].flatMap((of) => Object.values(of));
  return [
    ...down.filter(
      ({ name, evaluation }) => name.startsWith('sd') || (name.startsWith('blackbox') && (evaluation ?? 15) === 15),
    ),
    ...others.flatMap((made) => WAYS.flatMap(made)),
  ];
}

const GENERATED = 'generated';
/** What other groups read as group port has recorded it. */
const NEEDS_PORT = /probe_maintenance|probe_expect_closed/;
