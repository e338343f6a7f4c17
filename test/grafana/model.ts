import { readFileSync } from 'node:fs';

/** As much of a dashboard's JSON as the tests look at. */
export type Query = {
  refId: string;
  expr?: string;
  datasource?: { type?: string; uid?: string };
  format?: string;
  instant?: boolean;
  legendFormat?: string;
  interval?: string;
};

export type Link = { title?: string; url?: string };
type Override = {
  matcher: { id: string; options?: unknown };
  properties: { id: string; value?: unknown }[];
};
type Steps = { mode: string; steps: { value: number | null; color: string }[] };
type Defaults = {
  unit?: string;
  mappings?: { type: string; options: Record<string, unknown> }[];
  thresholds?: Steps;
  noValue?: string;
  links?: Link[];
  custom?: Record<string, unknown>;
  color?: { mode: string; fixedColor?: string };
};

export type Panel = {
  id?: number;
  type: string;
  title?: string;
  description?: string;
  datasource?: { type?: string; uid?: string };
  targets?: Query[];
  gridPos?: { x: number; y: number; w: number; h: number };
  fieldConfig?: { defaults: Defaults; overrides: Override[] };
  options?: Record<string, unknown>;
  transformations?: { id: string; options: unknown }[];
  links?: Link[];
  collapsed?: boolean;
  panels?: Panel[];
  maxDataPoints?: number;
};

export type Variable = {
  name: string;
  type: string;
  label?: string;
  query?: string | { query?: string };
  datasource?: { uid?: string };
  multi?: boolean;
  includeAll?: boolean;
  allValue?: string;
  refresh?: number;
  current?: { value?: unknown };
};

type Annotation = { name: string; expr?: string; useValueForTime?: boolean; datasource?: { uid?: string } };

export type Dashboard = {
  uid?: string;
  title?: string;
  description?: string;
  tags?: string[];
  schemaVersion: number;
  editable?: boolean;
  refresh?: string;
  timezone?: string;
  id?: unknown;
  version?: unknown;
  graphTooltip?: number;
  time?: { from: string; to: string };
  panels: Panel[];
  templating: { list: Variable[] };
  annotations: { list: Annotation[] };
  links?: { type?: string; title?: string; url?: string; tags?: string[]; includeVars?: boolean; keepTime?: boolean }[];
  __inputs?: unknown;
};

export const NAMES = ['overview', 'target', 'exporter'] as const;

/** The file that users load, read anew: a test may change it. */
export function committed(name: (typeof NAMES)[number]): Dashboard {
  return JSON.parse(committedText(name)) as Dashboard;
}

export function committedText(name: string): string {
  return readFileSync(new URL(`../../grafana/dashboards/${name}.json`, import.meta.url), 'utf8');
}

/** Every panel, those in collapsed rows included, rows left out. */
export function panelsOf({ panels }: Dashboard): Panel[] {
  return panels.flatMap((panel) => (panel.type === 'row' ? (panel.panels ?? []) : [panel]));
}

export function panelOf(dashboard: Dashboard, title: string): Panel {
  const found = panelsOf(dashboard).find((panel) => panel.title === title);
  if (found === undefined) throw new Error(`no panel "${title}"`);
  return found;
}

export function variableOf({ templating }: Dashboard, name: string): Variable {
  const found = templating.list.find((variable) => variable.name === name);
  if (found === undefined) throw new Error(`no variable "${name}"`);
  return found;
}

/** What a query variable asks for. */
export function lookUp({ query }: Variable): { readonly selector: string; readonly label: string } | undefined {
  const text = typeof query === 'string' ? query : (query?.query ?? '');
  const [, selector, label] = /^label_values\(\s*(.+?)\s*,\s*(\w+)\s*\)$/s.exec(text) ?? [];
  return selector === undefined || label === undefined ? undefined : { selector, label };
}

/** Links of the cells, series and panel. */
export function linksOf({ fieldConfig, links = [] }: Panel): Link[] {
  const overridden = (fieldConfig?.overrides ?? []).flatMap(({ properties }) =>
    properties.flatMap(({ id, value }) => (id === 'links' ? (value as Link[]) : [])),
  );
  return [...links, ...(fieldConfig?.defaults.links ?? []), ...overridden];
}

/** What is wrong, and where. */
export type Finding = { readonly rule: string; readonly where: string; readonly what: string };
