import { BigValueColorMode, BigValueTextMode } from '@grafana/grafana-foundation-sdk/common';
import { NoUnit, Seconds } from '@grafana/grafana-foundation-sdk/units';
import { type Placed, place } from '../assemble.ts';
import { steps, texts } from '../look.ts';
import { COLOR } from '../names.ts';
import { stat } from '../panels.ts';
import { exporters } from '../promql.ts';
import { now } from '../queries.ts';

const SIZE = [4, 4] as const;

export function tiles(): Placed[] {
  return [
    place(1, SIZE, scraped()),
    place(2, SIZE, targets()),
    place(3, SIZE, configuration()),
    place(4, SIZE, configurationAge()),
    place(5, SIZE, runningFor()),
    place(6, SIZE, version()),
  ];
}

function scraped() {
  return stat({
    title: 'Scrapes',
    description: 'Whether Prometheus can scrape the chosen exporters: the worst of them.',
  })
    .withTarget(now({ expr: `min(max by (job, instance) (${exporters('up')}))` }))
    .mappings(texts({ 0: ['FAIL', COLOR.bad], 1: ['OK', COLOR.ok] }, 'no data'))
    .colorMode(BigValueColorMode.Background);
}

function targets() {
  return stat({
    title: 'Targets',
    description: 'Configured targets, discovered ones included; of the exporter that has the most.',
  })
    .withTarget(now({ expr: `max(${exporters('port_exporter_targets')})` }))
    .unit(NoUnit)
    .decimals(0);
}

function configuration() {
  return stat({
    title: 'Configuration',
    description: 'REFUSED: the last reload was not taken, and the exporter runs on with the configuration it had.',
  })
    .withTarget(now({ expr: `min(${exporters('port_exporter_config_last_reload_successful')})` }))
    .mappings(texts({ 0: ['REFUSED', COLOR.bad], 1: ['LOADED', COLOR.ok] }, 'no data'));
}

function configurationAge() {
  const loaded = exporters('port_exporter_config_last_reload_success_timestamp_seconds');
  return stat({ title: 'Configuration age', description: 'How long ago the oldest configuration in use was loaded.' })
    .withTarget(now({ expr: `time() - min(${loaded})` }))
    .unit(Seconds)
    .decimals(1);
}

function runningFor() {
  return stat({ title: 'Running for', description: 'How long the exporter that was started last has been running.' })
    .withTarget(now({ expr: `time() - max(${exporters('process_start_time_seconds')})` }))
    .unit(Seconds)
    .decimals(1);
}

function version() {
  return stat({ title: 'Version', description: 'Versions of the chosen exporters.' })
    .withTarget(now({ expr: `count by (version) (${exporters('port_exporter_build_info')})`, legend: '{{version}}' }))
    .unit(NoUnit)
    .decimals(0)
    .textMode(BigValueTextMode.Name)
    .thresholds(steps([null, COLOR.none]));
}
