import { type Dashboard, linksOf, type Panel, panelOf, type Query, variableOf } from './model.ts';

/** A mistake that somebody can make in the overview, and the rule that finds it. */
export type Mutant = readonly [rule: string, mistake: string, make: (dashboard: Dashboard) => void];

function query(dashboard: Dashboard, title: string, change: (query: Query) => void): void {
  for (const one of panelOf(dashboard, title).targets ?? []) change(one);
}

function asks(expr: string): (dashboard: Dashboard) => void {
  return (dashboard) =>
    query(dashboard, 'Up', (one) => {
      one.expr = expr;
    });
}

function defaults(dashboard: Dashboard, title: string): NonNullable<Panel['fieldConfig']>['defaults'] {
  const { fieldConfig } = panelOf(dashboard, title);
  if (fieldConfig === undefined) throw new Error(`${title} has no fields`);
  return fieldConfig.defaults;
}

function link(dashboard: Dashboard, from: string, to: string): void {
  for (const one of linksOf(panelOf(dashboard, 'Targets'))) one.url = one.url?.replace(from, to) ?? '';
}

const JOB = 'job=~"$job"';

export const MUTANTS: readonly Mutant[] = [
  ['uid', 'none', (d) => delete d.uid],
  ['portable', 'a numeric id', (d) => Object.assign(d, { id: 17 })],
  ['portable', 'a version', (d) => Object.assign(d, { version: 3 })],
  ['portable', 'exported for sharing', (d) => Object.assign(d, { __inputs: [] })],
  ['read-only', 'editable', (d) => Object.assign(d, { editable: true })],
  ['described', 'no description', (d) => Object.assign(d, { description: '' })],
  ['tagged', 'no tags', (d) => Object.assign(d, { tags: [] })],
  ['refresh', 'every 5 seconds', (d) => Object.assign(d, { refresh: '5s' })],
  ['timezone', 'a fixed place', (d) => Object.assign(d, { timezone: 'Europe/Berlin' })],
  ['crosshair', 'none', (d) => Object.assign(d, { graphTooltip: 0 })],
  ['time', 'fixed', (d) => Object.assign(d, { time: { from: '2026-01-01', to: '2026-01-02' } })],
  ['siblings', 'no links', (d) => Object.assign(d, { links: [] })],
  ['siblings', 'one dashboard left out', (d) => d.links?.pop()],
  ['link-variables', 'links take all variables', (d) => Object.assign(d.links?.[1] ?? {}, { includeVars: true })],
  ['link-keeps', 'links forget the time', (d) => Object.assign(d.links?.[1] ?? {}, { keepTime: false })],
  ['link-keeps', 'links forget the data source', (d) => Object.assign(d.links?.[1] ?? {}, { url: '/d/x' })],
  ['link-target', 'a drop-down of those with the tag', (d) => Object.assign(d.links?.[1] ?? {}, { url: '' })],
  ['visible', 'hidden links', (d) => Object.assign(d.links?.[0] ?? {}, { placement: 'inControlsMenu' })],
  ['id', 'two panels with one', (d) => Object.assign(panelOf(d, 'Up'), { id: 1 })],
  ['id', 'none', (d) => delete panelOf(d, 'Up').id],
  ['row', 'a collapsed one without panels', (d) => Object.assign(d.panels.at(-1) ?? {}, { panels: [] })],
  ['row', 'an open one with panels', (d) => Object.assign(d.panels.at(-1) ?? {}, { collapsed: false })],
  ['grid', 'past the last column', (d) => Object.assign(panelOf(d, 'Targets').gridPos ?? {}, { x: 4 })],
  ['overlap', 'one panel over another', (d) => Object.assign(panelOf(d, 'Targets').gridPos ?? {}, { y: 8 })],
  ['described', 'a panel without description', (d) => Object.assign(panelOf(d, 'Up'), { description: '' })],
  ['title-twice', 'two panels with one title', (d) => Object.assign(panelOf(d, 'Up'), { title: 'Down' })],
  ['no-query', 'a panel that asks nothing', (d) => Object.assign(panelOf(d, 'Up'), { targets: [] })],
  ['open-panels', 'no row is collapsed', (d) => d.panels.push(...Array.from({ length: 9 }, () => panelOf(d, 'Up')))],
  ['unit', 'an unknown one', (d) => Object.assign(defaults(d, 'Connect p95'), { unit: 'secs' })],
  ['unit', 'none', (d) => delete defaults(d, 'Availability').unit],
  ['thresholds', 'descending', (d) => defaults(d, 'Availability').thresholds?.steps.reverse()],
  ['thresholds', 'none', (d) => delete defaults(d, 'Availability').thresholds],
  ['reducer', 'none', (d) => Object.assign(panelOf(d, 'Up').options ?? {}, { reduceOptions: { calcs: [] } })],
  ['no-value', 'no word for empty', (d) => delete defaults(d, 'Outages in the time range').noValue],
  ['stacking', 'not explained', (d) => Object.assign(panelOf(d, 'Time by phase, mean'), { description: 'Phases.' })],
  [
    ...(['heatmap', 'zeros on a logarithmic scale'] as const),
    (d) =>
      query(d, 'Time to connect, distribution', (q) => {
        q.expr = q.expr?.replace(' > 0', '') ?? '';
      }),
  ],
  [
    'alert-list',
    'a variable as data source',
    (d) => Object.assign(panelOf(d, 'Alerts').options ?? {}, { datasource: '${datasource}' }),
  ],
  [
    'alert-list',
    'no regex',
    (d) => Object.assign(panelOf(d, 'Alerts').options ?? {}, { alertInstanceLabelFilter: '{job=~"$job"}' }),
  ],
  ['data-source', 'a fixed one for a panel', (d) => Object.assign(panelOf(d, 'Up'), { datasource: { uid: 'x' } })],
  [
    'data-source',
    'a fixed one for a query',
    (d) => query(d, 'Up', (q) => Object.assign(q, { datasource: { uid: 'x' } })),
  ],
  [
    'data-source',
    'a fixed one for marks',
    (d) => Object.assign(d.annotations.list[0] ?? {}, { datasource: { uid: 'x' } }),
  ],
  [
    'data-source',
    'a fixed one for a variable',
    (d) => Object.assign(variableOf(d, 'job'), { datasource: { uid: 'x' } }),
  ],
  ['data-source', 'another name', (d) => Object.assign(variableOf(d, 'datasource'), { name: 'ds' })],
  ['data-source', 'one is chosen', (d) => Object.assign(variableOf(d, 'datasource'), { current: { value: 'x' } })],
  ['variable-twice', 'defined twice', (d) => d.templating.list.push(variableOf(d, 'job'))],
  ['variable-label', 'no label', (d) => Object.assign(variableOf(d, 'job'), { label: '' })],
  ['variable-refresh', 'only when opened', (d) => Object.assign(variableOf(d, 'group'), { refresh: 1 })],
  ['variable-query', 'not PromQL', (d) => Object.assign(variableOf(d, 'job'), { query: 'label_values(up{, job)' })],
  ['variable-query', 'metrics()', (d) => Object.assign(variableOf(d, 'job'), { query: 'metrics(.*)' })],
  ['variable-order', 'reversed', (d) => d.templating.list.reverse()],
  ['variable-all', 'hides targets without a group', (d) => Object.assign(variableOf(d, 'group'), { allValue: '.+' })],
  ['variable-all', 'any job of Prometheus', (d) => Object.assign(variableOf(d, 'job'), { allValue: '.+' })],
  ['variable-all', 'a list of every value', (d) => delete variableOf(d, 'target').allValue],
  ['variable-used', 'by nobody', (d) => d.templating.list.push({ ...variableOf(d, 'job'), name: 'more' })],
  [
    'contract',
    'a label of a variable',
    (d) => Object.assign(variableOf(d, 'job'), { query: 'label_values(up, rack)' }),
  ],
  ['promql', 'a bracket too few', asks(`sum(probe_success{${JOB}}`)],
  ['promql', 'nothing', asks('')],
  ['ref-twice', 'two queries with one name', (d) => query(d, 'Targets', (q) => Object.assign(q, { refId: 'A' }))],
  ['job', 'any job', asks('sum(probe_success)')],
  ['many-need-regex', 'equal to many', asks(`sum(probe_success{${JOB}, group="$group"})`)],
  ['unknown-variable', 'not defined', asks(`sum(probe_success{${JOB}, target=~"$host"})`)],
  ['contract', 'a metric misspelt', asks(`sum(probe_sucess{${JOB}})`)],
  ['contract', 'a label misspelt', asks(`sum(probe_success{${JOB}, rack="x"})`)],
  ['contract', 'grouped by a label that is not there', asks(`sum by (rack) (probe_success{${JOB}})`)],
  [
    'contract',
    'a legend of a label that is not there',
    (d) => query(d, 'Up', (q) => Object.assign(q, { legendFormat: '{{rack}}' })),
  ],
  [
    'contract',
    'made of a label that is not there',
    asks(`label_replace(probe_success{${JOB}}, "a", "$1", "rack", "(.+)")`),
  ],
  ['rate-window', 'fixed', asks(`sum(rate(port_exporter_probes_total{${JOB}}[5m]))`)],
  ['rate-of-gauge', 'of a gauge', asks(`sum(rate(probe_success{${JOB}}[$__rate_interval]))`)],
  ['bare-counter', 'the sum of a counter', asks(`sum(port_exporter_probes_total{${JOB}})`)],
  [
    'rate-step',
    'one of its own for a rate',
    (d) =>
      query(d, 'Up', (q) =>
        Object.assign(q, { expr: `sum(rate(port_exporter_probes_total{${JOB}}[$__rate_interval]))`, interval: '1m' }),
      ),
  ],
  ['min-step', 'none', (d) => query(d, 'Outages in the time range', (q) => delete q.interval)],
  [
    ...(['range-at-end', 'every step looks back from itself'] as const),
    (d) =>
      query(d, 'Outages in the time range', (q) => {
        q.expr = q.expr?.replaceAll(' @ end()', '') ?? '';
      }),
  ],
  ['range-at-end', 'a tile over time', (d) => query(d, 'Availability', (q) => Object.assign(q, { instant: false }))],
  ['table', 'series in a table', (d) => query(d, 'Targets', (q) => delete q.format)],
  ['tile-now', 'the last value of a line', (d) => query(d, 'Up', (q) => Object.assign(q, { instant: false }))],
  ['over-time', 'one value as a line', (d) => query(d, 'Slowest targets', (q) => Object.assign(q, { instant: true }))],
  ['link-target', 'to nowhere', (d) => link(d, '/d/port-exporter-target', '/d/nowhere')],
  ['link-keeps', 'forgets the time', (d) => link(d, '&${__url_time_range}', '')],
  ['link-keeps', 'forgets the data source', (d) => link(d, '${datasource:queryparam}&', '')],
  ['link-variable', 'not defined', (d) => link(d, '${job:queryparam}', '${host:queryparam}')],
  ['link-encoding', 'not encoded', (d) => link(d, ':percentencode', '')],
];
