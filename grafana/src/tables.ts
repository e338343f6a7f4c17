import { TableSortByFieldStateBuilder } from '@grafana/grafana-foundation-sdk/common';
import type { DataTransformerConfig, DynamicConfigValue } from '@grafana/grafana-foundation-sdk/dashboard';
import { emptyAs } from './look.ts';

type Names = Readonly<Record<string, string>>;

/** The columns in this order and under these names; those of `hidden`, and the times of the samples, are left out. */
export function columns(names: Names, ...hidden: readonly string[]): DataTransformerConfig {
  const options = {
    excludeByName: Object.fromEntries(['Time', ...hidden].map((name) => [name, true])),
    indexByName: Object.fromEntries(Object.keys(names).map((name, i) => [name, i])),
    renameByName: names,
  };
  return { id: 'organize', options };
}

/** One row for each value of a label that all queries have. */
export function joinedBy(byField: string): DataTransformerConfig {
  return { id: 'joinByField', options: { byField, mode: 'outer' } };
}

export function smallestFirst(column: string): TableSortByFieldStateBuilder {
  return new TableSortByFieldStateBuilder().displayName(column).desc(false);
}

/** How a column of numbers is shown, and what stands where there is none. */
export function numbers(unit: string, decimals: number, empty = '–'): DynamicConfigValue[] {
  return [
    { id: 'unit', value: unit },
    { id: 'decimals', value: decimals },
    { id: 'mappings', value: emptyAs(empty) },
  ];
}

export function width(pixels: number): DynamicConfigValue {
  return { id: 'custom.width', value: pixels };
}

/** The whole cell in the colour of its value. */
export const FILLED: DynamicConfigValue = {
  id: 'custom.cellOptions',
  value: { type: 'color-background', mode: 'basic' },
};
/** Its text only. */
export const TINTED: DynamicConfigValue = { id: 'custom.cellOptions', value: { type: 'color-text' } };
