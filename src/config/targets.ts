import { type Address, formatEndpoint } from '../core/endpoint.ts';
import type { Module, Target } from '../probe/spec.ts';
import { type Checking, readChecking } from './checking.ts';
import { type OwnLabels, refuseOwn } from './own-labels.ts';
import { type Part, readPart } from './parts.ts';
import type { Path } from './path.ts';
import type { Report } from './problems.ts';
import { GROUP, TARGET } from './schema.ts';
import { overlay, type Settings } from './settings.ts';
import { show } from './wording.ts';

/** One entry of the file as far as it could be read. */
export type Entry = {
  readonly path: Path;
  /** What others call it, also when the entry itself is not right: no second complaint about who depends on it. */
  readonly name: string;
  readonly group: string;
  readonly settings: Settings;
  readonly dependsOn: readonly string[];
  /** Absent when its address is not right. */
  readonly target?: Target;
};

type GroupContext = {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly settings: Settings;
  readonly modules: ReadonlyMap<string, Module>;
  readonly own: OwnLabels;
  readonly report: Report;
};

/** What the groups are read with: what targets inherit, and the modules that they may name. */
export type GroupsContext = {
  readonly defaults: Settings;
  readonly modules: ReadonlyMap<string, Module>;
  readonly own: OwnLabels;
  readonly report: Report;
};

/** Every target of the groups, in the order of the file. `dependsOn` of the targets themselves is still empty. */
export function readGroups(value: unknown, { defaults, modules, own, report }: GroupsContext): Entry[] {
  const named = new Map<string, Path>();
  return items(value, ['groups'], 'groups', report).flatMap((item, i) => {
    const path = ['groups', i];
    const group = readPart(GROUP, item, path, report);
    if (group.name !== undefined) unique(group.name, [...path, 'name'], named, report);
    refuseOwn(group.labels, own, [...path, 'labels'], report);
    const context: GroupContext = {
      name: group.name ?? '',
      labels: Object.freeze({ ...own, ...group.labels }),
      settings: overlay(defaults, group, path, 2),
      modules,
      own,
      report,
    };
    return items(group.targets, [...path, 'targets'], 'targets', report).map((target, j) =>
      readTarget(target, [...path, 'targets', j], context),
    );
  });
}

function items(value: unknown, path: Path, what: string, report: Report): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (value !== undefined && value !== null)
    report({ path, message: `must be a list of ${what}, each starting with "- ", not ${show(value)}` });
  return [];
}

function unique(name: string, path: Path, named: Map<string, Path>, report: Report): void {
  const first = named.get(name);
  if (first === undefined) named.set(name, path);
  else report({ path, see: first, message: `${show(name)} is the name of two groups: put their targets into one` });
}

function readTarget(item: unknown, path: Path, group: GroupContext): Entry {
  const { entry, read } = targetPart(item, path, group.report);
  const settings = overlay(group.settings, entry, path, 3);
  const address = entry.address === undefined ? undefined : formatEndpoint(entry.address.endpoint);
  const name = entry.name ?? address ?? (typeof read === 'string' ? read : '');
  const common = { path, name, group: group.name, settings, dependsOn: entry.depends_on ?? [] };
  if (entry.address === undefined) return common;
  const reading = { entry, address: entry.address, expect: settings.expect, path, report: group.report };
  const checking = readChecking(reading, group.modules);
  refuseOwn(entry.labels, group.own, [...path, 'labels'], group.report);
  const labels = labelsOf(entry, group);
  return { ...common, target: build({ name, group: group.name, settings, labels, checking }, entry.address) };
}

/** A text is short for an entry with only an address; problems then point at the text itself. */
function targetPart(item: unknown, path: Path, report: Report): { entry: Part<typeof TARGET>; read: unknown } {
  if (typeof item !== 'string') {
    const entry = readPart(TARGET, item, path, report);
    return { entry, read: (item as { address?: unknown } | null)?.address };
  }
  const entry = readPart(TARGET, { address: item }, path, (finding) => report({ ...finding, path }));
  return { entry, read: item };
}

function labelsOf(entry: Part<typeof TARGET>, group: GroupContext): Target['labels'] {
  const own = entry.labels;
  return own === undefined || own === null ? group.labels : Object.freeze({ ...group.labels, ...own });
}

export type Draft = {
  readonly name: string;
  readonly group: string;
  readonly settings: Settings;
  readonly labels: Target['labels'];
  readonly checking: Checking;
};

const NO_DEPENDENCIES: readonly string[] = Object.freeze([]);

/** The frozen target of a draft. */
export function build(draft: Draft, address: Pick<Address, 'endpoint' | 'resource'>): Target {
  const { settings, checking } = draft;
  const { service, module, layers, family = settings.family, ...how } = checking;
  return Object.freeze({
    name: draft.name,
    address: formatEndpoint(address.endpoint),
    service,
    group: draft.group,
    severity: settings.severity,
    labels: draft.labels,
    intervalMs: settings.interval.value,
    failures: settings.failures,
    dependsOn: NO_DEPENDENCIES,
    ...(module === undefined ? {} : { module }),
    ...(layers === undefined ? {} : { layers }),
    spec: Object.freeze({
      endpoint: Object.freeze(address.endpoint),
      timeoutMs: settings.timeout.value,
      family,
      ...how,
      ...(address.resource !== undefined && { resource: address.resource }),
    }),
  });
}
