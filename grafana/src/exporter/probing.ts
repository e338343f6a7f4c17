import { GraphDrawStyle } from '@grafana/grafana-foundation-sdk/common';
import { NoUnit, OpsPerSecond, PercentUnit, Seconds } from '@grafana/grafana-foundation-sdk/units';
import { type Placed, place } from '../assemble.ts';
import { colors } from '../look.ts';
import { COLOR, RESULT_COLORS } from '../names.ts';
import { lines, stacked } from '../panels.ts';
import { exporters } from '../promql.ts';
import { over } from '../queries.ts';

const SIZE = [8, 8] as const;

export function results(): Placed {
  const rate = `rate(${exporters('port_exporter_probes_total')}[$__rate_interval])`;
  const panel = lines({
    title: 'Probes by result',
    description: "Probes per second; they add up, so they are stacked. exporter_error is the exporter's own fault.",
  })
    .withTarget(over({ expr: `sum by (result) (${rate})`, legend: '{{result}}' }))
    .unit(OpsPerSecond)
    .fillOpacity(40)
    .stacking(stacked())
    .overrides(colors(RESULT_COLORS));
  return place(7, SIZE, panel);
}

export function failures(): Placed {
  const rate = `rate(${exporters('port_exporter_probe_failures_total')}[$__rate_interval])`;
  const panel = lines({
    title: 'Failed probes by reason',
    description: 'Failed probes per second and reason; they add up, so the bars are stacked.',
  })
    .withTarget(over({ expr: `sum by (reason) (${rate}) > 0`, legend: '{{reason}}' }))
    .unit(OpsPerSecond)
    .drawStyle(GraphDrawStyle.Bars)
    .fillOpacity(70)
    .stacking(stacked())
    .noValue('nothing fails');
  return place(8, SIZE, panel);
}

export function faults(): Placed {
  const own = exporters('port_exporter_probes_total', 'result="exporter_error"');
  const panel = lines({
    title: 'Faults',
    description:
      'How often the exporter was not able to probe (open files, ports, memory), and how often it dialled the last known address because the resolver did not answer.',
  })
    .withTarget(over({ ref: 'A', expr: `sum(increase(${own}[$__rate_interval]))`, legend: 'not able to probe' }))
    .withTarget(
      over({
        ref: 'B',
        expr: `sum(increase(${exporters('port_exporter_dns_stale_answers_total')}[$__rate_interval]))`,
        legend: 'resolver did not answer',
      }),
    )
    .unit(NoUnit)
    .decimals(0)
    .axisSoftMax(1)
    .drawStyle(GraphDrawStyle.Bars)
    .fillOpacity(70)
    .overrides(colors({ 'not able to probe': COLOR.bad, 'resolver did not answer': COLOR.warn }));
  return place(9, SIZE, panel);
}

export function latencyError(): Placed {
  const panel = lines({
    title: 'Latency error, at most',
    description: "What the exporter's own queueing can have added to a connect latency of the last scrape.",
  })
    .withTarget(
      over({ expr: `max by (instance) (${exporters('port_exporter_latency_error_seconds')})`, legend: '{{instance}}' }),
    )
    .unit(Seconds);
  return place(10, SIZE, panel);
}

/** Works for one scrape of everything, and for one scrape of each target. */
export function scrapeTime(): Placed {
  const each = `${exporters('scrape_duration_seconds', 'target!=""')} / on (job, instance, location, target, name) ${exporters('probe_interval_seconds', 'target!=""')}`;
  const all = `max by (instance) (${exporters('scrape_duration_seconds', 'target=""')}) / min by (instance) (${exporters('probe_interval_seconds')})`;
  const panel = lines({
    title: 'Scrape time as a share of the interval',
    description:
      'How long a scrape takes, of the interval of its target or of the shortest one. The alert fires at 80 %.',
  })
    .withTarget(over({ expr: `max by (instance) (${each})\nor ${all}`, legend: '{{instance}}' }))
    .unit(PercentUnit)
    .axisSoftMax(1);
  return place(11, SIZE, panel);
}

export function deadline(): Placed {
  const share = `max by (instance) (${exporters('probe_duration_seconds')} / ${exporters('probe_timeout_seconds')})`;
  const cut = `sum by (instance) (increase(${exporters('port_exporter_scrape_deadline_exceeded_total')}[$__rate_interval]))`;
  const panel = lines({
    title: 'Slowest probe against its deadline',
    description:
      'The slowest probe as a share of what it is allowed to take: 100 % is a timeout. Bars: scrapes that had to answer before every probe had ended.',
  })
    .withTarget(over({ ref: 'A', expr: share, legend: '{{instance}}' }))
    .withTarget(over({ ref: 'B', expr: `${cut} > 0`, legend: 'cut short: {{instance}}' }))
    .unit(PercentUnit)
    .axisSoftMax(1)
    .overrideByQuery('B', [
      { id: 'unit', value: NoUnit },
      { id: 'custom.drawStyle', value: 'bars' },
      { id: 'custom.axisPlacement', value: 'right' },
      { id: 'color', value: { mode: 'fixed', fixedColor: COLOR.bad } },
    ]);
  return place(12, SIZE, panel);
}
