import type { DataFrame, Field } from '@grafana/data';
import type { Finding } from '../../test/grafana/model.ts';
import { grafana } from './grafana-data.ts';
import { nameOf, type Shown } from './shown.ts';

const UNLINKED = ['table', 'stat', 'heatmap'];

/** What is wrong with what a panel shows. */
export function judge(shown: Shown, full: boolean): Finding[] {
  const { panel, frames, unmatched, unresolved } = shown;
  const where = panel.title ?? '';
  const found = (rule: string, what: readonly string[]) => what.map((one) => ({ rule, where, what: one }));
  const fields = frames.flatMap((frame) =>
    frame.fields.map((field) => ({ field, name: nameOf(field, frame, frames) })),
  );
  const isTable = panel.type === 'table';
  return [
    ...found('override', full ? unmatched.map((name) => `nothing is called "${name}"`) : []),
    ...found(
      'link',
      unresolved.map((macro) => `${macro} has no value`),
    ),
    ...found(
      'value',
      fields.flatMap(({ field, name }) => wrongValues(field).map((what) => `${name}: ${what}`)),
    ),
    ...found('column', isTable ? wrongColumns(fields, full) : []),
    ...found('ghost', isTable ? frames.flatMap(ghosts) : []),
    ...found('legend', UNLINKED.includes(panel.type) ? [] : nameless(fields)),
  ];
}

type Named = { readonly field: Field; readonly name: string };

function wrongColumns(fields: readonly Named[], full: boolean): string[] {
  return fields.flatMap(({ field, name }) => {
    if (/^(?:Time|Value|__name__)/.test(name)) return [`"${name}" has no name of ours`];
    return full && isEmpty(field) ? [`"${name}" is empty in every row`] : [];
  });
}

function nameless(fields: readonly Named[]): string[] {
  return fields.some(({ field, name }) => name === 'Value' || field.config.displayNameFromDS === '')
    ? ['a label of the legend is missing']
    : [];
}

/** Values that cannot be meant in this unit, or have no word though others have one. */
function wrongValues(field: Field): string[] {
  if (field.type !== grafana.FieldType.number) return [];
  const { unit, mappings = [] } = field.config;
  const values = field.values.filter((value: unknown): value is number => typeof value === 'number');
  const words = mappings.find(({ type }) => type === 'value')?.options as Record<string, unknown> | undefined;
  return values.flatMap((value) => {
    if (!Number.isFinite(value)) return [`is ${value}`];
    if (unit === 's' && value > 5e8) return [`${value} is a moment, not a duration`];
    if (unit === 'percentunit' && value < 0) return [`${value} is no share`];
    if (words !== undefined && !(String(value) in words)) return [`${value} has no word`];
    return [];
  });
}

function isEmpty({ values }: Field): boolean {
  return values.length > 0 && values.every((value: unknown) => value === null || value === undefined || value === '');
}

/** Rows that only a later query brought. */
function ghosts({ fields: [first], length }: DataFrame): string[] {
  const missing = (first?.values ?? []).filter((value: unknown) => value === null || value === undefined).length;
  return missing === 0 ? [] : [`${missing} of ${length} rows have nothing in their first column`];
}
