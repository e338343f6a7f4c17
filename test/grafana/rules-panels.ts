import * as units from '@grafana/grafana-foundation-sdk/units';
import { referencesIn, takesMany } from './interpolation.ts';
import { type Dashboard, type Panel, panelsOf } from './model.ts';
import type { Report } from './report.ts';

const UNITS = new Set<unknown>(Object.values(units));
const REDUCED = ['stat', 'bargauge', 'gauge'];
/** The most panels that ask for data when a dashboard is opened. */
const OPEN_PANELS = 21;

/** What each panel says, in which unit and colours. */
export function checkPanels(dashboard: Dashboard, report: Report): void {
  const titles = new Set<string>();
  const open = dashboard.panels.filter(({ type }) => type !== 'row');
  if (open.length > OPEN_PANELS) report('open-panels', 'dashboard', `${open.length} panels are asked for at once`);
  for (const panel of panelsOf(dashboard)) {
    const { title = '', description = '' } = panel;
    if (title === '' || !/[.)]$/.test(description))
      report('described', title, 'no title, or no sentence that describes it');
    if (titles.has(title)) report('title-twice', title, 'another panel has this title');
    titles.add(title);
    if (panel.type === 'alertlist') checkAlertList(dashboard, panel, report);
    else checkValues(panel, report);
  }
}

function checkValues(panel: Panel, report: Report): void {
  const { title = '', type, options = {} } = panel;
  if (panel.datasource?.uid !== '${datasource}') report('data-source', title, 'has a fixed data source');
  if ((panel.targets ?? []).length === 0) report('no-query', title, 'asks for nothing');
  checkUnits(panel, report);
  checkThresholds(panel, report);
  const calculations = (options['reduceOptions'] as { calcs?: string[] } | undefined)?.calcs ?? [];
  if (REDUCED.includes(type) && calculations.join() !== 'lastNotNull')
    report('reducer', title, 'without a calculation Grafana shows the last value, which may be none');
  if (
    type !== 'timeseries' &&
    type !== 'heatmap' &&
    type !== 'table' &&
    (panel.fieldConfig?.defaults.noValue ?? '') === ''
  )
    if (!REDUCED.includes(type) || type === 'stat') report('no-value', title, 'does not say what it means to be empty');
  checkStacking(panel, report);
  checkHeatmap(panel, report);
}

function checkUnits({ title = '', type, fieldConfig }: Panel, report: Report): void {
  const { defaults, overrides = [] } = fieldConfig ?? { defaults: {} };
  const properties = overrides.flatMap((one) => one.properties);
  const used = [defaults.unit, ...properties.flatMap(({ id, value }) => (id === 'unit' ? [value] : []))];
  for (const unit of used.filter((one) => one !== undefined))
    if (!UNITS.has(unit) && !/^suffix:/.test(String(unit))) report('unit', title, `Grafana has no unit "${unit}"`);
  const worded = (defaults.mappings ?? []).length > 0 || properties.some(({ id }) => id === 'mappings');
  if (defaults.unit === undefined && !worded && type !== 'table') report('unit', title, 'has no unit');
}

function checkThresholds({ title = '', fieldConfig }: Panel, report: Report): void {
  const overridden = (fieldConfig?.overrides ?? []).flatMap(({ properties }) =>
    properties.flatMap(({ id, value }) =>
      id === 'thresholds' ? [value as { steps: { value: number | null }[] }] : [],
    ),
  );
  const { thresholds, color } = fieldConfig?.defaults ?? {};
  if (color?.mode === 'thresholds' && thresholds === undefined)
    report('thresholds', title, 'without thresholds Grafana paints 80 and more red');
  for (const { steps } of [...overridden, ...(thresholds === undefined ? [] : [thresholds])]) {
    const values = steps.map(({ value }) => value ?? Number.NEGATIVE_INFINITY);
    if (steps[0]?.value !== null) report('thresholds', title, 'the first step must be the one below all others');
    if (values.some((value, i) => i > 0 && value <= (values[i - 1] ?? 0))) report('thresholds', title, 'do not ascend');
  }
}

function checkStacking({ title = '', description = '', fieldConfig }: Panel, report: Report): void {
  const { mode = 'none' } = (fieldConfig?.defaults.custom?.['stacking'] ?? {}) as { mode?: string };
  if (mode !== 'none' && !description.includes('add up'))
    report('stacking', title, 'is stacked, but does not say that it adds up');
}

function checkHeatmap({ title = '', type, targets = [] }: Panel, report: Report): void {
  if (type !== 'heatmap') return;
  for (const { expr = '' } of targets)
    if (!/> 0$/.test(expr)) report('heatmap', title, 'Grafana fails on a logarithmic scale with values of 0 or less');
}

function checkAlertList({ templating }: Dashboard, { title = '', options = {} }: Panel, report: Report): void {
  if (options['datasource'] !== '')
    report('alert-list', title, 'compares the data source with names: a variable is none');
  const filter = String(options['alertInstanceLabelFilter']);
  for (const name of referencesIn(filter)) {
    const variable = templating.list.find((one) => one.name === name);
    if (variable !== undefined && takesMany(variable) && !filter.includes(`\${${name}:regex}`))
      report('alert-list', title, `$${name} can be many: it must be written as a regular expression`);
  }
}
