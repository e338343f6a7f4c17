import { interpolate, referencesIn, takesMany } from './interpolation.ts';
import { type Dashboard, lookUp, panelsOf, type Variable } from './model.ts';
import { parsePromql } from './promql.ts';
import type { Context, Report } from './report.ts';

/** The variables: their order, what they look up, what "All" stands for. */
export function checkVariables(dashboard: Dashboard, context: Context, report: Report): void {
  const { list } = dashboard.templating;
  checkDataSource(list, report);
  const defined = new Set<string>();
  for (const variable of list) {
    const { name, label = '' } = variable;
    if (defined.has(name)) report('variable-twice', name, 'is defined twice');
    if (label === '') report('variable-label', name, 'has no label');
    if (variable.type === 'query') checkQuery(dashboard, variable, defined, context, report);
    if (!isUsed(dashboard, name)) report('variable-used', name, 'nobody uses it');
    defined.add(name);
  }
}

function checkDataSource(list: readonly Variable[], report: Report): void {
  const found = list.find(({ type }) => type === 'datasource');
  if (found?.name !== 'datasource' || found.label !== 'Data source')
    report('data-source', 'variables', 'there is no variable "datasource" with the label "Data source"');
  if (found?.current?.value !== undefined) report('data-source', 'variables', 'a data source of one Grafana is chosen');
}

/** Labels that every target has. Any other one may be missing, and must not hide those without it. */
const ALWAYS = new Set(['instance', 'target']);

function checkQuery(
  dashboard: Dashboard,
  variable: Variable,
  defined: ReadonlySet<string>,
  { contract }: Context,
  report: Report,
): void {
  const { name } = variable;
  const asked = lookUp(variable);
  if (variable.refresh !== 2) report('variable-refresh', name, 'must be looked up anew when the time range changes');
  if (variable.datasource?.uid !== '${datasource}') report('data-source', name, 'looks into a fixed data source');
  if (asked === undefined) {
    report('variable-query', name, 'is no label_values(selector, label)');
    return;
  }
  const text = interpolate(asked.selector, dashboard, {}, { from: 0, to: 1, points: 1, scrapeInterval: 1 });
  const { errors, selectors } = parsePromql(text);
  for (const error of errors) report('variable-query', name, error);
  const labels = contract.get(selectors[0]?.metric ?? '')?.labels;
  if (labels?.has(asked.label) !== true)
    report('contract', name, `no metric has ${asked.selector} with ${asked.label}`);
  for (const used of referencesIn(asked.selector))
    if (!defined.has(used)) report('variable-order', name, `uses $${used}, which does not stand before it`);
  const all = allOf(asked.label);
  if (takesMany(variable) && variable.allValue !== all)
    report('variable-all', name, `"All" must stand for ${all ?? 'what is listed'}`);
}

/** Series of others have a job too: that is limited to those that were found. */
function allOf(label: string): string | undefined {
  if (label === 'job') return undefined;
  return ALWAYS.has(label) ? '.+' : '.*';
}

function isUsed(dashboard: Dashboard, name: string): boolean {
  const others = dashboard.templating.list.filter((other) => other.name !== name);
  const text = JSON.stringify([panelsOf(dashboard), dashboard.annotations, others]);
  return referencesIn(text).includes(name);
}
