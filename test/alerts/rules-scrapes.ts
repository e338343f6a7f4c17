import type { Phase, Reason } from '../../src/core/reason.ts';
import type { ProbeResult } from '../../src/core/result.ts';
import { FAMILIES } from '../../src/exposition/families.ts';
import { label } from '../../src/exposition/text.ts';
import type { Target } from '../../src/probe/spec.ts';
import { nextState, type TargetState, UNKNOWN } from '../../src/probe/state.ts';
import { target as aTarget } from '../helpers/world.ts';

/** How Prometheus comes to the samples. `relabelled`: blackbox style with the relabelling that docs/alerts.md recommends. */
export const WAYS = ['metrics', 'sd', 'blackbox', 'relabelled'] as const;
export type Way = (typeof WAYS)[number];

/** What a probe that begins at this second finds: undefined is up. */
export type Fate = (second: number) => Reason | undefined;

export type Watched = { readonly target: Target; readonly fate: Fate; readonly scrapedAt: readonly number[] };

export type Exporter = {
  readonly address: string;
  readonly location?: string;
  /** Scrapes in these seconds find nobody. */
  readonly deadAt?: (second: number) => boolean;
  /** It begins anew, with all counts forgotten. */
  readonly restartsAt?: readonly number[];
  readonly watched: readonly Watched[];
  /** The targets are not in its configuration: no state, no threshold (blackbox styles only). */
  readonly unconfigured?: boolean;
  readonly ownScrapedAt?: readonly number[];
};

/** Values by second, by series; 'stale' where Prometheus marks the end of a series. */
export type Timelines = Map<string, Map<number, number | 'stale'>>;

export function target(name: string, overrides: Partial<Target> & { readonly seconds?: number } = {}): Target {
  const [host = '', port = '1'] = name.split(':');
  const { seconds = 60, ...rest } = overrides;
  return aTarget(host, Number(port), { intervalMs: seconds * 1000, group: 'test', ...rest });
}

/** Seconds 0, I, 2I ... up to `until`, the first at `first`, each late by what `jitter` says, without those in `missed`. */
export function every(
  interval: number,
  until: number,
  { first = 0, jitter = () => 0 }: { readonly first?: number; readonly jitter?: (index: number) => number } = {},
): number[] {
  const count = Math.floor((until - first) / interval) + 1;
  return Array.from({ length: count }, (_, index) => first + index * interval + jitter(index));
}

/** Fails with this reason in any of these spans [from, to[. */
export function failing(reason: Reason, ...spans: readonly (readonly [number, number])[]): Fate {
  return (second) => (spans.some(([from, to]) => from <= second && second < to) ? reason : undefined);
}

/** What Prometheus stores when it scrapes the exporter: the real counting and the real families, one second at a time. */
export function scrape(way: Way, exporter: Exporter, into: Timelines = new Map()): Timelines {
  const run = new Run(way, exporter, into);
  const restarts = [...(exporter.restartsAt ?? [])];
  for (const { second, jobs } of inOrder(exporter)) {
    while ((restarts[0] ?? Number.POSITIVE_INFINITY) <= second) {
      restarts.shift();
      run.restart();
    }
    const entries = way === 'metrics' ? [jobs] : jobs.map((job) => [job]);
    for (const entry of entries) run.scrape(second, entry);
  }
  return into;
}

class Run {
  readonly #way: Way;
  readonly #exporter: Exporter;
  readonly #into: Timelines;
  readonly #present = new Map<string, Iterable<string>>();
  readonly #states = new Map<string, TargetState>();

  constructor(way: Way, exporter: Exporter, into: Timelines) {
    this.#way = way;
    this.#exporter = exporter;
    this.#into = into;
  }

  restart(): void {
    this.#states.clear();
  }

  scrape(second: number, scraped: readonly (Watched | 'own')[]): void {
    const up = `up{${upLabels(this.#way, this.#exporter, scraped)}}`;
    const dead = this.#exporter.deadAt?.(second) ?? false;
    const found = dead ? [] : scraped.flatMap((job) => this.#samplesOf(job, second));
    const samples = new Map<string, number>([[up, Number(!dead)], ...found]);
    for (const gone of this.#present.get(up) ?? []) if (!samples.has(gone)) this.#put(gone, second, 'stale');
    for (const [series, value] of samples) this.#put(series, second, value);
    this.#present.set(up, samples.keys());
  }

  #samplesOf(job: Watched | 'own', second: number): readonly (readonly [string, number])[] {
    if (job === 'own') return [[`port_exporter_build_info{${labelsOf(this.#way, this.#exporter, undefined)}}`, 1]];
    const { target, fate } = job;
    const result = resultOf(fate(second), second);
    const state = nextState(this.#states.get(target.name) ?? UNKNOWN, result, second * 1000, target.intervalMs);
    this.#states.set(target.name, state);
    const labels = labelsOf(this.#way, this.#exporter, target);
    const view = this.#exporter.unconfigured ? { result } : { result, configured: { target, state } };
    return FAMILIES.flatMap(({ name, value, rows }) => {
      const only = value?.(view);
      const all = rows?.(view) ?? (only === undefined ? [] : [['', only] as const]);
      return all.map(([more, number]) => [`${name}{${labels}${more && ','}${more}}`, number] as const);
    });
  }

  #put(series: string, second: number, value: number | 'stale'): void {
    const values = this.#into.get(series) ?? new Map();
    this.#into.set(series, values.set(second, value));
  }
}

/** The target is taken out of the configuration, or out of Prometheus: its series end. */
export function remove(timelines: Timelines, name: string, second: number): void {
  for (const [series, values] of timelines) {
    if (!series.includes(`name="${name}"`) && !series.includes(`instance="${name}"`)) continue;
    for (const at of [...values.keys()]) if (at >= second) values.delete(at);
    values.set(second, 'stale');
  }
}

function inOrder({ watched, ownScrapedAt = [] }: Exporter): { second: number; jobs: (Watched | 'own')[] }[] {
  const bySecond = new Map<number, (Watched | 'own')[]>();
  const add = (second: number, job: Watched | 'own') => bySecond.set(second, [...(bySecond.get(second) ?? []), job]);
  for (const second of ownScrapedAt) add(second, 'own');
  for (const job of watched) for (const second of job.scrapedAt) add(second, job);
  return [...bySecond].sort(([a], [b]) => a - b).map(([second, jobs]) => ({ second, jobs }));
}

function upLabels(way: Way, exporter: Exporter, [first]: readonly (Watched | 'own')[]): string {
  return labelsOf(way, exporter, way === 'metrics' || first === 'own' ? undefined : first?.target);
}

function labelsOf(way: Way, { address, location }: Exporter, of: Target | undefined): string {
  const place = { job: 'port_exporter', ...(location !== undefined && { location }) };
  return text({ ...place, instance: address, ...(of && labelsOfTarget(way, of)) });
}

function labelsOfTarget(way: Way, of: Target): Readonly<Record<string, string>> {
  if (way === 'blackbox') return { instance: of.name };
  if (way === 'relabelled') return { target: of.name, name: of.name };
  const { address, name, service, group, severity, labels } = of;
  return { target: address, name, service, group, severity, ...labels };
}

function text(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => label(name, value))
    .join(',');
}

function resultOf(reason: Reason | undefined, second: number): ProbeResult {
  return {
    startedAt: second * 1000,
    durationMs: 5,
    budgetMs: 5000,
    phases: { connect: 2 },
    latencyErrorMs: 0,
    ...(reason && { failure: { reason, phase: phaseOf(reason), detail: '' } }),
  };
}

function phaseOf(reason: Reason): Phase {
  if (reason.startsWith('dns_') || reason === 'policy_denied') return 'resolve';
  return reason.startsWith('tls_') ? 'tls' : 'connect';
}
