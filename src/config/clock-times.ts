import { z } from 'zod';
import { TimeZone } from '../core/time-zone.ts';
import { mustBe, text } from './leaves.ts';
import { suggestion } from './nearest.ts';
import { show } from './wording.ts';

/** A moment, ms since 1970. */
type Moment = { readonly epoch: number };
/** A time of day, minutes since midnight. */
type ClockTime = { readonly minutes: number };

/** 24:00. */
export const END_OF_DAY = 24 * 60;

const FORM = 'a moment such as 2026-11-30T22:00:00Z, or a time of day such as "22:00"';
const DATE_TIME = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:\d\d(?:\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)?$/;
const CLOCK = /^(\d\d):(\d\d)$/;
const LONGEST_ZONE = 50;

export function isMoment(time: Moment | ClockTime): time is Moment {
  return 'epoch' in time;
}

/** What ISO 8601 says with its offset, or hours and minutes. */
export function timeOrMoment() {
  return z.string({ error: ({ input }) => mustBe(FORM, input) }).transform((written, context): Moment | ClockTime => {
    const read = readClock(written) ?? readMoment(written);
    if (typeof read !== 'string') return read;
    context.addIssue(read);
    return z.NEVER;
  });
}

function readClock(written: string): ClockTime | string | undefined {
  const [, hour, minute] = CLOCK.exec(written) ?? [];
  if (hour === undefined) return undefined;
  const minutes = Number(hour) * 60 + Number(minute);
  const isRight = Number(minute) < 60 && minutes <= END_OF_DAY;
  return isRight ? { minutes } : `there is no such time of day: ${show(written)}`;
}

function readMoment(written: string): Moment | string {
  const [, day, time, seconds = '', offset] = DATE_TIME.exec(written) ?? [];
  if (day === undefined) return mustBe(FORM, written);
  if (offset === undefined)
    return `needs its offset from UTC: write ${show(`${written}Z`)}, or an offset such as +01:00 in the place of Z`;
  const wall = Date.parse(`${day}T${time}${seconds}Z`);
  const epoch = Date.parse(written);
  // Date.parse takes 30 February for the second of March.
  const isRight = !Number.isNaN(epoch) && new Date(wall).toISOString().startsWith(`${day}T${time}`);
  return isRight ? { epoch } : `there is no such moment: ${show(written)}`;
}

/** A time zone by its name in the IANA database. */
export function timezone() {
  return text('the name of a time zone, such as Europe/Zurich').transform((written, context) => {
    if (isTimezone(written)) return written;
    const close = suggestion(written, ['UTC', ...Intl.supportedValuesOf('timeZone')]);
    context.addIssue(
      `${show(written)} is not a time zone${close === '' ? ': write one such as Europe/Zurich' : close}`,
    );
    return z.NEVER;
  });
}

/** Offsets (+01:00) are time zones to some versions of Node.js only, and know no summer. */
function isTimezone(name: string): boolean {
  if (name.length > LONGEST_ZONE || !/^[a-z]/i.test(name)) return false;
  try {
    return new TimeZone(name).wallAt(0) !== undefined;
  } catch {
    return false;
  }
}

/** 2026-11-30T22:00:00Z. */
export function formatMoment(epoch: number): string {
  return new Date(epoch).toISOString().replace('.000Z', 'Z');
}

/** 22:00. */
export function formatClock(minutes: number): string {
  return [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0')).join(':');
}
