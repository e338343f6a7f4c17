import { referencesIn, takesMany } from './interpolation.ts';
import { type Dashboard, type Panel, panelsOf, type Query } from './model.ts';
import { type Parsed, parsePromql, type Selector } from './promql.ts';
import type { Context, Report } from './report.ts';

const RATES = ['rate', 'irate', 'increase'];
const RATE_WINDOW = '$__rate_interval';
/** Stand for Grafana's own durations while a query is parsed. */
const STAND_INS = { '991s': RATE_WINDOW, '992s': '$__interval', '993s': '$__range' } as const;
const MOST_LITERAL = /^\d+[mhd]$/;

type Asked = { readonly where: string; readonly query: Query; readonly panel?: Panel };

/** Every query of panels and annotations. */
export function checkQueries(dashboard: Dashboard, context: Context, report: Report): void {
  const { list } = dashboard.annotations;
  const asked: Asked[] = [
    ...panelsOf(dashboard).flatMap((panel) =>
      (panel.targets ?? []).map((query) => ({ where: panel.title ?? '', query, panel })),
    ),
    ...list.map(({ name, ...query }) => ({ where: name, query: { refId: 'annotation', interval: '1m', ...query } })),
  ];
  for (const one of asked) checkOne(dashboard, one, context, report);
  for (const { title = '', targets = [] } of panelsOf(dashboard))
    if (new Set(targets.map(({ refId }) => refId)).size < targets.length)
      report('ref-twice', title, 'two queries have one name');
}

function checkOne(dashboard: Dashboard, asked: Asked, { contract }: Context, report: Report): void {
  const { where, query, panel } = asked;
  const { expr = '' } = query;
  if (query.datasource?.uid !== '${datasource}') report('data-source', where, 'asks a fixed data source');
  const parsed = parsePromql(standIns(expr));
  if (expr === '' || parsed.errors.length > 0) {
    report('promql', where, parsed.errors.join() || 'asks for nothing');
    return;
  }
  if (panel !== undefined) checkShape(panel, query, report);
  for (const selector of parsed.selectors) {
    checkMatchers(dashboard, where, selector, report);
    checkWindow(where, query, selector, report);
    checkKind(where, selector, contract, report);
  }
  checkLabels(where, query, parsed, contract, report);
}

function standIns(expr: string): string {
  const text = Object.entries(STAND_INS).reduce((all, [is, of]) => all.replaceAll(`[${of}]`, `[${is}]`), expr);
  return text
    .replaceAll('[$__range:$__interval]', '[993s:992s]')
    .replaceAll('$__interval_ms', '992')
    .replaceAll('$__from', '0');
}

/** Tables want rows; looking back over all of the range must be done once, not anew from every step. */
function checkShape({ title = '', type }: Panel, { instant = false, format, expr = '' }: Query, report: Report): void {
  if (type === 'table' && (format !== 'table' || !instant))
    report('table', title, 'a table wants one value of each row');
  if (type === 'timeseries' && instant) report('over-time', title, 'one value makes no line');
  if (type === 'stat' && !instant) report('tile-now', title, 'the last value of a line may be long gone');
  const lookingBack = [...expr.matchAll(/\[\$__range\](?! @ end\(\))/g)].length > 0;
  if (lookingBack && !instant)
    report('range-at-end', title, 'every step looks back from itself: write [$__range] @ end()');
}

function checkMatchers({ templating }: Dashboard, where: string, { metric, matchers }: Selector, report: Report): void {
  for (const { label, operator, value } of matchers) {
    for (const name of referencesIn(value)) {
      const variable = templating.list.find((one) => one.name === name);
      if (variable === undefined) report('unknown-variable', where, `there is no variable $${name}`);
      else if (takesMany(variable) && operator !== '=~')
        report('many-need-regex', where, `$${name} can be many: ${label}=~`);
    }
  }
  const job = matchers.find(({ label }) => label === 'job');
  if (job?.operator !== '=~' || job.value !== '$job') report('job', where, `${metric} of any job is meant`);
}

function checkWindow(
  where: string,
  { interval }: Query,
  { metric, within = '', range }: Selector,
  report: Report,
): void {
  if (range === undefined) return;
  const window = range in STAND_INS ? STAND_INS[range as keyof typeof STAND_INS] : range;
  if (RATES.includes(within) && window !== RATE_WINDOW)
    report('rate-window', where, `${within}(${metric}) must look back over ${RATE_WINDOW}`);
  if (window === '$__interval' && interval === undefined)
    report('min-step', where, 'a window of one step may have no sample: it needs a shortest step');
  if (window === RATE_WINDOW && interval !== undefined)
    report('rate-step', where, 'a step of its own hides the scrape interval of the data source from Grafana');
  if (!window.startsWith('$') && !MOST_LITERAL.test(window)) report('rate-window', where, `looks back over ${window}`);
}

function checkKind(
  where: string,
  { metric, within = '' }: Selector,
  contract: Context['contract'],
  report: Report,
): void {
  const known = contract.get(metric);
  if (known === undefined) {
    report('contract', where, `the exporter has no metric ${metric}`);
    return;
  }
  const counts = known.type === 'counter' || (known.type === 'histogram' && metric !== '');
  if (RATES.includes(within) && !counts) report('rate-of-gauge', where, `${metric} is no counter`);
  if (counts && !RATES.includes(within)) report('bare-counter', where, `${metric} only says something as a rate`);
}

/** Labels that are matched, grouped by, made of others, or written in the legend must be there. */
function checkLabels(
  where: string,
  { legendFormat = '' }: Query,
  { selectors, grouping, made, read }: Parsed,
  contract: Context['contract'],
  report: Report,
): void {
  for (const { metric, matchers } of selectors) {
    const labels = contract.get(metric)?.labels;
    const missing = matchers.filter(({ label }) => labels?.has(label) === false);
    for (const { label } of missing) report('contract', where, `${metric} has no label ${label}`);
  }
  const known = new Set([...made, ...selectors.flatMap(({ metric }) => [...(contract.get(metric)?.labels ?? [])])]);
  const inLegend = Array.from(legendFormat.matchAll(/\{\{\s*(\w+)\s*\}\}/g), ([, label = '']) => label);
  for (const label of [...grouping, ...read, ...inLegend])
    if (!known.has(label) && label !== '__name__')
      report('contract', where, `no metric of the query has a label ${label}`);
}
