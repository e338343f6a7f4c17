import type { Asking, View } from './asking.ts';
import { END, RESTART } from './history-model.ts';
import { committed, type NAMES, panelOf } from './model.ts';

type Case = {
  readonly what: string;
  readonly dashboard: (typeof NAMES)[number];
  readonly panel: string;
  readonly choices?: View['choices'];
  /** The query of the panel, where not all of them are meant. */
  readonly query?: string;
  /** Each series: its labels (see SAID) and the last value. */
  readonly says: readonly string[];
};

const DAY = 24 * 3600;
const SAID = ['id', 'name', 'why', 'layer', 'cause', 'relation'];
/** Its own scrape fails, which service discovery gave it. */
const UNSCRAPED = { target: 'scale.example.net:9000' };
/** Its exporter is dead, and with it the only scrape that brings it. */
const LOST = { target: 'bench.example.org:22' };
const SHOP = { target: 'shop.example.com:443' };
const BRANCH = { job: 'branch_ports' };

const REPORTS = { target: 'reports.example.com:443' };
const WEBMAIL = { target: 'webmail.example.com:443', job: 'legacy_ports' };
const KIOSK = { target: 'kiosk.example.net:80' };
/** In each way of scraping: one for all, from two places; in the manner of blackbox_exporter; one for each. And of targets without layers. */
const LAYERS: Readonly<Record<string, View['choices']>> = {
  'reports reports.example.com:443 http_status in handshake http 2': REPORTS,
  'webmail webmail.example.com:443 too_slow in handshake response_time 1': WEBMAIL,
  'kiosk kiosk.example.net:80 content_mismatch in handshake keyword 1': KIOSK,
  'orders-db replica db-2.internal:5432 connection_refused in connect 1': { target: 'db-2.internal:5432' },
  'scale scale.example.net:9000 scrape failed 1': UNSCRAPED,
};
/** What is down and of the same job. */
const CAUSES: Readonly<Record<string, View['choices']>> = {
  'reports reports.example.com:443 orders-db replica 2': REPORTS,
  'webmail webmail.example.com:443 ldap 1': WEBMAIL,
  'kiosk kiosk.example.net:80 orders-db 1': KIOSK,
};

/** Rows of the overview, by what they say. */
function rows(query: string, what: string, by: typeof LAYERS): Case[] {
  return Object.entries(by).map(([says, choices = {}]) => ({
    ...{ what, dashboard: 'overview', panel: 'Targets', query, choices, says: [says] },
  }));
}

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
    says: ['door 2', 'kiosk 0', 'orders-db 0', 'scale 2'],
  },
  {
    ...{ what: 'another job has the name', dashboard: 'target', panel: 'Dependencies', choices: SHOP },
    says: ['orders-db needs 3', 'sessions needs 3'],
  },
  {
    ...{ what: 'another job has the name', dashboard: 'target', panel: 'Dependencies' },
    ...{ choices: { target: 'db.example.net:5432' }, says: ['kiosk needed by 0', 'till needed by 3'] },
  },
  ...rows('why', 'the layer beside the reason', LAYERS),
  ...rows('cause', 'what it depends on is down', CAUSES),
  {
    ...{ what: 'what it depends on is up for some, or its name down in another job', dashboard: 'overview' },
    ...{ panel: 'Targets', query: 'cause', choices: { target: 'old.example.com:443' }, says: [] },
  },
  {
    ...{ what: 'it is up without what it depends on', dashboard: 'overview', panel: 'Targets', query: 'cause' },
    ...{ choices: { target: 'till.example.net:443' }, says: [] },
  },
];

/** What is not as it should be. */
export async function wrongCases(asking: Asking): Promise<object[]> {
  const wrong: object[] = [];
  for (const { dashboard: name, panel, query: ref, choices = {}, says, what } of CASES) {
    const dashboard = committed(name);
    const view = { end: END, range: DAY, choices };
    const all = await asking.choices(dashboard, view);
    const { answers } = await asking.panel(dashboard, panelOf(dashboard, panel), all, view);
    const asked = answers.filter(({ query: { refId } }) => ref === undefined || refId === ref);
    const said = asked.flatMap(({ series }) =>
      series.map(({ metric, values }) =>
        [...SAID.map((label) => metric[label]), values.at(-1)?.[1]].filter((one) => one !== undefined).join(' '),
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
