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
 * State of targets over all exporters that probe them, as a number that sorts the worst first (see STATE_MAPPING): 0 down, 1 down for
 * some, 2 not probed, 3 up.
 */
export function state(by: string, success: string, probed: string): string {
  return `max by (${by}) (${success}) + 2 * min by (${by}) (${success})\nor 0 * max by (${by}) (${probed}) + 2`;
}

/** A label that is `name address`: names are unique within an exporter, addresses need not be. */
export function withId(expression: string): string {
  return `label_join(${expression}, "id", " ", "name", "target")`;
}

/** A label that says why: `connection_refused in connect`. */
export function withWhy(expression: string): string {
  return `label_join(${expression}, "why", " in ", "reason", "phase")`;
}

/** A label that says from where: the location, or the exporter's address where there are no locations. */
export function withWhere(expression: string): string {
  const both = `label_join(${expression}, "where", "|", "location", "instance")`;
  return `label_replace(${both}, "where", "$1", "where", "[|]?([^|]+).*")`;
}

/** The worst within each step, so that a short outage survives zooming out; the last sample where a target is probed more rarely. */
export function worst(series: string): string {
  return `(min_over_time(${series}[$__interval]) or ${series})`;
}

/** The same for series that are there or not. */
export function present(series: string): string {
  return `(max_over_time(${series}[$__interval]) or ${series})`;
}
