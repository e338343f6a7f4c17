import { BigValueColorMode } from '@grafana/grafana-foundation-sdk/common';
import { NoUnit, PercentUnit, Seconds } from '@grafana/grafana-foundation-sdk/units';
import { type Placed, place } from '../assemble.ts';
import { firing } from '../controls.ts';
import { AVAILABILITY, steps } from '../look.ts';
import { COLOR } from '../names.ts';
import { stat } from '../panels.ts';
import { chosen, everywhere } from '../promql.ts';
import { now } from '../queries.ts';

const SIZE = [3, 4] as const;
const SUCCESS = chosen('probe_success');
const PROBED = `count(count by (target, name) (${chosen('probe_duration_seconds')}))`;
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
    description: 'Targets whose last probe failed, from every place that probes them. "no data": no target is chosen.',
  })
    .withTarget(now({ expr: `count(max by (target, name) (${SUCCESS}) == 0) or ${ZERO}` }))
    .unit(NoUnit)
    .decimals(0)
    .colorMode(BigValueColorMode.Background)
    .thresholds(steps([null, COLOR.ok], [1, COLOR.bad]));
}

function notProbed() {
  return stat({
    title: 'Not probed',
    description:
      'Targets that the exporter itself was not able to probe (reason exporter_error): nobody knows how they are.',
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
    .withTarget(now({ expr: `avg(avg_over_time(${SUCCESS}[$__range]))` }))
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
    description: 'Alerts of Prometheus that fire for the chosen targets, those of severity "none" left out.',
  })
    .withTarget(now({ expr: `count(${firing(matchers)}) or ${ZERO}` }))
    .unit(NoUnit)
    .decimals(0)
    .thresholds(steps([null, COLOR.none], [1, COLOR.bad]));
}

function exportersDown() {
  const answering = `max by (job, instance) (${everywhere('up')})`;
  return stat({
    title: 'Exporters down',
    description: 'Exporters that Prometheus cannot scrape: what their targets do is not known.',
  })
    .withTarget(now({ expr: `count(${answering} == 0) or 0 * count(${answering})` }))
    .unit(NoUnit)
    .decimals(0)
    .thresholds(steps([null, COLOR.none], [1, COLOR.bad]));
}
