/** Which series a dashboard looks at: every selector of it has these matchers. `extra` comes on top. */
export type Scope = (metric: string, extra?: string) => string;

function scope(matchers: string): Scope {
  return (metric, extra) => `${metric}{${matchers}${extra === undefined ? '' : `, ${extra}`}}`;
}

/** The chosen targets. A job in the manner of blackbox_exporter must set the label `target`, or it is not seen here. */
export const chosen = scope(
  'job=~"$job", location=~"$location", group=~"$group", service=~"$service", target=~"$target"',
);

/** The one target of the target dashboard. */
export const one = scope('job=~"$job", location=~"$location", target="$target"');

/** Any target of the job: what the chosen one depends on need not be chosen. */
export const any = scope('job=~"$job", location=~"$location", target!=""');

/** Whatever the exporters of the job say, and what Prometheus says of them. */
export const everywhere = scope('job=~"$job", location=~"$location"');

/** The chosen exporters. */
export const exporters = scope('job=~"$job", location=~"$location", instance=~"$instance"');

/**
 * Every target that there is to probe. A job with one scrape for each target has `up` for it, also when that scrape fails; `up` of a scrape
 * of them all has no `target`, and is not found by a scope that asks for one.
 */
export function watched(of: Scope): string {
  return `(${of('probe_duration_seconds')} or ${of('up')})`;
}

/** Targets whose own scrape fails, see `watched`. */
export function unscraped(of: Scope): string {
  return `${of('up')} == 0`;
}

/** Share of the probes that succeeded: every probe has the same weight, whichever series it is in. `still` limits to some of them. */
export function availability(by: string, success: string, window: string, still: (counted: string) => string): string {
  const sum = (over: string) => `sum${by} (${still(`${over}(${success}[${window}])`)})`;
  return `${sum('sum_over_time')} / ${sum('count_over_time')}`;
}

/** Mean time in each phase, where a probe without a phase has spent no time in it: otherwise phases would not add up. */
export function meanPhases(of: Scope, metric = 'probe_tcp_duration_seconds'): string {
  const phases = of(metric);
  return `sum by (phase) (${phases}) / scalar(count(count without (phase) (${phases})))`;
}

/**
 * State of targets over all exporters that probe them, as a number that sorts the worst first (see STATE_MAPPING): 0 down, 1 down for
 * some, 2 not probed, 3 up.
 */
export function state(by: string, success: string, all: string): string {
  return `max by (${by}) (${success}) + 2 * min by (${by}) (${success})\nor 0 * max by (${by}) (${all}) + 2`;
}

/** A label that is `name address`: names are unique within an exporter, addresses need not be. */
export function withId(expression: string): string {
  return `label_join(${expression}, "id", " ", "name", "target")`;
}

/** A label that says why: `connection_refused in connect`. */
export function withWhy(expression: string): string {
  return `label_join(${expression}, "why", " in ", "reason", "phase")`;
}

/** What tells who probes what. */
const PROBE = 'job, instance, location, target, name';

/** Failures with a label that says which layer is broken, of targets that have layers. */
export function withLayer(failures: string, of: Scope): string {
  // One of each, or Prometheus would answer nothing at all: where it was not told that a series ended, an older one is there for a while.
  const broken = `topk by (${PROBE}) (1, ${of('probe_layer_success')} == 0)`;
  return `(${failures} * on (${PROBE}) group_left (layer) ${broken} or on (${PROBE}) ${failures})`;
}

/** A label that says from where: the location, or the exporter's address where there are no locations. */
export function withWhere(expression: string): string {
  const both = `label_join(${expression}, "where", "|", "location", "instance")`;
  return `label_replace(${both}, "where", "$1", "where", "[|]?([^|]+).*")`;
}

/** The worst of each series within each step, so that a short outage survives zooming out; the last sample where a target is probed more rarely. */
export function worst(series: string): string {
  return `(min_over_time(${series}[$__interval]) or ${series})`;
}

/** The same for series that are there or not. */
export function present(series: string): string {
  return `(max_over_time(${series}[$__interval]) or ${series})`;
}
