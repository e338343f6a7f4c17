import { anyOf, type Choice, type Choices, interpolate, stepOf, takesMany, type Window } from './interpolation.ts';
import { type Dashboard, lookUp, type Panel, panelsOf, type Query, type Variable } from './model.ts';

/** One series of an answer: its labels, and values over time. */
export type Series = {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [at: number, value: number])[];
};

/** What Prometheus says to a query of a panel. */
type Answer = {
  readonly query: Query;
  readonly expr: string;
  readonly step: number;
  readonly series: readonly Series[];
  readonly seconds: number;
};

export type PanelAnswer = { readonly panel: Panel; readonly answers: readonly Answer[] };

/** What somebody looks at: until when, how far back, and what is chosen. */
export type View = { readonly end: number; readonly range: number; readonly choices?: Choices };

const SCRAPE_INTERVAL = 60;
/** The most points that Grafana asks for where it looks for annotations. */
const MARKS = 100;
/** A panel over the full width of a common screen. */
const WIDTH = 1600;

type Answered = { readonly resultType: string; readonly result: readonly unknown[] };
type Vector = { readonly metric: Record<string, string>; readonly value: readonly [number, string] };
type Matrix = { readonly metric: Record<string, string>; readonly values: readonly (readonly [number, string])[] };

/** Asks Prometheus as Grafana does when a dashboard is opened. */
export class Asking {
  readonly #url: string;
  readonly #scrapeInterval: number;

  constructor(url: string, scrapeInterval = SCRAPE_INTERVAL) {
    this.#url = url;
    this.#scrapeInterval = scrapeInterval;
  }

  /** The values of all variables, looked up one after the other; the first or all, where the view chooses none. */
  async choices(dashboard: Dashboard, view: View): Promise<Choices> {
    const found: Record<string, Choice> = {};
    for (const variable of dashboard.templating.list) {
      const asked = lookUp(variable);
      const chosen = view.choices?.[variable.name];
      if (chosen !== undefined) found[variable.name] = chosen;
      else if (variable.type === 'datasource') found[variable.name] = 'prometheus';
      else if (variable.allValue !== undefined) found[variable.name] = { all: variable.allValue };
      else if (asked !== undefined) {
        const selector = interpolate(asked.selector, dashboard, found, this.#window(view, {}));
        found[variable.name] = unchosen(variable, await this.labelValues(selector, asked.label, view));
      }
    }
    return found;
  }

  async panel(dashboard: Dashboard, panel: Panel, choices: Choices, view: View): Promise<PanelAnswer> {
    const answers: Answer[] = [];
    for (const query of panel.targets ?? []) {
      const window = this.#window(view, panel, query.interval);
      const expr = interpolate(query.expr ?? '', dashboard, choices, window);
      const began = performance.now();
      const series = query.instant === true ? await this.now(expr, view.end) : await this.over(expr, window);
      answers.push({ query, expr, step: stepOf(window), series, seconds: (performance.now() - began) / 1000 });
    }
    return { panel, answers };
  }

  async dashboard(dashboard: Dashboard, view: View): Promise<PanelAnswer[]> {
    const choices = await this.choices(dashboard, view);
    const answers: PanelAnswer[] = [];
    for (const panel of panelsOf(dashboard)) answers.push(await this.panel(dashboard, panel, choices, view));
    return answers;
  }

  async annotations(
    dashboard: Dashboard,
    view: View,
  ): Promise<{ readonly name: string; readonly series: readonly Series[] }[]> {
    const choices = await this.choices(dashboard, view);
    const window = this.#window(view, { maxDataPoints: MARKS }, '1m');
    const found: { name: string; series: readonly Series[] }[] = [];
    for (const { name, expr = '' } of dashboard.annotations.list)
      found.push({ name, series: await this.over(interpolate(expr, dashboard, choices, window), window) });
    return found;
  }

  async now(expr: string, time: number): Promise<Series[]> {
    const { resultType, result } = await this.#ask('query', { query: expr, time: String(time) });
    if (resultType !== 'vector') throw new Error(`${expr} is a ${resultType}`);
    return (result as readonly Vector[]).map(({ metric, value: [at, value] }) => ({
      metric,
      values: [[at, Number(value)]],
    }));
  }

  /** Begins and ends on whole steps, as Grafana does, so that a refresh does not change what was there. */
  async over(expr: string, window: Window): Promise<Series[]> {
    const step = stepOf(window);
    const [start, end] = [window.from, window.to].map((at) => String(Math.floor(at / step) * step));
    const { result } = await this.#ask('query_range', {
      query: expr,
      start: start ?? '',
      end: end ?? '',
      step: String(step),
    });
    return (result as readonly Matrix[]).map(({ metric, values }) => ({
      metric,
      values: values.map(([at, value]) => [at, Number(value)] as const),
    }));
  }

  async labelValues(selector: string, label: string, { end, range }: View): Promise<string[]> {
    const query = new URLSearchParams({ 'match[]': selector, start: String(end - range), end: String(end) });
    const answer = await fetch(`${this.#url}/api/v1/label/${label}/values?${query}`);
    return ((await answer.json()) as { data: string[] }).data;
  }

  #window({ end, range }: View, panel: Partial<Panel>, minStep?: string): Window {
    const points = panel.maxDataPoints ?? Math.round(((panel.gridPos?.w ?? 24) / 24) * WIDTH);
    return { from: end - range, to: end, points, scrapeInterval: this.#scrapeInterval, minStep };
  }

  async #ask(path: string, parameters: Readonly<Record<string, string>>): Promise<Answered> {
    const answer = await fetch(`${this.#url}/api/v1/${path}`, {
      method: 'POST',
      body: new URLSearchParams(parameters),
    });
    const { status, data, error } = (await answer.json()) as { status: string; data: Answered; error?: string };
    if (status !== 'success') throw new Error(`${error}\n${parameters['query']}`);
    return data;
  }
}

/** What a variable stands for when a dashboard is opened. */
function unchosen(variable: Variable, values: readonly string[]): Choice {
  return takesMany(variable) ? { all: anyOf(values) } : (values[0] ?? '');
}

/** What Grafana calls a series. */
export function legendOf({ legendFormat = '' }: Query, metric: Series['metric']): string | undefined {
  if (legendFormat === '' || legendFormat === '__auto') return undefined;
  return legendFormat.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, label: string) => metric[label] ?? '').trim();
}
