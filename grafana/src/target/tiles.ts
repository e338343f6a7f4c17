import { BigValueColorMode, BigValueTextMode } from '@grafana/grafana-foundation-sdk/common';
import { NoUnit, PercentUnit, Seconds } from '@grafana/grafana-foundation-sdk/units';
import { type Placed, place } from '../assemble.ts';
import { AVAILABILITY, CERTIFICATE_TILE, DAYS, STATE_MAPPING, steps } from '../look.ts';
import { COLOR } from '../names.ts';
import { stat } from '../panels.ts';
import { availability as availabilityOf, one, state, unscraped, watched, withWhy } from '../promql.ts';
import { now } from '../queries.ts';

const SIZE = [3, 4] as const;

export function tiles(): Placed[] {
  return [
    place(1, SIZE, current()),
    place(2, [6, 4], reason()),
    place(3, SIZE, since()),
    place(4, SIZE, failed()),
    place(5, SIZE, availability('24h')),
    place(6, SIZE, availability('30d')),
    place(7, SIZE, certificate()),
  ];
}

function current() {
  const expr = state('target', one('probe_success'), watched(one));
  return stat({
    title: 'State',
    description:
      'Result of the last probe. PARTLY: down from some places. NOT PROBED: the exporter was not able to, or its scrape failed.',
  })
    .withTarget(now({ expr }))
    .mappings(STATE_MAPPING)
    .colorMode(BigValueColorMode.Background);
}

function reason() {
  const noScrape = `label_replace(${unscraped(one)}, "why", "scrape failed", "", "")`;
  const why = `count by (why) (${withWhy(one('probe_failure_info'))} or ${noScrape})`;
  const nothing = `0 * max(${watched(one)})`;
  return stat({
    title: 'Reason',
    description: 'Why the last probe failed, and in which phase; the most frequent one where places differ.',
  })
    .withTarget(
      now({
        expr: `topk(1, ${why}) or on () label_replace(${nothing}, "why", "nothing fails", "", "")`,
        legend: '{{why}}',
      }),
    )
    .unit(NoUnit)
    .textMode(BigValueTextMode.Name)
    .thresholds(steps([null, COLOR.none], [1, COLOR.bad]))
    .noValue('no data');
}

function since() {
  return stat({
    title: 'For',
    description:
      'Time since it last went up or down, as the exporter saw it; empty while that has not happened since the exporter started.',
  })
    .withTarget(now({ expr: `time() - max(${one('probe_last_change_timestamp_seconds')})` }))
    .unit(Seconds)
    .decimals(1)
    .noValue('no change seen');
}

function failed() {
  return stat({
    title: 'Failed checks',
    description: 'Failed checks in a row, and how many make it down for the alerts.',
  })
    .withTarget(now({ ref: 'A', expr: `max(${one('probe_consecutive_failures')})`, legend: 'in a row' }))
    .withTarget(now({ ref: 'B', expr: `max(${one('probe_failure_threshold')})`, legend: 'make it down' }))
    .unit(NoUnit)
    .decimals(0)
    .noValue('not known');
}

function availability(window: string) {
  return stat({
    title: `Availability ${window}`,
    description: `Share of probes that succeeded in the last ${window}, whatever the time range.`,
  })
    .withTarget(now({ expr: availabilityOf('', one('probe_success'), window, (counted) => counted) }))
    .unit(PercentUnit)
    .decimals(2)
    .thresholds(steps(...AVAILABILITY));
}

function certificate() {
  return stat({
    title: 'Certificate',
    description: 'Days until the first certificate of the chain expires; below 0 it has expired.',
  })
    .withTarget(now({ expr: `(min(${one('probe_ssl_earliest_cert_expiry')}) - time()) / 86400` }))
    .unit(DAYS)
    .decimals(0)
    .thresholds(steps(...CERTIFICATE_TILE))
    .noValue('none seen');
}
