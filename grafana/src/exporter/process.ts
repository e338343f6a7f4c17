import { BytesIEC, NoUnit, PercentUnit, Seconds } from '@grafana/grafana-foundation-sdk/units';
import { type Placed, place } from '../assemble.ts';
import { texts } from '../look.ts';
import { COLOR } from '../names.ts';
import { lines, timeline } from '../panels.ts';
import { exporters } from '../promql.ts';
import { over } from '../queries.ts';

const SIZE = [8, 8] as const;

export function loopLag(): Placed {
  const panel = lines({
    title: 'Event loop lag, p99',
    description: 'How late the exporter turns to what has happened. Latencies are read late by as much.',
  })
    .withTarget(
      over({ expr: `max by (instance) (${exporters('nodejs_eventloop_lag_p99_seconds')})`, legend: '{{instance}}' }),
    )
    .unit(Seconds);
  return place(13, SIZE, panel);
}

export function inFlight(): Placed {
  const panel = lines({
    title: 'Probes in flight',
    description: 'Probes asked for and not ended, at the time of the scrape.',
  })
    .withTarget(
      over({ expr: `max by (instance) (${exporters('port_exporter_probes_in_flight')})`, legend: '{{instance}}' }),
    )
    .unit(NoUnit)
    .decimals(0)
    .axisSoftMax(1);
  return place(14, SIZE, panel);
}

export function processor(): Placed {
  const panel = lines({ title: 'CPU', description: 'Share of one processor core that the exporter uses.' })
    .withTarget(
      over({
        expr: `sum by (instance) (rate(${exporters('process_cpu_seconds_total')}[$__rate_interval]))`,
        legend: '{{instance}}',
      }),
    )
    .unit('percentunit');
  return place(15, SIZE, panel);
}

export function memory(): Placed {
  const panel = lines({
    title: 'Memory',
    description: 'What the process holds, and what of it is the JavaScript heap in use.',
  })
    .withTarget(
      over({
        ref: 'A',
        expr: `max by (instance) (${exporters('process_resident_memory_bytes')})`,
        legend: '{{instance}}',
      }),
    )
    .withTarget(
      over({
        ref: 'B',
        expr: `max by (instance) (${exporters('nodejs_heap_size_used_bytes')})`,
        legend: 'heap: {{instance}}',
      }),
    )
    .unit(BytesIEC);
  return place(16, SIZE, panel);
}

/** A probe is one open file. */
export function files(): Placed {
  const share = `${exporters('process_open_fds')} / ${exporters('process_max_fds')}`;
  const panel = lines({
    title: 'Open files, of the limit',
    description: 'Every probe holds one file. At 100 % probes end with exporter_error.',
  })
    .withTarget(over({ expr: `max by (instance) (${share})`, legend: '{{instance}}' }))
    .unit(PercentUnit)
    .axisSoftMax(1);
  return place(17, SIZE, panel);
}

export function configurations(): Placed {
  const loaded = exporters('port_exporter_config_last_reload_successful');
  const panel = timeline({
    title: 'Configuration over time',
    description: 'Whether the last reload was taken; marks show when a configuration was loaded.',
  })
    .withTarget(
      over({
        expr: `min by (instance) (min_over_time(${loaded}[$__interval]) or ${loaded})`,
        legend: '{{instance}}',
        minStep: '1m',
      }),
    )
    .mappings(texts({ 0: ['refused', COLOR.bad], 1: ['loaded', COLOR.ok] }, 'no data'));
  return place(18, SIZE, panel);
}
