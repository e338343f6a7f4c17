import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { ONCE, planned, TARGETS } from './planning.ts';
import { group, problemsOf } from './reading.ts';

const LINES = TARGETS.split('\n').length;

describe('what is wrong with a window', () => {
  const at = `c.yml:${LINES + 1}:`;
  it.each([
    [
      '{name: w, from: "22:00"}',
      `${at}5: maintenance[0].until: is missing: it must be a moment such as 2026-11-30T22:00:00Z, or a time of day such as "22:00"`,
    ],
    [`{${ONCE}}`, `${at}5: maintenance[0].name: is missing: it must be a name`],
    [`{name: "", ${ONCE}}`, 'maintenance[0].name: must be a name, not empty'],
    [
      'work',
      'maintenance[0]: must be a mapping with some of the keys name, targets, groups, days, from, until, timezone, not "work"',
    ],
    ['', 'maintenance[0]: is empty: it must be a mapping'],
    [
      `{name: w, target: [orders], ${ONCE}}`,
      `${at}15: maintenance[0].target: "target" is not a known key: did you mean targets?`,
    ],
    [
      `{name: w, targets: [oders], ${ONCE}}`,
      `${at}25: maintenance[0].targets[0]: no target has the name or address "oders": did you mean orders?`,
    ],
    [`{name: w, targets: ["h:1"], ${ONCE}}`, 'no target has the name or address "h:1": list it in a group'],
    [
      `{name: w, targets: [], ${ONCE}}`,
      `${at}24: maintenance[0].targets: is empty: it must be a list of names or addresses of targets; leave it out for all of them`,
    ],
    [
      `{name: w, targets: , ${ONCE}}`,
      'maintenance[0].targets: is empty: it must be a list of names or addresses of targets',
    ],
    [
      `{name: w, targets: orders, ${ONCE}}`,
      'maintenance[0].targets: must be a list of names or addresses of targets, not "orders"',
    ],
    [`{name: w, targets: [5], ${ONCE}}`, 'maintenance[0].targets[0]: must be text, not 5: put it in quotes'],
    [
      `{name: w, groups: [G], ${ONCE}}`,
      `${at}24: maintenance[0].groups[0]: no group with targets is called "G": did you mean g?`,
    ],
    [
      `{name: w, groups: [], ${ONCE}}`,
      'maintenance[0].groups: is empty: it must be a list of names of groups; leave it out for all of them',
    ],
    [
      '{name: w, from: 2026-11-30T22:00:00Z, until: 2026-11-30T21:00:00Z}',
      `${at}50: maintenance[0].until: is not after from, 2026-11-30T22:00:00Z`,
    ],
    [
      '{name: w, from: 2026-11-30T22:00:00Z, until: 2026-11-30T23:00:00+01:00}',
      'maintenance[0].until: is not after from, 2026-11-30T22:00:00Z',
    ],
    [
      '{name: w, from: 2026-11-30T22:00:00, until: 2026-12-01T04:00:00Z}',
      `${at}21: maintenance[0].from: needs its offset from UTC: write "2026-11-30T22:00:00Z", or an offset such as +01:00 in the place of Z`,
    ],
    [
      '{name: w, from: 2026-02-30T22:00:00Z, until: 2026-12-01T04:00:00Z}',
      'maintenance[0].from: there is no such moment: "2026-02-30T22:00:00Z"',
    ],
    ['{name: w, from: 2026-11-30T24:00:00Z, until: 2026-12-01T04:00:00Z}', 'there is no such moment'],
    ['{name: w, from: 2026-11-30T22:60:00Z, until: 2026-12-01T04:00:00Z}', 'there is no such moment'],
    ['{name: w, from: 2026-11-30T22:00:00+99:00, until: 2026-12-01T04:00:00Z}', 'there is no such moment'],
    [
      '{name: w, from: 2026-11-30 22:00:00Z, until: 2026-12-01T04:00:00Z}',
      'maintenance[0].from: must be a moment such as 2026-11-30T22:00:00Z, or a time of day such as "22:00", not "2026-11-30 22:00:00Z"',
    ],
    ['{name: w, from: 2026-11-30, until: 2026-12-01T04:00:00Z}', 'maintenance[0].from: must be a moment such as'],
    [
      '{name: w, from: 10pm, until: "04:00"}',
      'must be a moment such as 2026-11-30T22:00:00Z, or a time of day such as "22:00", not "10pm"',
    ],
    ['{name: w, from: 2200, until: "04:00"}', 'or a time of day such as "22:00", not 2200'],
    ['{name: w, from: 9:00, until: "10:00"}', 'or a time of day such as "22:00", not "9:00"'],
    ['{name: w, from: "25:00", until: "04:00"}', 'maintenance[0].from: there is no such time of day: "25:00"'],
    ['{name: w, from: "22:60", until: "04:00"}', 'there is no such time of day: "22:60"'],
    ['{name: w, from: "23:00", until: "24:01"}', 'maintenance[0].until: there is no such time of day: "24:01"'],
    ['{name: w, from: "24:00", until: "04:00"}', 'maintenance[0].from: is the end of the day: write "00:00"'],
    [
      '{name: w, from: "22:00", until: "22:00"}',
      'maintenance[0].until: is the same as from: a whole day is from "00:00" until "24:00"',
    ],
    [
      '{name: w, from: "22:00", until: 2026-12-01T04:00:00Z}',
      'maintenance[0].until: must be a time of day such as "22:00", as from is',
    ],
    [
      '{name: w, from: 2026-11-30T22:00:00Z, until: "04:00"}',
      'maintenance[0].until: must be a moment such as 2026-11-30T22:00:00Z, as from is',
    ],
    [
      `{name: w, days: [sat], ${ONCE}}`,
      `${at}15: maintenance[0].days: goes with times of day only: from and until say the date and the offset`,
    ],
    [
      `{name: w, timezone: UTC, ${ONCE}}`,
      `${at}15: maintenance[0].timezone: goes with times of day only: from and until say the date and the offset`,
    ],
    [
      '{name: w, days: [saturday], from: "22:00", until: "04:00"}',
      'maintenance[0].days[0]: must be sun, mon, tue, wed, thu, fri or sat, not "saturday"',
    ],
    [
      '{name: w, days: [], from: "22:00", until: "04:00"}',
      'maintenance[0].days: is empty: it must be a list of days, such as [sat, sun]; leave it out for all of them',
    ],
    [
      '{name: w, days: sat, from: "22:00", until: "04:00"}',
      'maintenance[0].days: must be a list of days, such as [sat, sun], not "sat"',
    ],
    [
      '{name: w, timezone: Europe/Zürich, from: "22:00", until: "04:00"}',
      'maintenance[0].timezone: "Europe/Zürich" is not a time zone: did you mean Europe/Zurich?',
    ],
    [
      '{name: w, timezone: here, from: "22:00", until: "04:00"}',
      '"here" is not a time zone: write one such as Europe/Zurich',
    ],
    ['{name: w, timezone: "+01:00", from: "22:00", until: "04:00"}', '"+01:00" is not a time zone'],
    [
      '{name: w, timezone: 5, from: "22:00", until: "04:00"}',
      'must be the name of a time zone, such as Europe/Zurich, not 5: put it in quotes',
    ],
  ])('%s', (window, expected) => {
    expect(problemsOf(planned(window))).toEqual([expect.stringContaining(expected)]);
  });

  it('is said of all windows at once, and of names that are not their own', () => {
    expect(problemsOf(planned(`{name: w, ${ONCE}}`, `{name: w, groups: [h], ${ONCE}}`))).toEqual([
      `c.yml:${LINES + 2}:12: maintenance[1].name: "w" is the name of two windows: give each a name of its own (the other is maintenance[0].name on line ${LINES + 1})`,
      `c.yml:${LINES + 2}:24: maintenance[1].groups[0]: no group with targets is called "h": did you mean g?`,
    ]);
  });

  it.each([
    ['maintenance: soon', 'maintenance: must be a list of windows, each starting with "- ", not "soon"'],
    ['maintenance: {name: w}', 'maintenance: must be a list of windows, each starting with "- ", not a mapping'],
  ])('%s', (text, expected) => {
    expect(problemsOf(`${TARGETS}${text}\n`)).toEqual([expect.stringContaining(expected)]);
  });

  it('is not said of a target whose own entry is wrong', () => {
    const text = `${group('{name: shop, address: nowhere}')}maintenance:\n  - {name: w, targets: [shop], groups: [g], ${ONCE}}\n`;
    expect(problemsOf(text)).toEqual([expect.stringContaining('"nowhere" is not an address')]);
  });

  it('is said of a target that was only discovered: it may be gone when the file is read again', () => {
    const text = `discover: {local: true}\nmaintenance: [{name: w, targets: ["127.0.0.1:22"], ${ONCE}}]`;
    const loaded = loadConfig('c.yml', text, { listeners: () => [{ host: '127.0.0.1', port: 22 }] });
    expect(loaded.ok ? [] : loaded.problems.map(({ message }) => message)).toEqual([
      'no target has the name or address "127.0.0.1:22": list it in a group',
    ]);
  });
});
