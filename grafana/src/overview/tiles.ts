import { BigValueColorMode } from '@grafana/grafana-foundation-sdk/common';
import { NoUnit, PercentUnit, Seconds } from '@grafana/grafana-foundation-sdk/units';
import { type Placed, place } from '../assemble.ts';
import { firing } from '../controls.ts';
import { AVAILABILITY, steps } from '../look.ts';
import { COLOR } from '../names.ts';
import { stat } from '../panels.ts';
import { availability as availabilityOf, chosen, everywhere, watched } from '../promql.ts';
import { now } from '../queries.ts';

const SIZE = [3, 4] as const;
/** For tiles that are colour all over: the lowest step is that of "no data". */
const BACKGROUND = [
  [null, COLOR.unknown],
  [0, COLOR.ok],
  [1, COLOR.bad],
] as const;
const SUCCESS = chosen('probe_success');
const PROBED = `count(count by (target, name) (${watched(chosen)}))`;
/** Counts of targets are 0, not empty, while there is any target. */
const ZERO = `0 * ${PROBED}`;

export function tiles(): Placed[] {
  return [
    place(1, SIZE, down()),
    place(2, SIZE, notProbed()),
    place(3, SIZE, up()),
    place(4, SIZE, availability()),
    place(5, SIZE, connectTime()),
    place(6, SIZE, certificates()),
    place(7, SIZE, alerts()),
    place(8, SIZE, exportersDown()),
  ];
}

function down() {
  return stat({
    title: 'Down',
    description:
      'Targets whose last probe failed, from every place that probes them. Not counted: targets of an exporter that does not answer, see "Not probed" and "Exporters down". "no data": no target is chosen.',
  })
    .withTarget(now({ expr: `count(max by (target, name) (${SUCCESS}) == 0) or ${ZERO}` }))
    .unit(NoUnit)
    .decimals(0)
    .colorMode(BigValueColorMode.Background)
    .thresholds(steps(...BACKGROUND));
}

function notProbed() {
  return stat({
    title: 'Not probed',
    description:
      'Targets that the exporter itself was not able to probe (reason exporter_error), or whose own scrape failed: nobody knows how they are. Where one scrape brings all targets, those of an exporter that is down are counted nowhere.',
  })
    .withTarget(now({ expr: `${PROBED} - (count(count by (target, name) (${SUCCESS})) or ${ZERO})` }))
    .unit(NoUnit)
    .decimals(0)
    .thresholds(steps([null, COLOR.none], [1, COLOR.warn]));
}

function up() {
  return stat({
    title: 'Up',
    description: 'Targets whose last probe succeeded, from every place that probes them.',
  })
    .withTarget(now({ expr: `count(min by (target, name) (${SUCCESS}) == 1) or ${ZERO}` }))
    .unit(NoUnit)
    .decimals(0);
}

function availability() {
  return stat({
    title: 'Availability',
    description: 'Share of probes that succeeded in the time range, every target with the same weight.',
  })
    .withTarget(
      now({ expr: `avg(${availabilityOf(' by (target, name)', SUCCESS, '$__range', (counted) => counted)})` }),
    )
    .unit(PercentUnit)
    .decimals(2)
    .thresholds(steps(...AVAILABILITY));
}

function connectTime() {
  return stat({
    title: 'Connect p95',
    description: 'Of 100 targets, 95 connect faster than this. Targets that do not connect are not counted.',
  })
    .withTarget(now({ expr: `quantile(0.95, ${chosen('probe_tcp_duration_seconds', 'phase="connect"')})` }))
    .unit(Seconds)
    .decimals(1);
}

function certificates() {
  const left = `min by (target, name) (${chosen('probe_ssl_earliest_cert_expiry')}) - time()`;
  return stat({
    title: 'Certificates < 30 d',
    description: 'Targets of whose certificates one expires within 30 days, or has expired.',
  })
    .withTarget(now({ expr: `count(${left} < 30 * 86400) or ${ZERO}` }))
    .unit(NoUnit)
    .decimals(0)
    .thresholds(steps([null, COLOR.none], [1, COLOR.warn]));
}

function alerts() {
  const matchers = 'job=~"$job", group=~"$group", service=~"$service", target=~"$target|"';
  return stat({
    title: 'Alerts firing',
    description:
      'Alerts of Prometheus that fire for the chosen targets, and those of the chosen jobs without a target, from any location; those of severity "none" left out.',
  })
    .withTarget(now({ expr: `count(${firing(matchers)}) or ${ZERO}` }))
    .unit(NoUnit)
    .decimals(0)
    .thresholds(steps([null, COLOR.none], [1, COLOR.bad]));
}

function exportersDown() {
  const up = everywhere('up');
  // Relabelling can make an instance of every target. Then the exporter behind is not known: there is one for the job and location.
  const known = `on (job, instance) last_over_time(${everywhere('port_exporter_build_info')}[$__range])`;
  const answering = `(max by (job, instance) (${up} and ${known}) or max by (job, location) (${up} unless ${known}))`;
  return stat({
    title: 'Exporters down',
    description:
      'Exporters that Prometheus cannot scrape: what their targets do is not known, and where one scrape brings all targets, they are not on this dashboard. Where scrapes go to /probe only, all of a job and location count as one.',
  })
    .withTarget(now({ expr: `count(${answering} == 0) or 0 * count(${answering})` }))
    .unit(NoUnit)
    .decimals(0)
    .colorMode(BigValueColorMode.Background)
    .thresholds(steps(...BACKGROUND));
}
