import { parseAddress } from '../checks/address.ts';
import { formatEndpoint } from '../core/endpoint.ts';
import { findCircles } from './circles.ts';
import { suggestion } from './nearest.ts';
import type { Report } from './problems.ts';
import type { Entry } from './targets.ts';
import { few, show } from './wording.ts';

type Index = {
  readonly byName: ReadonlyMap<string, number>;
  /** Several targets may check the same address in different ways. */
  readonly byAddress: ReadonlyMap<string, readonly number[]>;
};

/** For each entry the positions of the entries it depends on. Reports what leads nowhere, to itself, or round in a circle. */
export function resolveDependencies(entries: readonly Entry[], report: Report): (readonly number[])[] {
  if (entries.every((entry) => entry.dependsOn.length === 0)) return entries.map(() => []);
  const index = indexOf(entries);
  const edges = entries.map((entry, from) => edgesOf(entry, from, entries, index, report));
  for (const circle of findCircles(edges.map((list) => list.map((edge) => edge.to)))) {
    const [from, to] = circle;
    const edge = edges[from ?? 0]?.find((candidate) => candidate.to === to);
    const message = () => `goes round in a circle: ${drawn(circle.map((at) => entries[at]?.name ?? ''))}`;
    report({ path: [...(entries[from ?? 0]?.path ?? []), 'depends_on', edge?.position ?? 0], message });
  }
  return edges.map((list) => [...new Set(list.map((edge) => edge.to))]);
}

type Edge = { readonly to: number; readonly position: number };

function edgesOf(entry: Entry, from: number, entries: readonly Entry[], index: Index, report: Report): Edge[] {
  return entry.dependsOn.flatMap((text, position) => {
    const found = lookUp(text, index);
    const [to] = found;
    if (to !== undefined && found.length === 1 && to !== from && !isClosed(entries[to])) return [{ to, position }];
    const message =
      to === undefined
        ? () => dangling(text, index)
        : found.length > 1
          ? ambiguous(text, found, entries)
          : to === from
            ? 'is the target itself'
            : `${show(text)} should be closed (expect: closed): nothing can depend on it`;
    report({ path: [...entry.path, 'depends_on', position], message });
    return [];
  });
}

function isClosed(entry: Entry | undefined): boolean {
  return entry?.target?.spec.expect === 'closed';
}

function dangling(text: string, index: Index): string {
  const close = suggestion(text, [...index.byName.keys(), ...index.byAddress.keys()]);
  return `no target has the name or address ${show(text)}${close === '' ? ': list it in a group' : close}`;
}

function ambiguous(text: string, found: readonly number[], entries: readonly Entry[]): string {
  const names = found.map((at) => entries[at]?.name ?? '');
  return `${show(text)} is the address of ${found.length} targets (${few(names)}): write the name of the one that is meant`;
}

function indexOf(entries: readonly Entry[]): Index {
  const byName = new Map<string, number>();
  const byAddress = new Map<string, number[]>();
  for (const [at, { name, target }] of entries.entries()) {
    if (!byName.has(name)) byName.set(name, at);
    if (target === undefined) continue;
    const same = byAddress.get(target.address);
    if (same === undefined) byAddress.set(target.address, [at]);
    else same.push(at);
  }
  return { byName, byAddress };
}

function lookUp(text: string, { byName, byAddress }: Index): readonly number[] {
  const named = byName.get(text);
  if (named !== undefined) return [named];
  const address = parseAddress(text);
  return (address.ok ? byAddress.get(formatEndpoint(address.value.endpoint)) : undefined) ?? [];
}

/** a -> b -> a, a long way cut in the middle. */
function drawn(names: readonly string[]): string {
  const whole = [...names, ...names.slice(0, 1)];
  const cut = whole.length > 10 ? [...whole.slice(0, 5), `(${whole.length - 7} more)`, ...whole.slice(-2)] : whole;
  return cut.join(' -> ');
}

/** One warning about dependencies whose alert is quieter than the alerts that it may silence, or none. */
export function severityWarning(entries: readonly Entry[], dependencies: readonly (readonly number[])[]): string[] {
  const quieter = new Set<string>();
  for (const [at, entry] of entries.entries()) {
    if (entry.settings.severity !== 'critical') continue;
    for (const to of dependencies[at] ?? []) {
      const other = entries[to];
      if (other?.settings.severity === 'warning') quieter.add(`${other.name} <- ${entry.name}`);
    }
  }
  if (quieter.size === 0) return [];
  return [
    `critical targets depend on targets of severity warning (${few([...quieter])}): when the cause is down, its warning may be all that is sent`,
  ];
}
