import { describe, expect, test } from 'vitest';
import { REASONS } from '../../src/core/reason.ts';
import {
  colorsIn,
  emptyIn,
  linksIn,
  sortedIn,
  stepsIn,
  wordsIn,
  wrongCounts,
  wrongQuantiles,
  wrongSpans,
} from './literals.ts';
import { committed, NAMES, panelOf, panelsOf } from './model.ts';

/** Written out once more, on purpose: what the dashboards say must not change by accident. */
const STATES = '0 DOWN red, 1 PARTLY orange, 2 NOT PROBED #8e8e8e, 3 UP blue';
const AVAILABILITY = 'text, 0 red, 0.99 orange, 0.995 blue';
const CERTIFICATE = 'red, 7 orange, 30 blue';
const PHASES = { resolve: 'dark-purple', connect: 'blue', tls: 'orange', handshake: 'dark-green' };
const HTTP_PHASES = {
  resolve: 'dark-purple',
  connect: 'blue',
  tls: 'orange',
  processing: 'dark-green',
  transfer: 'light-blue',
};
const STATUS = '#8e8e8e, 100 blue, 400 orange, 500 red';
const KEPT = '${datasource:queryparam}&${job:queryparam}&${location:queryparam}&${__url_time_range}';
const BY_ROW = `/d/port-exporter-target?var-target=\${__data.fields.Address:percentencode}&${KEPT}`;
const BY_SERIES = `/d/port-exporter-target?var-target=\${__field.labels.target:percentencode}&${KEPT}`;

describe('words and their colours', () => {
  test('of the overview', () => {
    expect(wordsIn(committed('overview'))).toEqual({
      'Outages in the time range': STATES,
      'Targets / State': STATES,
      'State of every target': STATES,
    });
  });

  test('of the target', () => {
    expect(wordsIn(committed('target'))).toEqual({
      State: STATES,
      'State over time': STATES,
      'Dependencies / State': STATES,
      'Reasons over time': '1 failing red',
      'Layers over time': '0 broken red, 1 ok blue, 2 not known #8e8e8e',
      'Why it fails, and what to look at / What to look at': Object.entries(REASONS)
        .map(([reason, advice]) => `${reason} ${advice} text`)
        .sort()
        .join(', '),
    });
  });

  test('of the exporter', () => {
    expect(wordsIn(committed('exporter'))).toEqual({
      Scrapes: '0 FAIL red, 1 OK blue',
      Configuration: '0 REFUSED red, 1 LOADED blue',
      'Configuration over time': '0 refused red, 1 loaded blue',
    });
  });

  test.each(NAMES)('nothing has the colour of plain text: %s', (name) => {
    const empty = Object.values(emptyIn(committed(name)));
    expect(empty.filter((words) => !/^null\+nan (?:–|none|no data) text$/.test(words))).toEqual([]);
  });
});

describe('thresholds', () => {
  test('of the overview', () => {
    expect(stepsIn(committed('overview'))).toEqual({
      Down: '#8e8e8e, 0 blue, 1 red',
      'Not probed': 'text, 1 orange',
      Availability: AVAILABILITY,
      'Certificates < 30 d': 'text, 1 orange',
      'Alerts firing': 'text, 1 red',
      'Exporters down': '#8e8e8e, 0 blue, 1 red',
      'Targets / Availability': AVAILABILITY,
      'Targets / Certificate': CERTIFICATE,
      'Certificates / Expires in': CERTIFICATE,
      'Downtime by group': 'text, 0.001 orange, 600 red',
      'Flapping: changes between up and down': 'text, 1 blue, 3 orange, 6 red',
    });
  });

  test('of the target', () => {
    expect(stepsIn(committed('target'))).toEqual({
      Reason: 'text, 1 red',
      'Availability 24h': AVAILABILITY,
      'Availability 30d': AVAILABILITY,
      Certificate: 'text, -100000 red, 7 orange, 30 blue',
      'What HTTP answered / Status': STATUS,
      'HTTP status over time': STATUS,
    });
  });

  test('of the exporter: none', () => {
    expect(stepsIn(committed('exporter'))).toEqual({});
  });
});

describe('colours of series', () => {
  test('of the overview', () => {
    expect(colorsIn(committed('overview'))).toEqual({
      'Time to connect, all targets / p50': 'blue',
      'Time to connect, all targets / p95': 'orange',
      'Time to connect, all targets / slowest': 'purple',
      ...of('Time by phase, mean', PHASES),
    });
  });

  test('of the target', () => {
    expect(colorsIn(committed('target'))).toEqual({
      ...of('Time by phase', PHASES),
      ...of('Time by phase of HTTP', HTTP_PHASES),
      'Time to connect, by place / 1 day before': 'text',
      'Failed checks in a row / failed in a row': 'red',
      'Failed checks in a row / make it down': 'text',
    });
  });

  test('of the exporter', () => {
    expect(colorsIn(committed('exporter'))).toEqual({
      ...of('Probes by result', { success: 'blue', failure: 'red', exporter_error: 'orange' }),
      ...of('Faults', { 'not able to probe': 'red', 'resolver did not answer': 'orange' }),
      'Slowest probe against its deadline / B': 'red',
    });
  });
});

function of(title: string, colors: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(colors).map(([series, color]) => [`${title} / ${series}`, color]));
}

test('tables begin with the worst', () => {
  expect(NAMES.map((name) => sortedIn(committed(name)))).toEqual([
    {
      Targets: 'State up, Availability up',
      Certificates: 'Expires in up',
      'What services say of themselves': 'Target up',
    },
    {},
    {},
  ]);
});

test('links lead to a target by its address, and keep what is chosen', () => {
  expect(NAMES.map((name) => linksIn(committed(name)))).toEqual([
    {
      'Outages in the time range': BY_SERIES,
      Targets: BY_ROW,
      'Slowest targets': BY_SERIES,
      'Flapping: changes between up and down': BY_SERIES,
      Certificates: BY_ROW,
      'State of every target': BY_SERIES,
      'What services say of themselves': BY_ROW,
    },
    {},
    {},
  ]);
});

test('the list of alerts has those that fire or are about to, of the job, from every folder', () => {
  expect(panelOf(committed('overview'), 'Alerts').options).toMatchObject({
    alertInstanceLabelFilter: '{job=~"${job:regex}"}',
    alertName: '',
    dashboardAlerts: false,
    datasource: '',
    folder: null,
    showInstances: true,
    showInactiveAlerts: false,
    sortOrder: 3,
    stateFilter: { firing: true, pending: true, recovering: true, noData: true, error: true, normal: false },
  });
});

test('the heat map is logarithmic, or fast targets are one row', () => {
  const { options } = panelOf(committed('overview'), 'Time to connect, distribution');
  expect(options).toMatchObject({
    calculate: true,
    calculation: { yBuckets: { mode: 'size', value: '1', scale: { type: 'log', log: 2 } } },
  });
});

describe('marks', () => {
  const fires = (matchers: string) =>
    `max by (alertname, name, target, severity) (ALERTS{alertstate="firing", severity!="none", ${matchers}})`;

  test.each([
    ['overview', fires('job=~"$job", group=~"$group", service=~"$service", target=~"$target|"')],
    ['target', fires('job=~"$job", target="$target"')],
  ] as const)('of alerts that fire: %s', (name, expr) => {
    const mark = committed(name).annotations.list.find((one) => one.name === 'Firing alerts');
    expect(mark).toMatchObject({ expr, iconColor: 'red', enable: true, titleFormat: '{{alertname}}' });
  });

  test.each(NAMES)('of a start and of a new configuration, by the time that the exporter says: %s', (name) => {
    const scope = `job=~"$job", location=~"$location"${name === 'exporter' ? ', instance=~"$instance"' : ''}`;
    const since = (metric: string) => `${metric}{${scope}} * 1000 > $__from`;
    const all = [
      { name: 'Exporter started', expr: since('process_start_time_seconds') },
      {
        name: 'Configuration loaded',
        expr: since('port_exporter_config_last_reload_success_timestamp_seconds'),
      },
    ].map((mark) => ({ ...mark, enable: true, useValueForTime: true, textFormat: '{{instance}}' }));
    const marks = committed(name).annotations.list.filter((one) => one.name !== 'Firing alerts');
    expect(marks).toMatchObject(name === 'exporter' ? all : all.slice(0, 1));
  });
});

describe.each(NAMES)('what the titles of %s say is what is asked for', (name) => {
  const panels = panelsOf(committed(name));

  test('windows', () => expect(panels.flatMap(wrongSpans)).toEqual([]));
  test('quantiles', () => expect(panels.flatMap(wrongQuantiles)).toEqual([]));
  test('numbers of lines', () => expect(panels.flatMap(wrongCounts)).toEqual([]));
});
