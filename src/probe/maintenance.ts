import { TimeZone } from '../core/time-zone.ts';

/** Days of the week in the order of Date.getUTCDay(). */
export const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
export type Day = (typeof DAYS)[number];

/** One stretch of time, the end not in it, ms since 1970. */
export type Stretch = { readonly from: number; readonly until: number };

/**
 * A stretch of each of these days, on the wall clock of a time zone: minutes since midnight. One that does not end after it begins ends on
 * the next day; it belongs to the day on which it begins.
 */
export type Weekly = {
  readonly days: readonly Day[];
  readonly from: number;
  readonly until: number;
  readonly timezone: string;
};

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

const ALWAYS: Stretch = { from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY };

/** Windows that follow each other at once, such as days in a row: so many are looked at, enough to know that no end is near. */
const MOST_JOINED = 7;
/** Working out one takes a quarter of a millisecond. */
const MOST_KNOWN = 2 * MOST_JOINED;

/** For how long something is true. */
type Known = Stretch & { readonly inside: Stretch | undefined };

/** A time in which work on targets is planned: once, or again and again. */
export class MaintenanceWindow {
  readonly name: string;
  readonly when: Stretch | Weekly;
  readonly #learn: (moment: number) => Known;
  /** The last answers: thousands of targets ask about the same moment, and about what follows. */
  readonly #known: Known[] = [];

  /** Throws a RangeError for a time zone that this machine does not know. */
  constructor(name: string, when: Stretch | Weekly) {
    this.name = name;
    this.when = when;
    this.#learn = 'days' in when ? weekly(when) : (moment) => known([when], moment, ALWAYS);
  }

  /** The stretch of it that the moment lies in, if any; ms since 1970. */
  at(moment: number): Stretch | undefined {
    const remembered = this.#known.find(({ from, until }) => from <= moment && moment < until);
    if (remembered !== undefined) return remembered.inside;
    const known = this.#learn(moment);
    this.#known.unshift(known);
    if (this.#known.length > MOST_KNOWN) this.#known.pop();
    return known.inside;
  }
}

function weekly(when: Weekly): (moment: number) => Known {
  const zone = new TimeZone(when.timezone);
  return (moment) => {
    const day = Math.floor(zone.wallAt(moment) / DAY_MS) * DAY_MS;
    // The next day as well: clocks that are turned back at midnight have shown it before.
    const stretches = [day - DAY_MS, day, day + DAY_MS].flatMap((midnight) => stretchOf(midnight, when, zone));
    return known(stretches, moment, { from: zone.firstAt(day), until: zone.firstAt(day + DAY_MS) });
  };
}

/** The stretch that begins on the day of this midnight (wall clock): none where the clock skips it all. */
function stretchOf(midnight: number, { days, from, until }: Weekly, zone: TimeZone): readonly Stretch[] {
  const day = DAYS[new Date(midnight).getUTCDay()];
  if (day === undefined || !days.includes(day)) return [];
  const end = midnight + until * MINUTE_MS + (until > from ? 0 : DAY_MS);
  const stretch = { from: zone.firstAt(midnight + from * MINUTE_MS), until: zone.lastAt(end) };
  return stretch.until > stretch.from ? [stretch] : [];
}

/** What is true at the moment, from the last edge to the next one, within the bounds. */
function known(stretches: readonly Stretch[], moment: number, bounds: Stretch): Known {
  const edges = stretches.flatMap(({ from, until }) => [from, until]);
  const inside = stretches
    .filter(({ from, until }) => from <= moment && moment < until)
    .reduce<Stretch | undefined>((last, one) => (last === undefined || one.until > last.until ? one : last), undefined);
  return {
    inside,
    from: Math.max(bounds.from, ...edges.filter((edge) => edge <= moment)),
    until: Math.min(bounds.until, ...edges.filter((edge) => edge > moment)),
  };
}

/** A window that is open, and when it closes, ms since 1970. */
export type Maintenance = { readonly name: string; readonly until: number };

/** What is planned for a target at that moment: of several windows the one that closes last, until none follows at once. */
export function maintenanceAt(windows: readonly MaintenanceWindow[], moment: number): Maintenance | undefined {
  const now = lastOpen(windows, moment);
  if (now === undefined) return undefined;
  let { until } = now;
  for (let joined = 0; joined < MOST_JOINED; joined++) {
    const next = lastOpen(windows, until);
    if (next === undefined) break;
    until = next.until;
  }
  return { name: now.name, until };
}

function lastOpen(windows: readonly MaintenanceWindow[], moment: number): Maintenance | undefined {
  let last: Maintenance | undefined;
  for (const window of windows) {
    const stretch = window.at(moment);
    if (stretch !== undefined && (last === undefined || stretch.until > last.until))
      last = { name: window.name, until: stretch.until };
  }
  return last;
}

/** 1 within a window, else 0; undefined where there are none. */
export function isPlanned(windows: readonly MaintenanceWindow[] | undefined, moment: number): number | undefined {
  return windows && Number(windows.some((window) => window.at(moment) !== undefined));
}

/** "in maintenance until 2026-12-01 03:00 UTC (new disks)". */
export function maintenanceText({ name, until }: Maintenance): string {
  const [, day = '', time = ''] = /^(.*)T(\d+:\d+(?::(?!00)\d+)?)/.exec(new Date(until).toISOString()) ?? [];
  return `in maintenance until ${day} ${time} UTC (${name})`;
}
