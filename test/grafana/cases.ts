import type { Asking, View } from './asking.ts';
import { END, RESTART } from './history-model.ts';
import { committed, type NAMES, panelOf } from './model.ts';

type Case = {
  readonly what: string;
  readonly dashboard: (typeof NAMES)[number];
  readonly panel: string;
  readonly choices?: View['choices'];
  /** Each series: its name, reason or relation, and the last value. */
  readonly says: readonly string[];
};

const DAY = 24 * 3600;
/** Its own scrape fails, which service discovery gave it. */
const UNSCRAPED = { target: 'scale.example.net:9000' };
/** Its exporter is dead, and with it the only scrape that brings it. */
const LOST = { target: 'bench.example.org:22' };
const SHOP = { target: 'shop.example.com:443' };
const BRANCH = { job: 'branch_ports' };

/** What is easily got wrong: what nobody probes, what is of others, and what has the name of another. */
const CASES: readonly Case[] = [
  { what: 'other jobs are not down', dashboard: 'overview', panel: 'Exporters down', says: ['1'] },
  {
    what: 'nor is an exporter of another job',
    dashboard: 'overview',
    panel: 'Exporters down',
    choices: BRANCH,
    says: ['0'],
  },
  { what: 'alerts of other jobs', dashboard: 'overview', panel: 'Alerts firing', says: ['3'] },
  { what: 'a job that works', dashboard: 'exporter', panel: 'Scrapes', choices: BRANCH, says: ['1'] },
  { what: 'other programs that started later', dashboard: 'exporter', panel: 'Running for', says: [String(RESTART)] },
  {
    ...{ what: 'not able to, scrape fails', dashboard: 'overview', panel: 'Not probed', choices: BRANCH },
    says: ['2'],
  },
  { what: 'a dead exporter', dashboard: 'overview', panel: 'Not probed', choices: { location: 'lab' }, says: [] },
  {
    what: 'a dead exporter',
    dashboard: 'overview',
    panel: 'Exporters down',
    choices: { location: 'lab' },
    says: ['1'],
  },
  { what: 'a dead exporter', dashboard: 'target', panel: 'State', choices: LOST, says: [] },
  { what: 'its scrape fails', dashboard: 'target', panel: 'State', choices: UNSCRAPED, says: ['2'] },
  { what: 'its scrape fails', dashboard: 'target', panel: 'Reason', choices: UNSCRAPED, says: ['scrape failed 1'] },
  { what: 'its scrape fails', dashboard: 'target', panel: 'Availability 24h', choices: UNSCRAPED, says: ['1'] },
  {
    ...{
      what: 'never probed, scrape fails',
      dashboard: 'overview',
      panel: 'Outages in the time range',
      choices: BRANCH,
    },
    says: ['door 2', 'orders-db 0', 'scale 2'],
  },
  {
    ...{ what: 'another job has the name', dashboard: 'target', panel: 'Dependencies', choices: SHOP },
    says: ['orders-db needs 3', 'sessions needs 3'],
  },
  {
    ...{ what: 'another job has the name', dashboard: 'target', panel: 'Dependencies' },
    ...{ choices: { target: 'db.example.net:5432' }, says: [] },
  },
];

/** What is not as it should be. */
export async function wrongCases(asking: Asking): Promise<object[]> {
  const wrong: object[] = [];
  for (const { dashboard: name, panel, choices = {}, says, what } of CASES) {
    const dashboard = committed(name);
    const view = { end: END, range: DAY, choices };
    const all = await asking.choices(dashboard, view);
    const { answers } = await asking.panel(dashboard, panelOf(dashboard, panel), all, view);
    const said = answers.flatMap(({ series }) =>
      series.map(({ metric, values }) =>
        [metric['name'], metric['why'], metric['relation'], values.at(-1)?.[1]]
          .filter((one) => one !== undefined)
          .join(' '),
      ),
    );
    if (said.sort().join() !== says.join()) wrong.push({ what, panel, choices, says, said });
  }
  return wrong;
}

/** The moments that a mark stands for, in seconds before the end, by the instance. */
export async function marksOf(asking: Asking, name: (typeof NAMES)[number], mark: string): Promise<string[]> {
  const dashboard = committed(name);
  const byValue = dashboard.annotations.list.find((one) => one.name === mark)?.useValueForTime === true;
  const found = await asking.annotations(dashboard, { end: END, range: DAY });
  const series = found.filter((one) => one.name === mark).flatMap((one) => one.series);
  return series.flatMap(({ metric, values }) =>
    [...new Set(values.map(([at, value]) => (byValue ? value / 1000 : at)))].map(
      (at) => `${metric['instance']} ${END - at}`,
    ),
  );
}
