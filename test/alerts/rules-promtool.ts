import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';
import { run } from '../helpers/e2e-program.ts';
import type { Timelines } from './rules-scrapes.ts';

export const RULES = 'alerts/port-exporter.rules.yml';

/** Groups whose rules read those of others come after them. */
export const GROUPS = ['port', 'port-alerts', 'port-exporter', 'port-baseline', 'port-budget', 'port-budget-slow'];

/** Firing from the first evaluation at or after `from` to the last one before `to`. */
export type Span = readonly [from: number, to: number];

/** The spans in which each value of `label` has a firing alert. */
type Expected = Readonly<Record<string, readonly Span[]>>;

export type Scenario = {
  readonly name: string;
  readonly timelines: Timelines;
  readonly until: number;
  /** Seconds between evaluations; as in the rules unless given. */
  readonly evaluation?: number;
  readonly expected: readonly { readonly alert: string; readonly by?: string; readonly firing: Expected }[];
};

/** A file for `promtool test rules`: every scenario is looked at after each evaluation. */
export function testFile(scenarios: readonly Scenario[], rules: string): string {
  const evaluation = scenarios[0]?.evaluation ?? 15;
  return stringify(
    {
      rule_files: [rules],
      evaluation_interval: `${evaluation}s`,
      group_eval_order: GROUPS,
      tests: scenarios.map(({ name, timelines, until, expected }) => ({
        name,
        interval: '1s',
        input_series: [...timelines].map(([series, values]) => ({ series, values: notation(values) })),
        promql_expr_test: expected.flatMap((of) => checks(of, until, evaluation)),
      })),
    },
    { lineWidth: 0, aliasDuplicateObjects: false },
  );
}

function checks(
  { alert, by = 'name', firing }: Scenario['expected'][number],
  until: number,
  evaluation: number,
): object[] {
  const seconds = Array.from({ length: Math.floor(until / evaluation) + 1 }, (_, index) => index * evaluation);
  return seconds.map((second) => ({
    expr: `count by (${by}) (ALERTS{alertname="${alert}",alertstate="firing"})`,
    eval_time: `${second}s`,
    exp_samples: Object.entries(firing)
      .filter(([, spans]) => spans.some(([from, to]) => from <= second && second < to))
      .map(([value]) => ({ labels: value === '' ? '{}' : `{${by}="${value}"}`, value: 1 })),
  }));
}

/** Values one second apart, in promtool's notation. */
function notation(values: ReadonlyMap<number, number | 'stale'>): string {
  const parts: string[] = [];
  let next = 0;
  for (const [second, value] of [...values].sort(([a], [b]) => a - b)) {
    if (second > next) parts.push(`_x${second - next}`);
    parts.push(String(value));
    next = second + 1;
  }
  return parts.join(' ');
}

/** What promtool says of these test files: nothing when all is as expected. */
export async function promtool(files: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(['promtool', 'test', 'rules', ...files]);
  return code === 0 ? '' : `${stdout}${stderr}`.slice(0, 6000) || `promtool ended with ${code}`;
}

/** Writes test files for these rules to a directory and gives their names. */
export function writeTests(directory: string, texts: Readonly<Record<string, string>>): string[] {
  return Object.entries(texts).map(([name, text]) => {
    const file = join(directory, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  });
}

/** The rules of these groups only: what others cost is saved. */
export function only(groups: readonly string[], rules = readFileSync(RULES, 'utf8')): string {
  const file = parse(rules) as { groups: { name: string }[] };
  return stringify({ groups: file.groups.filter(({ name }) => groups.includes(name)) }, { lineWidth: 0 });
}
