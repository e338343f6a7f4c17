import type { Dashboard, Panel } from './model.ts';
import { panelsOf } from './model.ts';
import type { Report } from './report.ts';

const COLUMNS = 24;

/** The dashboard as a whole, and where its panels stand. */
export function checkDashboard(dashboard: Dashboard, report: Report): void {
  const fail = (rule: string, wrong: boolean, what: string) => {
    if (wrong) report(rule, 'dashboard', what);
  };
  const { uid = '', tags = [], refresh = '', timezone = '', time, links = [] } = dashboard;
  fail('uid', !/^[\w-]{1,40}$/.test(uid), `"${uid}" is no uid that Grafana takes`);
  fail('portable', dashboard.id !== undefined, 'a numeric id belongs to one Grafana');
  fail('portable', dashboard.version !== undefined, 'a version changes with every save');
  fail('portable', dashboard.__inputs !== undefined, 'a file with __inputs cannot be provisioned');
  fail('read-only', dashboard.editable !== false, 'what is edited in Grafana is lost: editable must be false');
  fail('described', (dashboard.description ?? '') === '' || (dashboard.title ?? '') === '', 'no title or description');
  fail('tagged', tags.length === 0, 'nobody finds it by tag');
  fail('refresh', !/^(?:30s|\d+m)$/.test(refresh), `refreshes every "${refresh}", which no scrape can follow`);
  fail('timezone', timezone !== 'browser', `shows the time of "${timezone}", not of the reader`);
  fail('crosshair', dashboard.graphTooltip !== 1, 'no shared crosshair');
  fail('time', time?.from.startsWith('now-') !== true, 'the time range is not relative');
  const controls = JSON.stringify([links, dashboard.annotations]);
  fail(
    'visible',
    controls.includes('"placement"'),
    'links or annotations are hidden in a menu, the default of the SDK',
  );
  checkIds(dashboard, report);
  checkGrid(dashboard.panels, report);
  for (const row of dashboard.panels.filter(({ type }) => type === 'row')) checkRow(row, report);
}

function checkIds(dashboard: Dashboard, report: Report): void {
  const seen = new Set<number | undefined>();
  const rows = dashboard.panels.filter(({ type }) => type === 'row');
  for (const { id, title = '' } of [...rows, ...panelsOf(dashboard)]) {
    if (id === undefined || id < 1) report('id', title, 'links to a panel need an id from 1 on');
    else if (seen.has(id)) report('id', title, `another panel has the id ${id}`);
    seen.add(id);
  }
}

function checkRow({ title = '', collapsed, panels = [] }: Panel, report: Report): void {
  if (collapsed === true && panels.length === 0) report('row', title, 'there is nothing in it');
  if (collapsed !== true && panels.length > 0) report('row', title, 'an open row must not hold panels');
  checkGrid(panels, report);
}

function checkGrid(panels: readonly Panel[], report: Report): void {
  for (const [i, one] of panels.entries()) {
    const { title = '', gridPos } = one;
    if (gridPos === undefined || gridPos.x < 0 || gridPos.w < 1 || gridPos.h < 1 || gridPos.x + gridPos.w > COLUMNS)
      report('grid', title, `stands outside of the ${COLUMNS} columns`);
    const other = panels.slice(i + 1).find((later) => overlap(one, later));
    if (other !== undefined) report('overlap', title, `overlaps with "${other.title}"`);
  }
}

function overlap({ gridPos: a }: Panel, { gridPos: b }: Panel): boolean {
  if (a === undefined || b === undefined) return false;
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}
