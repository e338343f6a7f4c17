import {
  AxisPlacement,
  HeatmapCalculationBucketConfigBuilder,
  HeatmapCalculationMode,
  HeatmapCalculationOptionsBuilder,
  ScaleDistribution,
  ScaleDistributionConfigBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import { YAxisConfigBuilder } from '@grafana/grafana-foundation-sdk/heatmap';
import { Seconds } from '@grafana/grafana-foundation-sdk/units';
import { type Placed, place } from '../assemble.ts';
import { toTarget } from '../controls.ts';
import { colors } from '../look.ts';
import { PHASE_COLORS } from '../names.ts';
import { heatmap, legendTable, lines, stacked } from '../panels.ts';
import { chosen, meanPhases } from '../promql.ts';
import { over } from '../queries.ts';

const CONNECT = chosen('probe_tcp_duration_seconds', 'phase="connect"');

export function quantiles(): Placed {
  const panel = lines({
    title: 'Time to connect, all targets',
    description:
      'Median, 95th percentile and slowest. A few lines instead of one for each target; targets that do not connect are left out.',
  })
    .withTarget(over({ ref: 'A', expr: `quantile(0.5, ${CONNECT})`, legend: 'p50' }))
    .withTarget(over({ ref: 'B', expr: `quantile(0.95, ${CONNECT})`, legend: 'p95' }))
    .withTarget(over({ ref: 'C', expr: `max(${CONNECT})`, legend: 'slowest' }))
    .unit(Seconds)
    .overrides(colors({ p50: 'blue', p95: 'orange', slowest: 'purple' }));
  return place(11, [12, 8], panel);
}

export function phases(): Placed {
  const panel = lines({
    title: 'Time by phase, mean',
    description:
      'Where the time goes: name look-up, TCP connect, TLS, handshake with the service. The phases add up to the mean of all that got anywhere, so they are stacked; a target without a phase counts as 0 in it.',
  })
    .withTarget(over({ expr: meanPhases(chosen), legend: '{{phase}}' }))
    .unit(Seconds)
    .fillOpacity(40)
    .stacking(stacked())
    .overrides(colors(PHASE_COLORS));
  return place(12, [12, 8], panel);
}

export function distribution(): Placed {
  const scale = new ScaleDistributionConfigBuilder().type(ScaleDistribution.Log).log(2);
  const buckets = new HeatmapCalculationBucketConfigBuilder().mode(HeatmapCalculationMode.Size).value('1').scale(scale);
  const panel = heatmap({
    title: 'Time to connect, distribution',
    description:
      'How many targets take how long, on a logarithmic scale. A second band, or one that drifts: a part of them became slower.',
  })
    .withTarget(over({ expr: `${CONNECT} > 0`, legend: '{{name}} {{instance}}', minStep: '1m' }))
    .maxDataPoints(120)
    .unit(Seconds)
    .calculate(true)
    .calculation(new HeatmapCalculationOptionsBuilder().yBuckets(buckets))
    .yAxis(new YAxisConfigBuilder().unit(Seconds).axisPlacement(AxisPlacement.Left));
  return place(13, [12, 8], panel);
}

export function slowest(): Placed {
  const median = `quantile_over_time(0.5, ${CONNECT}[$__range] @ end())`;
  const chosenOnce = `topk(8, max by (target, name) (${median}))`;
  const panel = lines({
    title: 'Slowest targets',
    description:
      'The eight with the highest median in the time range, chosen once for all of it, so that lines do not come and go.',
  })
    .withTarget(
      over({ expr: `max by (target, name) (${CONNECT}) and on (target, name) ${chosenOnce}`, legend: '{{name}}' }),
    )
    .unit(Seconds)
    .dataLinks([toTarget('series')])
    .legend(legendTable());
  return place(14, [12, 8], panel);
}
