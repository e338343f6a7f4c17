import type { Asking, Series, View } from '../../test/grafana/asking.ts';
import type { Choice } from '../../test/grafana/interpolation.ts';
import { type Dashboard, type Panel, panelsOf } from '../../test/grafana/model.ts';
import { linesOf } from './golden-panels.ts';
import { clock, inColor, theme } from './golden-words.ts';

/** What somebody looks at, and which types of panels are written down; all of them where it does not say. */
export type Look = View & { readonly title: string; readonly only?: readonly string[] };

const HOUR = 3600;

/** What a dashboard shows: one block of lines for each panel, each below a heading. */
export async function blocksOf(asking: Asking, dashboard: Dashboard, look: Look): Promise<string[][]> {
  const { end, range, title, only } = look;
  const choices = await asking.choices(dashboard, look);
  const chosen = Object.entries(choices).map(([name, choice]) => `${name} = ${inWords(choice)}`);
  const until = new Date(end * 1000).toISOString().slice(0, 16).replace('T', ' ');
  const heading = `######## ${title}: ${range / HOUR} hours until ${until}`;
  const blocks = [[heading, chosen.join(', ')]];
  for (const panel of panelsOf(dashboard).filter(({ type }) => only?.includes(type) ?? true)) {
    const lines = await linesOf(await asking.panel(dashboard, panel, choices, look), end);
    blocks.push([`== ${panel.title} (${drawnAs(panel)})`, ...lines]);
  }
  return only === undefined ? [...blocks, ...(await marksOf(asking, dashboard, look))] : blocks;
}

function inWords(choice: Choice | undefined): string {
  if (choice === undefined) return '';
  return typeof choice === 'string' ? choice : 'all' in choice ? `All, as ${choice.all}` : choice.join(' + ');
}

type Scale = { readonly type?: string; readonly log?: number };
type Custom = { readonly drawStyle?: string; readonly stacking?: { readonly mode?: string }; axisSoftMax?: number };
type Options = {
  readonly sortBy?: readonly { readonly displayName: string; readonly desc?: boolean }[];
  readonly calculation?: { readonly yBuckets?: { readonly scale?: Scale } };
};

/** Of how it is drawn, what changes what the reader takes it for. */
function drawnAs({ type, fieldConfig, options = {} }: Panel): string {
  const { drawStyle, stacking, axisSoftMax } = (fieldConfig?.defaults.custom ?? {}) as Custom;
  const { sortBy = [], calculation } = options as Options;
  const scale = calculation?.yBuckets?.scale;
  return [
    type,
    ...(drawStyle === undefined ? [] : [drawStyle]),
    ...(stacking?.mode === 'normal' ? ['stacked'] : []),
    ...(axisSoftMax === undefined ? [] : [`at least to ${axisSoftMax}`]),
    ...(scale === undefined ? [] : [`${scale.type} ${scale.log ?? ''}`.trim()]),
    ...sortBy.map(({ displayName, desc = false }) => `${displayName} ${desc ? 'descending' : 'ascending'}`),
  ].join(', ');
}

type Mark = {
  readonly name: string;
  readonly iconColor?: string;
  readonly titleFormat?: string;
  readonly textFormat?: string;
  readonly useValueForTime?: boolean | string;
};

async function marksOf(asking: Asking, dashboard: Dashboard, look: Look): Promise<string[][]> {
  const answers = await asking.annotations(dashboard, look);
  const marks = dashboard.annotations.list as readonly Mark[];
  return answers.map(({ name, series }, i) => {
    const mark = marks[i] ?? { name };
    const color = theme.visualization.getColorByName(mark.iconColor ?? '');
    const step = spacing(series);
    const lines = series.map((one) => `${wordsOf(mark, one)}: ${timesOf(mark, one, look.end, step)}`);
    return [`== marks: ${inColor(name, 'words', color)}`, ...(lines.length === 0 ? ['none'] : lines.sort())];
  });
}

function wordsOf({ titleFormat = '', textFormat = '' }: Mark, { metric }: Series): string {
  const fill = (text: string) => text.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, name: string) => metric[name] ?? '');
  return [fill(titleFormat), fill(textFormat).trim()].filter((text) => text !== '').join(' / ');
}

/** How far apart values next to each other are. */
function spacing(series: readonly Series[]): number {
  const gaps = series.flatMap(({ values }) => values.slice(1).map(([at], i) => at - (values[i]?.[0] ?? 0)));
  return Math.min(...gaps);
}

/** Values next to each other are one mark, from the first to the last; or each value says itself when it was. */
function timesOf({ useValueForTime = false }: Mark, { values }: Series, end: number, step: number): string {
  if (useValueForTime === true || useValueForTime === 'on')
    return [...new Set(values.map(([, value]) => clock(value / 1000, end)))].join(', ');
  const spans: [from: number, to: number][] = [];
  for (const [at] of values) {
    const last = spans.at(-1);
    if (last !== undefined && at - last[1] <= step) last[1] = at;
    else spans.push([at, at]);
  }
  return spans.map(([from, to]) => `${clock(from, end)} to ${clock(to, end)}`).join(', ');
}
