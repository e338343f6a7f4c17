import type { Scenario, Span } from './rules-promtool.ts';
import {
  type Exporter,
  every,
  type Fate,
  failing,
  remove,
  scrape,
  target,
  WAYS,
  type Watched,
  type Way,
} from './rules-scrapes.ts';

const THRESHOLDS = [1, 2, 3, 5];
const ADDRESS = 'exporter:9715';

/** Late by 0 or 2 seconds, in turns. */
const late = (index: number) => (index % 2) * 2;

const down = (name: string, ...spans: readonly Span[]) => [{ alert: 'PortDown', firing: { [name]: spans } }];

/**
 * N checks in a row, for every N and interval: up twice, N-1 failures, up, N+2 failures, up. Only the second outage fires, from the first
 * evaluation after its N-th failure until the first one after the success.
 */
function exactly(thresholds: readonly number[], intervals: readonly number[], first: (index: number) => number) {
  const watched: Watched[] = [];
  const firing: Record<string, Span[]> = {};
  for (const n of thresholds)
    for (const seconds of intervals) {
      const scrapedAt = every(seconds, seconds * (2 * n + 8), { first: first(watched.length), jitter: late });
      const at = (index: number) => scrapedAt[index] ?? 0;
      const fate = failing('timeout', [at(2), at(n + 1)], [at(n + 2), at(2 * n + 4)]);
      const name = `n${n}-every-${seconds}:80`;
      watched.push({ target: target(name, { failures: n, seconds }), scrapedAt, fate });
      firing[name] = [[at(2 * n + 1), at(2 * n + 4)]];
    }
  const until = Math.max(...watched.flatMap(({ scrapedAt }) => scrapedAt.at(-1) ?? 0));
  return { watched, firing, until };
}

function exactCounts(way: Way): Scenario[] {
  const short = way === 'metrics' ? [[15], [30], [60]] : [[15, 30, 60]];
  return [...short, [300]].map((intervals) => {
    const all = way === 'metrics' ? (intervals[0] ?? 0) - 1 : undefined;
    const { watched, firing, until } = exactly(THRESHOLDS, intervals, (index) => all ?? (index * 7 + 1) % 15);
    return {
      name: `${way}: down after exactly N failures, every ${intervals.join(', ')}`,
      timelines: scrape(way, { address: ADDRESS, watched }),
      until,
      evaluation: intervals.includes(300) ? 60 : 15,
      expected: [{ alert: 'PortDown', firing }],
    };
  });
}

/** Addresses that are not configured: two failed samples, counted by the rules. */
function countedByRules(way: Way): Scenario[] {
  const { watched, firing, until } = exactly([2], [15, 30, 60, 240], (index) => index * 7);
  const timelines = scrape(way, { address: ADDRESS, unconfigured: true, watched });
  const gap = one(
    `${way}: a missed scrape neither counts nor resets`,
    way,
    { fails: [[120, 600]], missed: (second) => second === 180 || second === 360, unconfigured: true },
    [240, 600],
  );
  const fault = one(
    `${way}: exporter_error neither counts nor resets`,
    way,
    {
      fails: [[120, 600]],
      faults: [
        [180, 240],
        [360, 480],
      ],
      unconfigured: true,
    },
    [240, 600],
  );
  const counted = { name: `${way}: two in a row`, timelines, until, expected: [{ alert: 'PortDown', firing }] };
  return [counted, gap, fault];
}

type Story = {
  readonly fails: readonly Span[];
  readonly faults?: readonly Span[];
  readonly missed?: (second: number) => boolean;
  readonly restartsAt?: readonly number[];
  readonly unconfigured?: boolean;
  readonly failures?: number;
  readonly seconds?: number;
};

/** One target, probed every minute, and when it is to be reported as down. */
function one(name: string, way: Way, story: Story, ...spans: readonly Span[]): Scenario {
  const { fails, faults = [], missed, failures = 2, seconds = 60, restartsAt = [] } = story;
  const faulty = failing('exporter_error', ...faults);
  const failed = failing('connection_refused', ...fails);
  const fate: Fate = (second) => faulty(second) ?? failed(second);
  const until = Math.max(600, ...[...fails, ...spans].map(([, to]) => to)) + 4 * seconds;
  const watched = [{ target: target('db:5432', { failures, seconds }), fate, scrapedAt: every(seconds, until) }];
  const exporter: Exporter = { address: ADDRESS, watched, restartsAt, ...(missed && { deadAt: missed }) };
  const own = way === 'sd' ? { ownScrapedAt: every(seconds, until, { first: 7 }) } : {};
  const timelines = scrape(way, { ...exporter, ...own, ...(story.unconfigured && { unconfigured: true }) });
  return { name, timelines, until, evaluation: story.unconfigured ? 15 : 60, expected: down('db:5432', ...spans) };
}

function outages(way: Way): Scenario[] {
  const dead = (from: number, to: number) => (second: number) => from <= second && second < to;
  return [
    one(
      `${way}: a failed scrape between failures does not count`,
      way,
      { fails: [[120, 480]], missed: dead(180, 240) },
      [240, 480],
    ),
    one(
      `${way}: failed scrapes while down do not resolve`,
      way,
      { fails: [[120, 900]], missed: dead(300, 480) },
      [180, 900],
    ),
    one(`${way}: a restart while down`, way, { fails: [[120, 900]], restartsAt: [330], failures: 3 }, [240, 900]),
    one(
      `${way}: a long stop and a restart while down`,
      way,
      { fails: [[120, 2400]], missed: dead(300, 1500), restartsAt: [1490], failures: 3 },
      [240, 2400],
    ),
    one(
      `${way}: up again after a stop: resolved by the first success only`,
      way,
      { fails: [[120, 600]], missed: dead(300, 900), restartsAt: [890] },
      [180, 900],
    ),
    one(`${way}: one failure after a restart is not an outage`, way, {
      fails: [[360, 420]],
      missed: dead(180, 300),
      restartsAt: [290],
    }),
    one(`${way}: flapping below N`, way, {
      fails: [
        [120, 180],
        [240, 300],
        [360, 420],
        [480, 540],
      ],
    }),
    one(`${way}: exporter_error is no failure`, way, { fails: [], faults: [[120, 600]] }),
    one(
      `${way}: exporter_error while down changes nothing`,
      way,
      { fails: [[120, 900]], faults: [[300, 600]] },
      [180, 900],
    ),
  ];
}

/** Samples every 5 minutes that come late: Prometheus forgets the last one first. */
function longIntervals(way: Way): Scenario {
  const scrapedAt = every(300, 2000, { first: 14, jitter: late });
  const fate = failing('timeout', [300, 1500]);
  const watched = [{ target: target('slow:80', { seconds: 300, failures: 1 }), fate, scrapedAt }];
  const timelines = scrape(way, { address: ADDRESS, watched });
  return { name: `${way}: late samples every 5m`, timelines, until: 2000, expected: down('slow:80', [316, 1516]) };
}

/** Two Prometheis, one exporter: failures are counted once per interval, and both see the same count. */
function pair(way: Way, seen: 0 | 1): Scenario {
  const offset = 20;
  const scrapes = [every(60, 1200), every(60, 1200, { first: offset })] as const;
  const watched = { target: target('db:5432', { failures: 3 }), fate: failing('connection_refused', [110, 610]) };
  const all = scrape(way, {
    address: ADDRESS,
    watched: [{ ...watched, scrapedAt: scrapes.flat().sort((a, b) => a - b) }],
  });
  const mine = new Set(scrapes[seen]);
  for (const [series, values] of all) {
    for (const second of [...values.keys()]) if (!mine.has(second)) values.delete(second);
    // A series that ended with the other one's scrape ends with the next of this one.
    if (series.startsWith('probe_failure_info')) values.set(seen === 0 ? 660 : 620, 'stale');
  }
  const spans: Span = seen === 0 ? [240, 660] : [260, 620];
  return {
    name: `${way}: Prometheus ${seen} of a pair`,
    timelines: all,
    until: 1200,
    expected: down('db:5432', spans),
  };
}

function removed(way: Way): Scenario {
  const until = 900;
  const scrapedAt = every(60, until);
  const fate = failing('timeout', [120, until + 1]);
  const names = ['gone:80', 'here:80'] as const;
  const watched = names.map((name) => ({ target: target(name), fate, scrapedAt }));
  const timelines = scrape(way, { address: ADDRESS, watched });
  remove(timelines, names[0], 480);
  const firing = { [names[0]]: [[180, 480]] as const, [names[1]]: [[180, until + 1]] as const };
  return {
    name: `${way}: a target that is removed while down`,
    timelines,
    until,
    expected: [{ alert: 'PortDown', firing }],
  };
}

/** A reload gives the target another severity while it is down: another alert, but never two. */
function relabelled(way: Way): Scenario {
  const fate = failing('timeout', [60, 600]);
  const before = { target: target('db:5432', { failures: 1 }), fate, scrapedAt: every(60, 300) };
  const changed = target('db:5432', { failures: 1, severity: 'warning' });
  const after = { target: changed, fate, scrapedAt: every(60, 600, { first: 360 }) };
  const other = { target: target('other:1'), fate: () => undefined, scrapedAt: every(60, 600) };
  const timelines = scrape(way, { address: ADDRESS, watched: [before, other] });
  remove(timelines, 'db:5432', 360);
  scrape(way, { address: ADDRESS, watched: [after] }, timelines);
  const dead: Exporter = {
    address: 'other-exporter:9715',
    watched: [],
    ownScrapedAt: every(60, 600),
    deadAt: () => true,
  };
  scrape(way, dead, timelines);
  const firing = { critical: [[60, 360]] as const, warning: [[360, 600]] as const };
  return {
    name: `${way}: another severity`,
    timelines,
    until: 600,
    expected: [{ alert: 'PortDown', by: 'severity', firing }],
  };
}

const perWay =
  (of: (way: Way) => Scenario | readonly Scenario[], ways: readonly Way[] = WAYS) =>
  () =>
    ways.flatMap((way) => of(way));

/** Groups of scenarios by what they show. */
export const DOWN_SCENARIOS: Readonly<Record<string, () => readonly Scenario[]>> = {
  'after exactly N failures, at the first evaluation': perWay(exactCounts),
  'two failed samples where the exporter does not count': perWay(countedByRules, ['blackbox', 'relabelled']),
  'stands while nobody can tell, and is not made by that': perWay(outages),
  'late samples of long intervals': perWay(longIntervals, ['metrics', 'blackbox']),
  'the same for both Prometheis of a pair': () => WAYS.flatMap((way) => [pair(way, 0), pair(way, 1)]),
  'a target that is removed while down': perWay(removed),
  'a target that gets other labels while down': perWay(relabelled, ['metrics', 'sd']),
};
