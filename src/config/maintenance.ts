import type { z } from 'zod';
import { parseAddress } from '../checks/address.ts';
import { formatEndpoint } from '../core/endpoint.ts';
import { DAYS, MaintenanceWindow, type Stretch, type Weekly } from '../probe/maintenance.ts';
import type { Target } from '../probe/spec.ts';
import { END_OF_DAY, formatClock, formatMoment, isMoment, timeOrMoment, timezone } from './clock-times.ts';
import { choice, list, name, strict, text } from './leaves.ts';
import { suggestion } from './nearest.ts';
import { level, type Part, readPart } from './parts.ts';
import type { Path } from './path.ts';
import type { Report } from './problems.ts';
import { show } from './wording.ts';
import type { Tree } from './yaml.ts';

/** A window, and the names of the targets and groups that it is for: all of them where it names none. */
export type Planned = {
  readonly window: MaintenanceWindow;
  readonly targets?: readonly string[];
  readonly groups?: readonly string[];
};

/** What there is to be named: targets that are listed, and groups. */
export type Nameable = {
  readonly targets: readonly { readonly name: string; readonly address: string | undefined }[];
  readonly groups: readonly string[];
};

export const MAINTENANCE = level(
  strict({
    name: name(),
    targets: some('a list of names or addresses of targets', text('text')),
    groups: some('a list of names of groups', text('text')),
    days: some('a list of days, such as [sat, sun]', choice(DAYS)),
    from: timeOrMoment(),
    until: timeOrMoment(),
    timezone: timezone().optional(),
  }),
);

type Written = Part<typeof MAINTENANCE>;

/** A list that says something: an empty one could mean all or none. */
function some<Item extends z.ZodType>(what: string, item: Item) {
  return list(item, what)
    .min(1, { error: `is empty: it must be ${what}; leave it out for all of them` })
    .optional();
}

/** Every window of the file that is right. */
export function readMaintenance(value: unknown, nameable: Nameable, report: Report): Planned[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) {
    report({
      path: ['maintenance'],
      message: `must be a list of windows, each starting with "- ", not ${show(value)}`,
    });
    return [];
  }
  const named = new Map<string, Path>();
  const index = indexOf(nameable);
  return value.flatMap((item, i) => {
    const path = ['maintenance', i];
    const written = readPart(MAINTENANCE, item, path, report);
    if (written.name !== undefined) unique(written.name, [...path, 'name'], named, report);
    const targets = written.targets?.flatMap((text, at) => targetsOf(text, [...path, 'targets', at], index, report));
    const groups = written.groups?.filter((text, at) => isGroup(text, [...path, 'groups', at], index, report));
    const when = whenOf(written, path, report);
    if (written.name === undefined || when === undefined) return [];
    const window = new MaintenanceWindow(written.name, when);
    return [{ window, ...(targets && { targets }), ...(groups && { groups }) }];
  });
}

function unique(name: string, path: Path, named: Map<string, Path>, report: Report): void {
  const first = named.get(name);
  if (first === undefined) named.set(name, path);
  else report({ path, see: first, message: `${show(name)} is the name of two windows: give each a name of its own` });
}

type Index = {
  readonly byName: ReadonlySet<string>;
  readonly byAddress: ReadonlyMap<string, readonly string[]>;
  readonly groups: ReadonlySet<string>;
};

function indexOf({ targets, groups }: Nameable): Index {
  const byAddress = new Map<string, string[]>();
  for (const { name, address } of targets) {
    if (address === undefined) continue;
    const same = byAddress.get(address);
    if (same === undefined) byAddress.set(address, [name]);
    else same.push(name);
  }
  return { byName: new Set(targets.map((target) => target.name)), byAddress, groups: new Set(groups) };
}

/** Names of the targets that a name or an address means: all that check that address. */
function targetsOf(text: string, path: Path, { byName, byAddress }: Index, report: Report): readonly string[] {
  if (byName.has(text)) return [text];
  const read = parseAddress(text);
  const found = read.ok ? byAddress.get(formatEndpoint(read.value.endpoint)) : undefined;
  if (found !== undefined) return found;
  const message = () => {
    const close = suggestion(text, [...byName, ...byAddress.keys()]);
    return `no target has the name or address ${show(text)}${close === '' ? ': list it in a group' : close}`;
  };
  report({ path, message });
  return [];
}

function isGroup(text: string, path: Path, { groups }: Index, report: Report): boolean {
  if (groups.has(text)) return true;
  report({ path, message: () => `no group with targets is called ${show(text)}${suggestion(text, groups)}` });
  return false;
}

/** When it is: complains about what does not go together. */
function whenOf(written: Written, path: Path, report: Report): Stretch | Weekly | undefined {
  const { from, until, days = DAYS, timezone = 'UTC' } = written;
  if (from === undefined || until === undefined) return undefined;
  if (isMoment(from) && isMoment(until)) {
    refuseBesideMoments(written, path, report);
    return stretchOf({ from: from.epoch, until: until.epoch }, path, report);
  }
  if (!isMoment(from) && !isMoment(until))
    return weeklyOf({ days, from: from.minutes, until: until.minutes, timezone }, path, report);
  const right = isMoment(from) ? 'a moment such as 2026-11-30T22:00:00Z' : 'a time of day such as "22:00"';
  report({ path: [...path, 'until'], message: `must be ${right}, as from is` });
  return undefined;
}

function refuseBesideMoments(written: Written, path: Path, report: Report): void {
  for (const key of ['days', 'timezone'] as const) {
    const message = 'goes with times of day only: from and until say the date and the offset';
    if (written[key] !== undefined) report({ path: [...path, key], at: 'key', message });
  }
}

function stretchOf(when: Stretch, path: Path, report: Report): Stretch | undefined {
  if (when.until > when.from) return Object.freeze(when);
  report({ path: [...path, 'until'], message: `is not after from, ${formatMoment(when.from)}` });
  return undefined;
}

function weeklyOf(when: Weekly, path: Path, report: Report): Weekly | undefined {
  const { from, until } = when;
  if (from === END_OF_DAY) report({ path: [...path, 'from'], message: 'is the end of the day: write "00:00"' });
  else if (from === until)
    report({ path: [...path, 'until'], message: 'is the same as from: a whole day is from "00:00" until "24:00"' });
  else return Object.freeze({ ...when, days: Object.freeze(DAYS.filter((day) => when.days.includes(day))) });
  return undefined;
}

/** The targets, each with the windows that are for it. */
export function withMaintenance(targets: readonly Target[], planned: readonly Planned[]): readonly Target[] {
  if (planned.length === 0) return targets;
  const plans = planned.map(({ window, targets: names, groups }) => {
    const isForAll = names === undefined && groups === undefined;
    const [named, grouped] = [new Set(names), new Set(groups)];
    return { window, covers: ({ name, group }: Target) => isForAll || named.has(name) || grouped.has(group) };
  });
  return targets.map((target) => {
    const windows = plans.filter(({ covers }) => covers(target)).map(({ window }) => window);
    return windows.length === 0 ? target : Object.freeze({ ...target, maintenance: Object.freeze(windows) });
  });
}

/** One sentence for each window that is over. `now`: milliseconds since 1970. */
export function overWarnings(planned: readonly Planned[], now: (() => number) | undefined): string[] {
  if (planned.length === 0 || now === undefined) return [];
  const moment = now();
  return planned.flatMap(({ window: { name, when } }) => {
    if ('days' in when || when.until > moment) return [];
    return [`the maintenance window ${show(name)} is over since ${formatMoment(when.until)}: remove it`];
  });
}

/** The windows as they would be written. */
export function maintenanceTree(planned: readonly Planned[]): Tree {
  return planned.map(
    ({ window: { name, when }, targets, groups }): Tree => ({
      name,
      ...(targets && { targets }),
      ...(groups && { groups }),
      ...('days' in when
        ? { days: when.days, from: formatClock(when.from), until: formatClock(when.until), timezone: when.timezone }
        : { from: formatMoment(when.from), until: formatMoment(when.until) }),
    }),
  );
}
