import { VisibilityMode } from '@grafana/grafana-foundation-sdk/common';
import { NoUnit } from '@grafana/grafana-foundation-sdk/units';
import { type Placed, place } from '../assemble.ts';
import { LAYER_MAPPING, texts } from '../look.ts';
import { COLOR, LAYERS } from '../names.ts';
import { lines, timeline } from '../panels.ts';
import { one, present, state, watched, withWhere, withWhy, worst } from '../promql.ts';
import { over } from '../queries.ts';

export function states(): Placed {
  const panel = timeline({
    title: 'State over time',
    description: 'Up and down, one row for each place that probes it, with the worst of every step.',
  }).withTarget(
    over({
      expr: state('where', withWhere(worst(one('probe_success'))), withWhere(watched(one))),
      legend: '{{where}}',
      minStep: '1m',
    }),
  );
  return place(8, [24, 4], panel);
}

export function reasons(): Placed {
  const panel = timeline({
    title: 'Reasons over time',
    description: 'Why it failed, one row for each reason and phase.',
  })
    .withTarget(
      over({
        expr: `max by (why) (${withWhy(present(one('probe_failure_info')))})`,
        legend: '{{why}}',
        minStep: '1m',
      }),
    )
    .mappings(texts({ 1: ['failing', COLOR.bad] }))
    .noValue('no failure in this time range');
  return place(9, [12, 6], panel);
}

/** A query for each, because the order of lines is that of the queries. */
export function layers(): Placed {
  const panel = timeline({
    title: 'Layers over time',
    description:
      'What the target stands on, the lowest first, with the worst of every step from any place. Not known: a layer below is broken, or the target was not probed. Only layers that were seen in the time range.',
  });
  for (const layer of LAYERS) {
    const seen = one('probe_layer_success', `layer="${layer}"`);
    const unknown = `0 * min(last_over_time(${seen}[$__range] @ end())) + 2`;
    const expr = `min(${worst(seen)})\nor ${unknown} and on () max(${watched(one)})`;
    panel.withTarget(over({ ref: layer, expr, legend: layer, minStep: '1m' }));
  }
  panel
    .mappings(LAYER_MAPPING)
    .showValue(VisibilityMode.Auto)
    .noValue('no data: only targets with "checks" in their configuration have layers');
  return place(18, [12, 6], panel);
}

export function failedChecks(): Placed {
  const panel = lines({
    title: 'Failed checks in a row',
    description: 'The alert "PortDown" fires where the count reaches the dashed line.',
  })
    .withTarget(over({ ref: 'A', expr: `max(${one('probe_consecutive_failures')})`, legend: 'failed in a row' }))
    .withTarget(over({ ref: 'B', expr: `max(${one('probe_failure_threshold')})`, legend: 'make it down' }))
    .unit(NoUnit)
    .decimals(0)
    .overrideByName('failed in a row', [
      { id: 'color', value: { mode: 'fixed', fixedColor: COLOR.bad } },
      { id: 'custom.lineInterpolation', value: 'stepAfter' },
    ])
    .overrideByName('make it down', [
      { id: 'color', value: { mode: 'fixed', fixedColor: COLOR.none } },
      { id: 'custom.lineStyle', value: { fill: 'dash', dash: [6, 6] } },
      { id: 'custom.fillOpacity', value: 0 },
    ])
    .noValue('not configured in the exporter');
  return place(15, [8, 8], panel);
}
