import type { DynamicConfigValue } from '@grafana/grafana-foundation-sdk/dashboard';
import { NoUnit, PercentUnit, Seconds } from '@grafana/grafana-foundation-sdk/units';
import { type Placed, place } from '../assemble.ts';
import { inTable, toTarget } from '../controls.ts';
import { AVAILABILITY, CERTIFICATE_DAYS, DAYS, STATE_MAPPING, steps } from '../look.ts';
import { table } from '../panels.ts';
import { any, availability, chosen, state, unscraped, watched, withId, withLayer, withWhy } from '../promql.ts';
import { rowsOf } from '../queries.ts';
import { columns, FILLED, joinedBy, numbers, smallestFirst, TINTED, width } from '../tables.ts';

const SUCCESS = chosen('probe_success');
const LABELS = 'id, service, group, severity';
const TARGETS = withId(watched(chosen));
/** Windows also find targets that are gone; only those that there are now are rows. An exporter of them may be gone all the same. */
const still = (counted: string) => withId(`(${counted} and on (target, name) ${watched(chosen)})`);
/** Of several jobs with a target, one that says anything of it: no label `known` is the same as an empty one. */
const LABELLED = `label_join(${TARGETS}, "known", "", "service", "group", "severity") unless on (known) vector(0)`;
/** A scrape of this target only has failed, so nothing is said of it. */
const NO_SCRAPE = `label_replace(${withId(`(${unscraped(chosen)})`)}, "why", "scrape failed", "", "")`;
const FAILURES = withWhy(withId(withLayer(chosen('probe_failure_info'), chosen)));
/** What targets that fail depend on and is down from everywhere; names are unique within an exporter, so the job goes with them. */
const DEPENDS = `label_replace(${withId(chosen('probe_dependency_info'))}, "cause", "$1", "depends_on", "(.+)")`;
const DOWN = `label_replace(max by (job, name) (${any('probe_success')}) == 0, "cause", "$1", "name", "(.+)")`;
const CAUSES = `${DEPENDS} and on (job, cause) ${DOWN} and on (id) min by (id) (${withId(SUCCESS)}) == 0`;

/** Each has one row for each `id`. */
const QUERIES = {
  state: state('id, target, name', withId(SUCCESS), TARGETS),
  labels: `topk by (id) (1, count by (${LABELS}) (${LABELLED}))`,
  why: `topk by (id) (1, count by (id, why, layer) (${FAILURES} or ${NO_SCRAPE}))`,
  cause: `topk by (id) (1, count by (id, cause) (${CAUSES}))`,
  since: `time() - max by (id) (${withId(chosen('probe_last_change_timestamp_seconds'))})`,
  failed: `max by (id) (${withId(chosen('probe_consecutive_failures'))})`,
  outages: `max by (id) (${still(`resets(${SUCCESS}[$__range])`)})`,
  share: availability(' by (id)', SUCCESS, '$__range', still),
  connect: `max by (id) (${withId(chosen('probe_tcp_duration_seconds', 'phase="connect"'))})`,
  expiry: `(min by (id) (${withId(chosen('probe_ssl_earliest_cert_expiry'))}) - time()) / 86400`,
};

const NAMES = {
  'Value #state': 'State',
  name: 'Target',
  target: 'Address',
  why: 'Reason',
  layer: 'Layer',
  cause: 'Cause',
  'Value #since': 'For',
  'Value #failed': 'Failed checks',
  'Value #outages': 'Outages',
  'Value #share': 'Availability',
  'Value #connect': 'Connect',
  'Value #expiry': 'Certificate',
  service: 'Service',
  group: 'Group',
  severity: 'Severity',
} as const;

const CELLS: Readonly<Record<string, DynamicConfigValue[]>> = {
  State: [{ id: 'mappings', value: STATE_MAPPING }, FILLED, { id: 'custom.align', value: 'center' }, width(110)],
  Target: [
    { id: 'links', value: [inTable(toTarget('row'))] },
    { id: 'custom.minWidth', value: 130 },
  ],
  Address: [{ id: 'custom.minWidth', value: 180 }],
  Reason: [{ id: 'noValue', value: '–' }, width(235)],
  Layer: [{ id: 'noValue', value: '–' }, width(125)],
  Cause: [
    { id: 'noValue', value: '–' },
    { id: 'custom.minWidth', value: 130 },
  ],
  For: [...numbers(Seconds, 1), width(90)],
  'Failed checks': [...numbers(NoUnit, 0), width(115)],
  Outages: [...numbers(NoUnit, 0), width(85)],
  Availability: [
    ...numbers(PercentUnit, 2),
    { id: 'thresholds', value: steps(...AVAILABILITY).build() },
    TINTED,
    width(100),
  ],
  Connect: [...numbers(Seconds, 1), width(90)],
  Certificate: [
    ...numbers(DAYS, 0, 'none'),
    { id: 'thresholds', value: steps(...CERTIFICATE_DAYS).build() },
    TINTED,
    width(100),
  ],
  Service: [width(110)],
  Group: [width(110)],
  Severity: [width(90)],
};

/** One row for each target, the worst first. */
export function status(): Placed {
  const panel = table({
    title: 'Targets',
    description:
      'State now; why it fails, which layer of it is the first that is broken, and what it depends on that is down (one of them, its own dashboard has all); for how long it has been so; how many checks failed in a row; how often it went down and how available it was in the time range; time to connect; days until a certificate expires. PARTLY: down from some places. NOT PROBED: the exporter was not able to, or the scrape of this target failed. Targets that come with all others in one scrape are not here while their exporter is down.',
  });
  for (const [ref, expr] of Object.entries(QUERIES)) panel.withTarget(rowsOf({ ref, expr }));
  const times = Object.keys(QUERIES).map((_, i) => `Time ${i + 1}`);
  panel
    .transformations([joinedBy('id'), columns(NAMES, ...times, 'id', 'Value #labels', 'Value #why', 'Value #cause')])
    .sortBy([smallestFirst('State'), smallestFirst('Availability')])
    .filterable(true);
  for (const [name, properties] of Object.entries(CELLS)) panel.overrideByName(name, properties);
  return place(10, [24, 16], panel);
}
