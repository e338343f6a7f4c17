import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  DAYS,
  type Day,
  MaintenanceWindow,
  maintenanceAt,
  maintenanceText,
  type Weekly,
} from '../../src/probe/maintenance.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

function minutes(clock: string): number {
  const [hour = 0, minute = 0] = clock.split(':').map(Number);
  return hour * 60 + minute;
}

function weekly(from: string, until: string, timezone: string, days: readonly Day[] = DAYS): MaintenanceWindow {
  const when: Weekly = { days, from: minutes(from), until: minutes(until), timezone };
  return new MaintenanceWindow('work', when);
}

/** The stretches within this time, as ISO 8601 without seconds, found by asking every quarter of an hour. */
function stretches(window: MaintenanceWindow, from: string, until: string): string[] {
  const found = new Set<string>();
  for (let at = Date.parse(from); at < Date.parse(until); at += 15 * MINUTE) {
    const stretch = window.at(at);
    if (stretch !== undefined) found.add(`${short(stretch.from)} ${short(stretch.until)}`);
  }
  return [...found];
}

function short(at: number): string {
  return new Date(at).toISOString().slice(0, 16);
}

describe('a window of one time', () => {
  const window = new MaintenanceWindow('work', { from: 1000, until: 5000 });

  test.each([
    [-1, false],
    [0, false],
    [999, false],
    [1000, true],
    [4999, true],
    [5000, false],
    [9_000_000_000_000, false],
    [2000, true],
  ])('is open from its beginning until its end: %d ms', (at, open) => {
    expect(window.at(at)).toEqual(open ? { from: 1000, until: 5000 } : undefined);
  });
});

describe('a window of days', () => {
  // 2026-11-27 is a Friday.
  test.each<[string, MaintenanceWindow, string[]]>([
    ['every day', weekly('10:00', '11:30', 'UTC'), ['27T10:00 27T11:30', '28T10:00 28T11:30', '29T10:00 29T11:30']],
    ['one day', weekly('10:00', '11:30', 'UTC', ['sat']), ['28T10:00 28T11:30']],
    ['over midnight', weekly('22:00', '04:00', 'UTC', ['sat']), ['28T22:00 29T04:00']],
    ['over midnight, from the day before', weekly('22:00', '04:00', 'UTC', ['thu']), ['26T22:00 27T04:00']],
    ['until midnight', weekly('22:00', '24:00', 'UTC', ['sat']), ['28T22:00 29T00:00']],
    ['the same until 00:00 of the next day', weekly('22:00', '00:00', 'UTC', ['sat']), ['28T22:00 29T00:00']],
    ['whole days', weekly('00:00', '24:00', 'UTC', ['sat', 'sun']), ['28T00:00 29T00:00', '29T00:00 30T00:00']],
    ['east of UTC', weekly('02:00', '03:00', 'Asia/Kathmandu', ['sat']), ['27T20:15 27T21:15']],
    ['west of UTC', weekly('20:00', '02:00', 'America/Los_Angeles', ['fri']), ['28T04:00 28T10:00']],
    ['far from UTC', weekly('23:30', '00:30', 'Pacific/Kiritimati', ['sat']), ['28T09:30 28T10:30']],
  ])('%s', (_, window, expected) => {
    expect(
      stretches(window, '2026-11-27T00:00Z', '2026-11-30T00:00Z').map((text) => text.replaceAll('2026-11-', '')),
    ).toEqual(expected);
  });

  test('begins and ends to the millisecond', () => {
    const window = weekly('22:00', '04:00', 'Europe/Zurich');
    const begins = Date.parse('2026-11-27T21:00:00Z');
    expect(
      [begins - 1, begins, begins + 6 * HOUR - 1, begins + 6 * HOUR].map((at) => window.at(at) !== undefined),
    ).toEqual([false, true, true, false]);
  });
});

describe('when clocks are changed', () => {
  // Europe/Zurich: 2026-03-29 02:00 becomes 03:00 (01:00 UTC), 2026-10-25 03:00 becomes 02:00 (01:00 UTC).
  test.each<[string, string, string, string]>([
    ['22:00', '04:00', '2026-03-28', '2026-03-28T21:00 2026-03-29T02:00'],
    ['22:00', '04:00', '2026-10-24', '2026-10-24T20:00 2026-10-25T03:00'],
    ['01:00', '05:00', '2026-03-29', '2026-03-29T00:00 2026-03-29T03:00'],
    ['01:00', '05:00', '2026-10-25', '2026-10-24T23:00 2026-10-25T04:00'],
    // The beginning is skipped: it begins when the clock goes on.
    ['02:30', '04:00', '2026-03-29', '2026-03-29T01:00 2026-03-29T02:00'],
    // The end is skipped.
    ['01:00', '02:30', '2026-03-29', '2026-03-29T00:00 2026-03-29T01:00'],
    // The beginning comes twice: the first one; the end comes twice: the last one. It does not close in between.
    ['02:30', '04:00', '2026-10-25', '2026-10-25T00:30 2026-10-25T03:00'],
    ['01:00', '02:30', '2026-10-25', '2026-10-24T23:00 2026-10-25T01:30'],
    ['02:00', '03:00', '2026-10-25', '2026-10-25T00:00 2026-10-25T02:00'],
  ])('%s until %s of %s in Zurich', (from, until, day, expected) => {
    const [name] = new Date(`${day}T12:00Z`).toUTCString().toLowerCase().split(',') as [Day];
    const begin = new Date(Date.parse(`${day}T00:00Z`) - 12 * HOUR).toISOString();
    const end = new Date(Date.parse(`${day}T00:00Z`) + 48 * HOUR).toISOString();
    expect(stretches(weekly(from, until, 'Europe/Zurich', [name]), begin, end)).toEqual([expected]);
  });

  test('a window of the hour that is skipped does not open', () => {
    const window = weekly('02:00', '03:00', 'Europe/Zurich', ['sun']);
    expect(stretches(window, '2026-03-28T00:00Z', '2026-03-30T12:00Z')).toEqual([]);
  });

  test('half an hour, and midnight itself, can be skipped or come twice', () => {
    // Lord Howe: 2026-04-05 02:00 becomes 01:30. Beirut: 2026-03-29 00:00 becomes 01:00.
    const island = weekly('01:30', '02:00', 'Australia/Lord_Howe', ['sun']);
    expect(stretches(island, '2026-04-04T00:00Z', '2026-04-06T00:00Z')).toEqual(['2026-04-04T14:30 2026-04-04T15:30']);
    const night = weekly('00:00', '02:00', 'Asia/Beirut', ['sun']);
    expect(stretches(night, '2026-03-28T00:00Z', '2026-03-30T00:00Z')).toEqual(['2026-03-28T22:00 2026-03-28T23:00']);
  });

  test('what it says of a moment does not depend on what it was asked before', () => {
    const zone = fc.constantFrom('UTC', 'Europe/Zurich', 'Australia/Lord_Howe', 'America/St_Johns', 'Asia/Beirut');
    const clock = fc.integer({ min: 0, max: 1439 });
    const moment = fc.integer({ min: Date.parse('2026-03-01'), max: Date.parse('2026-11-10') });
    const days = fc.subarray([...DAYS], { minLength: 1 });
    const property = fc.property(
      zone,
      clock,
      clock,
      days,
      fc.array(moment, { maxLength: 20 }),
      (timezone, from, until, on, all) => {
        const make = () => new MaintenanceWindow('w', { days: on, from, until, timezone });
        const asked = make();
        for (const at of all.flatMap((one) => [one, one + 30 * MINUTE, one - HOUR])) {
          const found = asked.at(at);
          expect(found).toEqual(make().at(at));
          if (found !== undefined) expect(found.from <= at && at < found.until).toBe(true);
        }
      },
    );
    fc.assert(property, { numRuns: 60 });
  });
});

describe('several windows', () => {
  const first = new MaintenanceWindow('first', { from: 0, until: 10 * MINUTE });
  const second = new MaintenanceWindow('second', { from: 5 * MINUTE, until: 20 * MINUTE });

  test.each([
    [-1, undefined],
    [0, { name: 'first', until: 20 * MINUTE }],
    [6 * MINUTE, { name: 'second', until: 20 * MINUTE }],
    [15 * MINUTE, { name: 'second', until: 20 * MINUTE }],
    [20 * MINUTE, undefined],
  ])('the one that closes last counts, until none is open: %d', (at, expected) => {
    expect(maintenanceAt([first, second], at)).toEqual(expected);
    expect(maintenanceAt([second, first], at)).toEqual(expected);
  });

  test('the same one, day after day, is one', () => {
    const nights = weekly('22:00', '06:00', 'Europe/Zurich', ['fri', 'sat']);
    const days = weekly('06:00', '22:00', 'Europe/Zurich', ['sat']);
    const at = Date.parse('2026-11-27T23:00:00+01:00');
    const until = (windows: readonly MaintenanceWindow[]) => short(maintenanceAt(windows, at)?.until ?? 0);
    expect(until([nights])).toBe('2026-11-28T05:00');
    expect(until([nights, days])).toBe('2026-11-29T05:00');
  });

  test('that never end are said to end in a week', () => {
    const always = weekly('00:00', '24:00', 'UTC');
    const noon = Date.parse('2026-11-26T12:00:00Z');
    expect(maintenanceAt([always], noon)).toEqual({ name: 'work', until: Date.parse('2026-12-04T00:00:00Z') });
  });

  test.each([
    ['2026-12-01T03:00:00Z', 'in maintenance until 2026-12-01 03:00 UTC (disks)'],
    ['2026-12-01T03:00:30.500Z', 'in maintenance until 2026-12-01 03:00:30 UTC (disks)'],
  ])('until %s is told in words', (until, text) => {
    expect(maintenanceText({ name: 'disks', until: Date.parse(until) })).toBe(text);
  });
});

test('a time zone that this machine does not know is refused', () => {
  expect(() => weekly('00:00', '01:00', 'Europe/Zuerich')).toThrow(RangeError);
});
