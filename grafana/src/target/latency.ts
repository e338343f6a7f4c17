import { Seconds } from '@grafana/grafana-foundation-sdk/units';
import { type Placed, place } from '../assemble.ts';
import { colors } from '../look.ts';
import { COLOR, PHASE_COLORS } from '../names.ts';
import { lines, stacked } from '../panels.ts';
import { meanPhases, one, withWhere } from '../promql.ts';
import { over } from '../queries.ts';

const CONNECT = one('probe_tcp_duration_seconds', 'phase="connect"');

export function phases(): Placed {
  const panel = lines({
    title: 'Time by phase',
    description:
      'Name look-up, TCP connect, TLS, handshake with the service. They add up, so they are stacked; the mean over places, to which a phase that did not end adds nothing.',
  })
    .withTarget(over({ expr: meanPhases(one), legend: '{{phase}}' }))
    .unit(Seconds)
    .fillOpacity(40)
    .stacking(stacked())
    .overrides(colors(PHASE_COLORS));
  return place(13, [8, 8], panel);
}

export function connect(): Placed {
  const panel = lines({
    title: 'Time to connect, by place',
    description: 'One line for each place that probes it; dashed: one day before, the mean of all.',
  })
    .withTarget(over({ ref: 'A', expr: `max by (where) (${withWhere(CONNECT)})`, legend: '{{where}}' }))
    .withTarget(over({ ref: 'B', expr: `avg(${CONNECT} offset 1d)`, legend: '1 day before' }))
    .unit(Seconds)
    .overrideByName('1 day before', [
      { id: 'color', value: { mode: 'fixed', fixedColor: COLOR.none } },
      { id: 'custom.lineStyle', value: { fill: 'dash', dash: [6, 6] } },
      { id: 'custom.fillOpacity', value: 0 },
    ]);
  return place(14, [8, 8], panel);
}
