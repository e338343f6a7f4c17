import type { Dashboard, Variable } from './model.ts';

/** What is chosen for a variable; `all` is inserted as it is. */
export type Choice = string | readonly string[] | { readonly all: string };
export type Choices = Readonly<Record<string, Choice>>;

/** When a panel looks at the data, and how finely. Seconds. */
export type Window = {
  readonly from: number;
  readonly to: number;
  readonly points: number;
  /** That of the data source; $__rate_interval comes from it. */
  readonly scrapeInterval: number;
  readonly minStep?: string | undefined;
};

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

function seconds(text: string): number {
  const [, count = '0', unit = 's'] = /^(\d+)([smhd])$/.exec(text) ?? [];
  return Number(count) * (SECONDS[unit] ?? 1);
}

/** Up to which exact interval Grafana takes which round one. Source: roundInterval of @grafana/data. */
const ROUND: readonly (readonly [below: number, taken: number])[] = [
  ...([
    [1.5, 1],
    [3.5, 2],
    [7.5, 5],
    [12.5, 10],
    [17.5, 15],
    [25, 20],
    [45, 30],
    [90, 60],
    [210, 120],
  ] as const),
  ...([
    [450, 300],
    [750, 600],
    [1050, 900],
    [1500, 1200],
    [2700, 1800],
    [5400, 3600],
    [9000, 7200],
  ] as const),
  ...([
    [16_200, 10_800],
    [32_400, 21_600],
    [86_400, 43_200],
    [604_800, 86_400],
  ] as const),
];

/** The step that Grafana asks for. */
export function stepOf({ from, to, points, scrapeInterval, minStep }: Window): number {
  const exact = (to - from) / points;
  const [, taken = 604_800] = ROUND.find(([below]) => exact < below) ?? [];
  return Math.max(taken, minStep === undefined ? scrapeInterval : seconds(minStep));
}

function builtIns(window: Window): Readonly<Record<string, string>> {
  const step = stepOf(window);
  const scrape = window.minStep === undefined ? window.scrapeInterval : seconds(window.minStep);
  const range = window.to - window.from;
  return {
    __interval: `${step}s`,
    __interval_ms: String(step * 1000),
    __rate_interval: `${Math.max(step + scrape, 4 * scrape)}s`,
    __range: `${range}s`,
    __from: String(window.from * 1000),
  };
}

const REFERENCE = /\$\{(\w+)(?::\w+)?\}|\$(\w+)/g;

/** Names of the variables that a text uses. */
export function referencesIn(text: string): string[] {
  return Array.from(text.matchAll(REFERENCE), ([, braced, bare = '']) => braced ?? bare);
}

/** A query as Grafana sends it to Prometheus; a variable that nobody defines stays. */
export function interpolate(text: string, dashboard: Dashboard, choices: Choices, window: Window): string {
  const known = builtIns(window);
  return text.replace(REFERENCE, (found, braced?: string, bare = '') => {
    const name = braced ?? bare;
    const choice = choices[name];
    return known[name] ?? (choice === undefined ? found : written(choice, isMulti(dashboard, name)));
  });
}

function isMulti({ templating }: Dashboard, name: string): boolean {
  return templating.list.some((one) => one.name === name && takesMany(one));
}

export function takesMany({ multi, includeAll }: Variable): boolean {
  return multi === true || includeAll === true;
}

function written(choice: Choice, multi: boolean): string {
  if (typeof choice === 'string') return multi ? asRegex(choice) : choice.replace(/\\/g, '\\\\').replace(/'/g, "\\\\'");
  return 'all' in choice ? choice.all : anyOf(choice);
}

/** Several values; also what "All" stands for where nothing else is said. None are written as `()`, which only an empty label is like. */
export function anyOf(values: readonly string[]): string {
  const written = values.map(asRegex);
  return written.length === 1 ? written.join() : `(${written.join('|')})`;
}

/** For a regular expression within a string of PromQL, as Grafana does it: a `"` is left as it is, and ends the string. */
function asRegex(text: string): string {
  return text.replace(/\\/g, '\\\\\\\\').replace(/[$^*{}[\]'+?.()|]/g, '\\\\$&');
}
