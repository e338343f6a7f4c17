import { spec } from '../helpers/world.ts';
import type { Scenario, Span } from './rules-promtool.ts';
import {
  type Exporter,
  every,
  type Fate,
  failing,
  remove,
  scrape,
  target,
  type Watched,
  type Way,
} from './rules-scrapes.ts';

const PORT = 'db:5432';
const ADDRESS = 'exporter:9715';

/** What is to fire for the port, and when. */
type Firing = { readonly open?: readonly Span[]; readonly down?: readonly Span[] };

function expected({ open = [], down = [] }: Firing): Scenario['expected'] {
  return [
    { alert: 'PortUnexpectedlyOpen', firing: { [PORT]: open } },
    { alert: 'PortDown', firing: { [PORT]: down } },
    { alert: 'PortDownFromSomeLocations', firing: {} },
  ];
}

type Story = {
  readonly open?: readonly Span[];
  readonly nameless?: readonly Span[];
  readonly faults?: readonly Span[];
  readonly missed?: (second: number) => boolean;
  readonly restartsAt?: readonly number[];
  readonly failures?: number;
  readonly seconds?: number;
};

function watch({ open = [], nameless = [], faults = [], failures = 2, seconds = 60 }: Story, until: number): Watched {
  const fates = [
    failing('exporter_error', ...faults),
    failing('dns_not_found', ...nameless),
    failing('unexpectedly_open', ...open),
  ];
  const fate: Fate = (second) => fates.map((of) => of(second)).find((reason) => reason !== undefined);
  const closed = spec({ host: 'db', port: 5432 }, { expect: 'closed' });
  return { target: target(PORT, { failures, seconds, spec: closed }), fate, scrapedAt: every(seconds, until) };
}

function exporter(way: Way, story: Story, until: number, of: Partial<Exporter> = {}): Exporter {
  const { missed, restartsAt = [], seconds = 60 } = story;
  return {
    address: ADDRESS,
    watched: [watch(story, until)],
    restartsAt,
    ...(missed && { deadAt: missed }),
    ...(way === 'sd' && { ownScrapedAt: every(seconds, until, { first: 7 }) }),
    ...of,
  };
}

/** One exporter, one port that should be closed. */
function one(name: string, way: Way, story: Story, firing: Firing): Scenario {
  const until = 1800;
  const timelines = scrape(way, exporter(way, story, until));
  return { name: `${way}: ${name}`, timelines, until, evaluation: 60, expected: expected(firing) };
}

const dead = (from: number, to: number) => (second: number) => from <= second && second < to;

function alone(way: Way): Scenario[] {
  return [
    one(
      'found open N times in a row',
      way,
      {
        open: [
          [120, 180],
          [300, 600],
        ],
        failures: 3,
      },
      { open: [[420, 600]] },
    ),
    one('at once, where one check is enough', way, { open: [[300, 360]], failures: 1 }, { open: [[300, 360]] }),
    one(
      'exporter_error while open changes nothing',
      way,
      { open: [[120, 900]], faults: [[300, 600]] },
      { open: [[180, 900]] },
    ),
    one('a restart while open', way, { open: [[120, 900]], restartsAt: [330], failures: 3 }, { open: [[240, 900]] }),
    one(
      'the exporter stops while it is open, and finds it closed afterwards',
      way,
      { open: [[120, 900]], missed: dead(300, 960), restartsAt: [930] },
      { open: [[180, 960]] },
    ),
    one(
      'a name that is lost while it is open: it is not down, and nobody knows better',
      way,
      { open: [[120, 600]], nameless: [[300, 480]] },
      { open: [[180, 600]] },
    ),
    one('a name that is not found is a check that fails', way, { nameless: [[120, 600]] }, { down: [[180, 600]] }),
    one('one check that cannot tell is none', way, { nameless: [[120, 180]] }, {}),
  ];
}

/** The exporter in Zurich gets through, those in London and Frankfurt do not. */
function places(way: Way): Scenario[] {
  const until = 1200;
  const at = (location: string, story: Story) => exporter(way, story, until, { address: `${location}:9715`, location });
  const scenario = (name: string, story: Story, firing: Firing, others: Story = {}): Scenario => {
    const timelines = scrape(way, at('zrh', story));
    for (const location of ['lon', 'fra']) scrape(way, at(location, others), timelines);
    return { name: `${way}: ${name}`, timelines, until, evaluation: 60, expected: expected(firing) };
  };
  return [
    scenario('one place of three is enough', { open: [[120, 600]] }, { open: [[180, 600]] }),
    scenario(
      'others that are dark keep it open no longer than it is',
      { open: [[120, 600]] },
      { open: [[180, 600]] },
      { missed: dead(300, until + 1) },
    ),
    scenario(
      'the place that gets through goes dark: the others do not overrule it',
      { open: [[120, 1500]], missed: dead(300, 900) },
      { open: [[180, until + 1]] },
    ),
  ];
}

function changes(way: Way): Scenario[] {
  const until = 900;
  const story = { open: [[120, until + 1] as const] };
  const removed = scrape(way, exporter(way, story, until));
  remove(removed, PORT, 480);
  const before = { ...watch(story, until), scrapedAt: every(60, 420) };
  const timelines = scrape(way, exporter(way, story, until, { watched: [before] }));
  // From 480 on it should be open, and is closed.
  remove(timelines, PORT, 480);
  const after = {
    target: target(PORT),
    fate: failing('timeout', [480, until + 1]),
    scrapedAt: every(60, until, { first: 480 }),
  };
  scrape(way, exporter(way, {}, until, { watched: [after] }), timelines);
  return [
    {
      name: `${way}: a target that is removed while open`,
      timelines: removed,
      until,
      evaluation: 60,
      expected: expected({ open: [[180, 480]] }),
    },
    {
      name: `${way}: a reload expects it open`,
      timelines,
      until,
      evaluation: 60,
      expected: expected({ open: [[180, 480]], down: [[540, until + 1]] }),
    },
  ];
}

/** Samples every 5 minutes that come late: Prometheus forgets the last one first. */
function longIntervals(way: Way): Scenario {
  const until = 2400;
  const scrapedAt = every(300, until, { first: 14, jitter: (index) => (index % 2) * 2 });
  const watched = { ...watch({ open: [[300, 1500]], seconds: 300, failures: 1 }, until), scrapedAt };
  const timelines = scrape(way, { address: ADDRESS, watched: [watched] });
  return { name: `${way}: late samples every 5m`, timelines, until, expected: expected({ open: [[316, 1516]] }) };
}

/** Scenarios of ports that should be closed, by what they show. */
export const CLOSED_SCENARIOS: Readonly<Record<string, (way: Way) => readonly Scenario[]>> = {
  'after exactly N checks that find it open, until one finds it closed': alone,
  'from one place or more': places,
  'ends with the target, and with what is expected of it': changes,
  'late samples of long intervals': (way) => [longIntervals(way)],
};
