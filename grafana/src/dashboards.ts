import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { exporter } from './exporter/dashboard.ts';
import { overview } from './overview/dashboard.ts';
import { target } from './target/dashboard.ts';

/** Every dashboard, by the name of its file. */
export function dashboards(): Readonly<Record<string, Dashboard>> {
  return { overview: overview(), target: target(), exporter: exporter() };
}

/** The text of the file: keys in order, so that it changes only when the dashboard does. */
export function textOf(dashboard: Dashboard): string {
  return `${JSON.stringify(sorted(dashboard), undefined, 2)}\n`;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, of]) => of !== undefined);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, of]) => [key, sorted(of)]));
}
