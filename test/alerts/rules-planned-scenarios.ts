import { MaintenanceWindow } from '../../src/probe/maintenance.ts';
import type { Target } from '../../src/probe/spec.ts';
import { spec } from '../helpers/world.ts';
import type { Scenario, Span } from './rules-promtool.ts';
import { type Exporter, every, failing, scrape, target, type Watched, type Way } from './rules-scrapes.ts';

const ADDRESS = 'exporter:9715';
const UNTIL = 2400;

type Story = {
  readonly name?: string;
  readonly fails: readonly Span[];
  readonly windows?: readonly Span[];
  /** What it fails with; such as a port that should be closed. */
  readonly reason?: 'connection_refused' | 'unexpectedly_open' | 'dns_timeout';
  readonly more?: Partial<Target>;
};

/** A target that is probed every minute. */
function watch({ name = 'db:5432', fails, windows = [], reason = 'connection_refused', more }: Story): Watched {
  const maintenance = windows.map(([from, to]) => new MaintenanceWindow('w', { from: from * 1000, until: to * 1000 }));
  const overrides = { ...(windows.length > 0 && { maintenance }), ...more };
  return { target: target(name, overrides), fate: failing(reason, ...fails), scrapedAt: every(60, UNTIL) };
}

function scenario(
  way: Way,
  name: string,
  stories: readonly Story[],
  expected: Scenario['expected'],
  of: Partial<Exporter> = {},
): Scenario {
  const timelines = scrape(way, {
    address: ADDRESS,
    watched: stories.map(watch),
    ...(way === 'sd' && { ownScrapedAt: every(60, UNTIL, { first: 7 }) }),
    ...of,
  });
  return { name: `${way}: ${name}`, timelines, until: UNTIL, evaluation: 60, expected };
}

const down = (...spans: readonly Span[]): Scenario['expected'] => [{ alert: 'PortDown', firing: { 'db:5432': spans } }];
const dead = (from: number, to: number) => (second: number) => from <= second && second < to;

/** One target, and the window from 300 s until 900 s. */
function windows(way: Way): Scenario[] {
  const at: { readonly windows: readonly Span[] } = { windows: [[300, 900]] };
  return [
    scenario(way, 'down and up again within the window', [{ ...at, fails: [[300, 840]] }], down()),
    scenario(way, 'still down when the window ends: at once', [{ ...at, fails: [[360, 1500]] }], down([900, 1500])),
    scenario(
      way,
      'the first failure within, the second after it',
      [{ ...at, fails: [[840, 1500]] }],
      down([900, 1500]),
    ),
    scenario(way, 'down after the window', [{ ...at, fails: [[900, 1500]] }], down([960, 1500])),
    scenario(way, 'down when the window begins: it goes on', [{ ...at, fails: [[120, 600]] }], down([180, 600])),
    scenario(
      way,
      'down when the window begins, up, and down again',
      [
        {
          ...at,
          fails: [
            [120, 600],
            [660, 1500],
          ],
        },
      ],
      down([180, 600], [900, 1500]),
    ),
    scenario(
      way,
      'two windows that meet are one',
      [
        {
          windows: [
            [300, 900],
            [900, 1200],
          ],
          fails: [[360, 1500]],
        },
      ],
      down([1200, 1500]),
    ),
    scenario(
      way,
      'a target beside it',
      [
        { ...at, fails: [[360, 840]] },
        { name: 'web:80', fails: [[360, 600]] },
        { name: 'app:80', windows: [[1200, 1500]], fails: [[360, 600]] },
      ],
      [{ alert: 'PortDown', firing: { 'web:80': [[420, 600]], 'app:80': [[420, 600]] } }],
    ),
  ];
}

/** The exporter stops within the window. Evaluated every 35 s: whether a range has its oldest moment in it depends on the Prometheus. */
function stops(way: Way): Scenario[] {
  const at: { readonly windows: readonly Span[] } = { windows: [[300, 2100]] };
  const restart = { deadAt: dead(600, 900), restartsAt: [890] };
  const all = [
    scenario(way, 'a restart within the window', [{ ...at, fails: [[360, 1500]] }], down(), restart),
    scenario(
      way,
      'an exporter that stays away holds nothing back after 15 minutes',
      [{ ...at, fails: [[360, UNTIL]] }],
      [
        ...down([1496, UNTIL + 1]),
        { alert: 'PortExporterDown', by: 'job', firing: { port_exporter: [[751, UNTIL + 1]] } },
      ],
      { deadAt: dead(600, UNTIL + 1) },
    ),
  ];
  return all.map((one) => ({ ...one, evaluation: 35 }));
}

/** A reload takes the window out while work is done early. */
function reload(way: Way): Scenario {
  const before = { ...watch({ windows: [[300, 2100]], fails: [[360, 1500]] }), scrapedAt: every(60, 600) };
  const exporter = { address: ADDRESS, watched: [before] };
  const timelines = scrape(way, exporter);
  for (const [series, values] of timelines) if (series.startsWith('probe_maintenance')) values.set(660, 'stale');
  const after = { ...watch({ fails: [[360, 1500]] }), scrapedAt: every(60, UNTIL, { first: 660 }) };
  scrape(way, { ...exporter, watched: [after] }, timelines);
  // The count goes on over a reload; here it begins anew, so that a failure more is needed, which the held vote bridges.
  return { name: `${way}: a reload ends it`, timelines, until: UNTIL, evaluation: 60, expected: down([660, 1500]) };
}

function closed(way: Way): Scenario {
  const more = { spec: spec({ host: 'db', port: 5432 }, { expect: 'closed' }) };
  const story: Story = {
    reason: 'unexpectedly_open',
    windows: [[300, 900]],
    more,
    fails: [
      [360, 1200],
      [1500, 1800],
    ],
  };
  const firing = {
    'db:5432': [
      [900, 1200],
      [1560, 1800],
    ] as const,
  };
  return scenario(way, 'a port that should be closed', [story], [{ alert: 'PortUnexpectedlyOpen', firing }, ...down()]);
}

/** Several places: what one of them knows of a window, all do. */
function places(way: Way): Scenario {
  const into = new Map();
  for (const [location, spans] of [
    ['zrh', [[300, 900]]],
    ['fra', [[2100, 2200]]],
  ] as const) {
    const watched = [watch({ windows: spans as readonly Span[], fails: [[360, 1500]] })];
    scrape(way, { address: `${location}:9715`, location, watched }, into);
  }
  return { name: `${way}: places`, timelines: into, until: UNTIL, evaluation: 60, expected: down([900, 1500]) };
}

/** Scenarios of maintenance windows, by what they show. */
export const PLANNED_SCENARIOS: Readonly<Record<string, (way: Way) => readonly Scenario[]>> = {
  'hold back what begins within them, and tell what goes on after them': windows,
  'outlast the restart of an exporter, not its end': stops,
  'are those of all places, of what should be closed, and of the configuration as it is now': (way) => [
    reload(way),
    closed(way),
    places(way),
  ],
};
