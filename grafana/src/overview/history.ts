import { GraphDrawStyle } from '@grafana/grafana-foundation-sdk/common';
import { NoUnit, Seconds } from '@grafana/grafana-foundation-sdk/units';
import { type Placed, place } from '../assemble.ts';
import { toTarget } from '../controls.ts';
import { byName, emptyAs, steps } from '../look.ts';
import { COLOR } from '../names.ts';
import { bars, lines, stacked, timeline } from '../panels.ts';
import { availability, chosen, state, watched, worst } from '../promql.ts';
import { now, over } from '../queries.ts';

const SUCCESS = chosen('probe_success');
const STATE = state('target, name', worst(SUCCESS), watched(chosen));

/** The targets that failed at least once, each with the worst of every step. */
export function outages(): Placed {
  const failed = `min by (target, name) (min_over_time(${SUCCESS}[$__range] @ end())) == 0`;
  const probed = `min by (target, name) (count_over_time(${chosen('probe_duration_seconds')}[$__range] @ end()))`;
  const told = `max by (target, name) (count_over_time(${SUCCESS}[$__range] @ end()))`;
  const notProbed = `${probed} > (${told} or 0 * ${probed})`;
  const notScraped = `max by (target, name) (min_over_time(${chosen('up')}[$__range] @ end())) == 0`;
  const panel = timeline({
    title: 'Outages in the time range',
    description:
      'Only targets that failed, or were not probed, at least once. Each cell shows the worst of its time, so that a short outage can be seen from afar; what failed from one place after the other within a cell is DOWN in it: zoom in. A gap: Prometheus has no sample.',
  })
    .withTarget(
      over({
        expr: `(${STATE})\nand on (target, name) (${failed} or ${notProbed} or ${notScraped})`,
        legend: '{{name}}',
        minStep: '1m',
      }),
    )
    .perPage(20)
    .dataLinks([toTarget('series')])
    .noValue('no outage in this time range');
  return place(9, [24, 8], panel);
}

export function everyTarget(): Placed {
  const panel = timeline({
    title: 'State of every target',
    description: 'Every chosen target, with the worst of every step: zoom in to tell PARTLY from DOWN.',
  })
    .withTarget(over({ expr: STATE, legend: '{{name}}', minStep: '1m' }))
    .perPage(40)
    .dataLinks([toTarget('series')]);
  return place(19, [24, 14], panel);
}

export function downtime(): Placed {
  const by = 'by (group, target, name)';
  const share = `(1 - ${availability(` ${by}`, SUCCESS, '$__range', (counted) => counted)})`;
  // Of the time range, the part in which it was probed.
  const probed = `count_over_time((max ${by} (${SUCCESS}))[$__range:$__interval]) * $__interval_ms / 1000`;
  const mean = `avg by (group) (${share} * ${probed})`;
  const named = `label_replace(${mean}, "group", "no group", "group", "^$")`;
  const panel = bars({
    title: 'Downtime by group',
    description:
      'Time that a target of the group was down, mean over its targets. Downtime begins at zero, so bars compare fairly.',
  })
    .withTarget(now({ expr: `sort_desc(topk(10, ${named} > 0))`, legend: '{{group}}', minStep: '1m' }))
    .unit(Seconds)
    .decimals(1)
    .thresholds(steps([null, COLOR.none], [0.001, COLOR.warn], [600, COLOR.bad]))
    .noValue('no downtime');
  return place(15, [8, 9], panel);
}

export function flapping(): Placed {
  const changes = `max by (target, name) (changes(${SUCCESS}[$__range]))`;
  const panel = bars({
    title: 'Flapping: changes between up and down',
    description: 'The ten targets that changed most often. An outage that is over counts 2; flapping counts many.',
  })
    .withTarget(now({ expr: `sort_desc(topk(10, ${changes} > 0))`, legend: '{{name}}' }))
    .unit(NoUnit)
    .decimals(0)
    .thresholds(steps([null, COLOR.none], [1, COLOR.ok], [3, COLOR.warn], [6, COLOR.bad]))
    .dataLinks([toTarget('series')])
    .noValue('nothing changed');
  return place(16, [8, 9], panel);
}

export function reasons(): Placed {
  const panel = lines({
    title: 'Failing targets by reason',
    description:
      'How many targets fail for which reason; they add up, so the bars are stacked. One reason on many targets at once has one cause: DNS, a firewall, the network.',
  })
    .withTarget(
      over({
        expr: `count by (reason) (count by (target, name, reason) (${chosen('probe_failure_info')}))`,
        legend: '{{reason}}',
      }),
    )
    .unit(NoUnit)
    .decimals(0)
    .colorScheme(byName())
    .drawStyle(GraphDrawStyle.Bars)
    .fillOpacity(70)
    .stacking(stacked())
    .mappings(emptyAs('–'))
    .noValue('nothing fails');
  return place(17, [8, 9], panel);
}
