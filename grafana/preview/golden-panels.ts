import type { DataFrame, DisplayValue, Field, FieldConfigSource, ReduceDataOptions } from '@grafana/data';
import type { PanelAnswer } from '../../test/grafana/asking.ts';
import type { Panel } from '../../test/grafana/model.ts';
import { clock, destination, inColor, type Painted, painted, theme } from './golden-words.ts';
import { grafana } from './grafana-data.ts';
import { inWords, nameOf, type Shown, show } from './shown.ts';

/** A panel in words and colours, line by line. */
export async function linesOf(answer: PanelAnswer, end: number): Promise<string[]> {
  const panel = loaded(answer.panel);
  const shown = await show({ ...answer, panel });
  if (panel.type === 'table') return tableOf(shown, isSorted(answer));
  if (panel.type === 'stat' || panel.type === 'bargauge') return valuesOf(shown, isSorted(answer));
  if (panel.type === 'alertlist') return Object.entries(panel.options ?? {}).map(option);
  return seriesOf(shown, end);
}

/** JSON has no infinity: Grafana puts it in when it loads a panel. Source: getPanelOptionsWithDefaults of @grafana/data. */
function loaded(panel: Panel): Panel {
  const copy = structuredClone(panel);
  const [lowest] = copy.fieldConfig?.defaults.thresholds?.steps ?? [];
  if (lowest !== undefined) lowest.value = -Infinity;
  return copy;
}

function option([name, value]: readonly [string, unknown]): string {
  return `${name}: ${JSON.stringify(value)}`;
}

/** Other answers of Prometheus come in no order of their own. */
function isSorted({ answers }: PanelAnswer): boolean {
  return answers.some(({ expr }) => /^\s*sort(?:_desc)?\(/.test(expr));
}

function empty({ fieldConfig }: Panel): string[] {
  return [`nothing: "${fieldConfig?.defaults.noValue ?? 'No data'}"`];
}

type Row = { readonly order: readonly unknown[]; readonly words: string };
type SortBy = readonly { readonly displayName: string; readonly desc?: boolean }[];

function tableOf({ panel, frames }: Shown, sorted: boolean): string[] {
  const [frame] = frames;
  if (frame === undefined || frame.length === 0) return empty(panel);
  const sortBy = (panel.options?.['sortBy'] ?? []) as SortBy;
  const names = frame.fields.map((field) => nameOf(field, frame, frames));
  const keeps = new Set<string>();
  const rows: Row[] = Array.from({ length: frame.length }, (_, i) => ({
    order: sortBy.map(({ displayName }) => frame.fields[names.indexOf(displayName)]?.values[i]),
    words: frame.fields.map((field) => cell(field, i, keeps)).join(' | '),
  }));
  if (!sorted) rows.sort((a, b) => compare(a.words, b.words));
  rows.sort((a, b) => sortBy.reduce((so, { desc }, i) => so || compare(a.order[i], b.order[i]) * (desc ? -1 : 1), 0));
  return [names.join(' | '), ...rows.map(({ words }) => words), ...kept(keeps)];
}

function cell(field: Field, i: number, keeps: Set<string>): string {
  const { to, keeps: rest } = destination(field.getLinks?.({ valueRowIndex: i }));
  if (to !== '') keeps.add(rest);
  return painted(field, field.values[i] ?? null, howIn(field)) + to;
}

function howIn({ config }: Field): Painted {
  const { type } = (config.custom?.cellOptions ?? {}) as { type?: string };
  return type === 'color-background' ? 'ground' : type === 'color-text' ? 'words' : 'none';
}

/** As the table does it: numbers by size, words by the alphabet, cells without a value first. */
function compare(a: unknown, b: unknown): number {
  const none = Number(b === null || b === undefined) - Number(a === null || a === undefined);
  if (none !== 0 || a === b) return none;
  return (typeof a === 'number' && typeof b === 'number' ? a < b : String(a) < String(b)) ? -1 : 1;
}

function kept(keeps: ReadonlySet<string>): string[] {
  return Array.from(keeps, (one) => `links keep ${one}`);
}

type ValueOptions = {
  readonly reduceOptions: ReduceDataOptions;
  readonly textMode?: string;
  readonly colorMode?: string;
};

function valuesOf({ panel, frames }: Shown, sorted: boolean): string[] {
  const { reduceOptions, textMode, colorMode = 'value' } = (panel.options ?? {}) as ValueOptions;
  const values = grafana.getFieldDisplayValues({
    ...{ data: [...frames], reduceOptions, theme, timeZone: 'utc', replaceVariables: (text: string) => text },
    fieldConfig: (panel.fieldConfig ?? { defaults: {}, overrides: [] }) as unknown as FieldConfigSource,
  });
  const names = textMode === 'name' ? 'only' : panel.type === 'bargauge' || values.length > 1 ? 'too' : 'none';
  const how: Painted = colorMode === 'none' ? 'none' : colorMode.startsWith('background') ? 'ground' : 'words';
  const keeps = new Set<string>();
  const lines = values.map(({ display, getLinks, hasLinks }) => {
    const { to, keeps: rest } = destination(hasLinks ? getLinks?.() : []);
    if (to !== '') keeps.add(rest);
    return { numeric: display.numeric, words: inColor(labelled(display, names), how, display.color) + to };
  });
  // Of the same size they come in any order.
  lines.sort((a, b) => (sorted && a.numeric !== b.numeric ? 0 : compare(a.words, b.words)));
  return [...lines.map(({ words }) => words), ...kept(keeps)];
}

function labelled(display: DisplayValue, names: 'none' | 'only' | 'too'): string {
  const { title = '', prefix = '', text, suffix = '' } = display;
  const value = `${prefix}${text}${suffix}`;
  if (title === '' || names === 'none') return value;
  return names === 'only' ? title : `${title}: ${value}`;
}

function seriesOf(shown: Shown, end: number): string[] {
  const { panel, frames } = shown;
  const keeps = new Set<string>();
  const lines = frames.flatMap((frame) =>
    frame.fields.slice(1).map((field) => {
      const { to, keeps: rest } = destination(field.getLinks?.({ valueRowIndex: frame.length - 1 }));
      if (to !== '') keeps.add(rest);
      return `${nameOf(field, frame, frames)}: ${course(panel, frame, field, end)}${to}`;
    }),
  );
  return lines.length === 0 ? empty(panel) : [...lines, ...kept(keeps)];
}

function course(panel: Panel, frame: DataFrame, field: Field, end: number): string {
  const last = painted(field, field.values.at(-1), panel.type === 'state-timeline' ? 'words' : 'none');
  const { step = 0 } = (frame.meta?.custom ?? {}) as { step?: number };
  const at = frame.fields[0]?.values.at(-1) / 1000;
  const until = end - at < step ? '' : ` at ${clock(at, end)}, nothing since`;
  if (panel.type === 'state-timeline') return `${last}${until}; in all ${states(field)}`;
  const { color } = grafana.getFieldSeriesColor(field, theme);
  const [lowest, mean, highest] = ['min', 'mean', 'max'].map((calc) =>
    inWords(field, grafana.reduceField({ field, reducers: [calc] })[calc]),
  );
  const range = `in all ${field.values.length} values from ${lowest} to ${highest}, mean ${mean}`;
  return `${inColor(last, panel.type === 'heatmap' ? 'none' : 'words', color)}${until}; ${range}`;
}

/** How many cells of the timeline have which state. */
function states(field: Field): string {
  const counts = new Map<string, number>();
  for (const value of field.values) {
    const state = painted(field, value, 'words');
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  return Array.from(counts, ([state, count]) => `${count} ${state}`)
    .sort()
    .join(', ');
}
