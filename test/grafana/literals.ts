import { type Dashboard, linksOf, type Panel, panelsOf, type Query } from './model.ts';

type Named = Readonly<Record<string, string>>;
type Property = { readonly where: string; readonly id: string; readonly value: unknown };
type Word = { readonly text?: string; readonly color?: string };
type Mapping = { readonly type: string; readonly options: Readonly<Record<string, Word>> };
type Step = { readonly value: number | null; readonly color: string };

/** Every setting of the values of a dashboard, of single columns and series too: "Targets / State". */
function propertiesOf(dashboard: Dashboard): Property[] {
  return panelsOf(dashboard).flatMap(({ title = '', fieldConfig }) => [
    ...Object.entries(fieldConfig?.defaults ?? {}).map(([id, value]) => ({
      where: title,
      id,
      value: value as unknown,
    })),
    ...(fieldConfig?.overrides ?? []).flatMap(({ matcher, properties }) =>
      properties.map(({ id, value }) => ({ where: `${title} / ${matcher.options}`, id, value })),
    ),
  ]);
}

function found<T>(dashboard: Dashboard, id: string, inWords: (value: T) => string): Named {
  const words = propertiesOf(dashboard).flatMap((property) =>
    property.id === id ? [[property.where, inWords(property.value as T)] as const] : [],
  );
  return Object.fromEntries(words.filter(([, text]) => text !== ''));
}

/** Which word and colour stands for which value: "0 DOWN red, 3 UP blue". */
export function wordsIn(dashboard: Dashboard): Named {
  return found<readonly Mapping[]>(dashboard, 'mappings', (mappings) =>
    mappings
      .filter(({ type }) => type === 'value')
      .flatMap(({ options }) => Object.entries(options).map(([value, { text, color }]) => `${value} ${text} ${color}`))
      .join(', '),
  );
}

/** What stands where there is no value. */
export function emptyIn(dashboard: Dashboard): Named {
  return found<readonly { type: string; options: { result?: Word; match?: string } }[]>(dashboard, 'mappings', (all) =>
    all
      .filter(({ type }) => type === 'special')
      .map(({ options: { match, result } }) => `${match} ${result?.text} ${result?.color}`)
      .join(', '),
  );
}

/** From which value on which colour: "blue, 1 red"; those of one colour only are left out. */
export function stepsIn(dashboard: Dashboard): Named {
  return found<{ readonly steps: readonly Step[] }>(dashboard, 'thresholds', ({ steps }) =>
    steps.length < 2 ? '' : steps.map(({ value, color }) => (value === null ? color : `${value} ${color}`)).join(', '),
  );
}

/** The colours of series that have one of their own. */
export function colorsIn(dashboard: Dashboard): Named {
  return found<{ readonly mode: string; readonly fixedColor?: string }>(
    dashboard,
    'color',
    ({ fixedColor = '' }) => fixedColor,
  );
}

/** By which columns a table is sorted when it is opened. */
export function sortedIn(dashboard: Dashboard): Named {
  type SortBy = readonly { readonly displayName: string; readonly desc?: boolean }[];
  return Object.fromEntries(
    panelsOf(dashboard).flatMap(({ title = '', options = {} }) => {
      const sortBy = (options['sortBy'] ?? []) as SortBy;
      const words = sortBy.map(({ displayName, desc = false }) => `${displayName} ${desc ? 'down' : 'up'}`);
      return words.length === 0 ? [] : [[title, words.join(', ')]];
    }),
  );
}

/** Where clicks lead. */
export function linksIn(dashboard: Dashboard): Named {
  return Object.fromEntries(
    panelsOf(dashboard).flatMap((panel) => {
      const urls = linksOf(panel).map(({ url = '' }) => url);
      return urls.length === 0 ? [] : [[panel.title ?? '', [...new Set(urls)].join(' ')]];
    }),
  );
}

const UNITS: readonly (readonly [seconds: number, unit: string])[] = [
  [86_400, 'd'],
  [3600, 'h'],
];

/** "24h", "30 d" and "1 day", as PromQL writes them. */
function spansIn(text: string): string[] {
  return Array.from(text.matchAll(/(?<![\w.])(\d+) ?(h|hours?|d|days?)\b/g), ([, n, unit = '']) => `${n}${unit[0]}`);
}

/** Windows and offsets of a query, and numbers of seconds that it compares with. */
function spansAsked({ expr = '' }: Query): string[] {
  const written = Array.from(expr.matchAll(/(?:\[|offset )(\d+[hdw])\b/g), ([, span = '']) => span);
  const compared = Array.from(expr.matchAll(/[<>]=? (\d+) \* (\d+)/g), ([, n, seconds]) => {
    const [, unit = `* ${seconds}`] = UNITS.find(([of]) => of === Number(seconds)) ?? [];
    return `${n}${unit}`;
  });
  return [...written, ...compared];
}

/** Times that the title or legend says and the query does not ask for, or the other way round. */
export function wrongSpans({ title = '', description = '', targets = [] }: Panel): string[] {
  const asked = new Set(targets.flatMap(spansAsked));
  const wrong = targets.flatMap((query) => {
    const said = spansIn(`${title} / ${query.legendFormat ?? ''}`)
      .sort()
      .join();
    const asks = [...new Set(spansAsked(query))].sort().join();
    return said === asks ? [] : [`${title}: says "${said}", asks for "${asks}"`];
  });
  const described = spansIn(description).filter((span) => !asked.has(span));
  return [...wrong, ...described.map((span) => `${title}: describes "${span}"`)];
}

/** Quantiles that the title or legend says and the query does not ask for. */
export function wrongQuantiles({ title = '', targets = [] }: Panel): string[] {
  return targets.flatMap(({ expr = '', legendFormat = '' }) => {
    const said = Array.from(`${title} ${legendFormat}`.matchAll(/\bp(\d\d)\b/g), ([, n]) => Number(n)).sort();
    const asked = Array.from(expr.matchAll(/(?<!_)quantile\((0\.\d+),|_p(\d\d)_/g), ([, share, percent]) =>
      Math.round(share === undefined ? Number(percent) : Number(share) * 100),
    ).sort();
    return said.join() === asked.join() ? [] : [`${title}: says p${said.join()}, asks for p${asked.join()}`];
  });
}

const NUMBERS: readonly (readonly [word: RegExp, count: number])[] = [
  [/\bthe eight\b/i, 8],
  [/\bthe ten\b/i, 10],
];

/** "The eight slowest" of a query that asks for others. */
export function wrongCounts({ title = '', description = '', targets = [] }: Panel): string[] {
  const said = NUMBERS.filter(([word]) => word.test(description)).map(([, count]) => count);
  return said.flatMap((count) =>
    targets.some(({ expr = '' }) => expr.includes(`topk(${count},`)) ? [] : [`${title}: says ${count}`],
  );
}
