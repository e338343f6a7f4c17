import { group } from './reading.ts';

/** Three targets, two of them at one address. */
export const TARGETS = group(
  '{name: orders, address: "db:5432"}',
  '{name: orders again, address: "db:5432", interval: 2m}',
  'cache:6379',
);

/** Keys of a window of one time. */
export const ONCE = 'from: 2026-11-30T22:00:00Z, until: 2026-12-01T04:00:00+01:00';

/** A file with three targets in the group g, and windows as flow YAML, one a line. */
export function planned(...windows: readonly string[]): string {
  return `${TARGETS}maintenance:\n${windows.map((window) => `  - ${window}\n`).join('')}`;
}
