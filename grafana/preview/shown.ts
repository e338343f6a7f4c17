import type { DataFrame, DataTransformerConfig, Field, FieldConfigSource } from '@grafana/data';
import { lastValueFrom } from 'rxjs';
import type { PanelAnswer } from '../../test/grafana/asking.ts';
import type { Panel } from '../../test/grafana/model.ts';
import { framesOf } from './frames.ts';
import { grafana } from './grafana-data.ts';
import { fieldOptions } from './options.ts';

type FollowedLink = { readonly field: string; readonly href: string };

/** What a reader sees of a panel, by Grafana's own transformations, overrides, units and texts. */
export type Shown = {
  readonly panel: Panel;
  readonly frames: readonly DataFrame[];
  /** Overrides that find no column or series. */
  readonly unmatched: readonly string[];
  /** The links of the last row or series, resolved. */
  readonly links: readonly FollowedLink[];
  /** References in links that have no value. */
  readonly unresolved: readonly string[];
};

const theme = grafana.createTheme({ colors: { mode: 'dark' } });

export async function show(answer: PanelAnswer): Promise<Shown> {
  const { panel } = answer;
  const given = framesOf(answer);
  const transformations = (panel.transformations ?? []) as DataTransformerConfig[];
  const data =
    transformations.length === 0 ? given : await lastValueFrom(grafana.transformDataFrame(transformations, given));
  const unresolved = new Set<string>();
  const fieldConfig = panel.fieldConfig ?? { defaults: {}, overrides: [] };
  const frames = grafana.applyFieldOverrides({
    data,
    fieldConfig: fieldConfig as unknown as FieldConfigSource,
    theme,
    timeZone: 'utc',
    replaceVariables: (text, scoped) => resolve(text, scoped, unresolved),
    fieldConfigRegistry: new grafana.FieldConfigOptionsRegistry(() => fieldOptions(fieldConfig) as never),
  });
  const links = frames.flatMap((frame) => frame.fields.flatMap((field) => follow(field, frame, frames)));
  return { panel, frames, unmatched: unmatched(panel, frames), links, unresolved: [...unresolved] };
}

/** The words of a table, header first; for other panels the last value of each series. */
export function textOf({ panel, frames }: Pick<Shown, 'panel' | 'frames'>): string[] {
  if (panel.type !== 'table')
    return frames.flatMap((frame) => frame.fields.flatMap((field) => lastOf(field, frame, frames)));
  return frames.flatMap((frame) => {
    const header = frame.fields.map((field) => nameOf(field, frame, frames)).join(' | ');
    const rows = Array.from({ length: frame.length }, (_, i) =>
      frame.fields.map((field) => cell(field, i)).join(' | '),
    );
    return [header, ...rows.sort()];
  });
}

export function nameOf(field: Field, frame: DataFrame, frames: readonly DataFrame[]): string {
  return grafana.getFieldDisplayName(field, frame, [...frames]);
}

function cell(field: Field, row: number): string {
  return inWords(field, field.values[row] ?? null);
}

function lastOf(field: Field, frame: DataFrame, frames: readonly DataFrame[]): string[] {
  if (field.type === grafana.FieldType.time) return [];
  const values = field.values.filter((value: unknown) => value !== null && value !== undefined);
  return [`${nameOf(field, frame, frames)}: ${inWords(field, values.at(-1) ?? null)}`];
}

export function inWords(field: Field, value: unknown): string {
  const shown = field.display?.(value);
  return shown === undefined ? String(value) : `${shown.prefix ?? ''}${shown.text}${shown.suffix ?? ''}`;
}

function unmatched({ fieldConfig }: Panel, frames: readonly DataFrame[]): string[] {
  return (fieldConfig?.overrides ?? [])
    .filter(({ matcher }) => {
      const matches = grafana.fieldMatchers.get(matcher.id).get(matcher.options as never);
      return !frames.some((frame) => frame.fields.some((field) => matches(field, frame, [...frames])));
    })
    .map(({ matcher }) => String(matcher.options));
}

type Scoped = Readonly<Record<string, { readonly value?: unknown } | undefined>> | undefined;
type Clicked = { readonly frame: DataFrame; readonly field: Field; readonly rowIndex?: number };

/** Grafana's own macros in links, as a click on a cell or series resolves them. */
function resolve(text: string, scoped: Scoped, unresolved: Set<string>): string {
  const clicked = scoped?.['__dataContext']?.value as Clicked | undefined;
  return text.replace(/\$\{(__data\.fields|__field\.labels)\.([^}:]+):percentencode\}/g, (macro, root, name) => {
    const value = clicked === undefined ? undefined : valueAt(clicked, root, name);
    if (value !== undefined && value !== null && value !== '') return encodeURIComponent(String(value));
    unresolved.add(macro);
    return macro;
  });
}

function valueAt({ frame, field, rowIndex = 0 }: Clicked, root: string, name: string): unknown {
  if (root === '__field.labels') return field.labels?.[name];
  return frame.fields.find((one) => nameOf(one, frame, [frame]) === name)?.values[rowIndex];
}

function follow(field: Field, frame: DataFrame, frames: readonly DataFrame[]): FollowedLink[] {
  if (field.type === grafana.FieldType.time || (field.config.links ?? []).length === 0 || frame.length === 0) return [];
  const [link] = field.getLinks?.({ valueRowIndex: frame.length - 1 }) ?? [];
  return link === undefined ? [] : [{ field: nameOf(field, frame, frames), href: link.href }];
}
