import { VisibilityMode } from '@grafana/grafana-foundation-sdk/common';
import { BytesSI, NoUnit, Seconds } from '@grafana/grafana-foundation-sdk/units';
import { type Placed, place } from '../assemble.ts';
import { colors, emptyAs, HTTP_STATUS, numberAs, steps } from '../look.ts';
import { COLOR, HTTP_PHASE_COLORS } from '../names.ts';
import { lines, stacked, table, timeline } from '../panels.ts';
import { meanPhases, one, present, withWhere } from '../promql.ts';
import { over, rowsOf } from '../queries.ts';
import { columns, joinedBy, numbers, TINTED, width } from '../tables.ts';

const STATUS = one('probe_http_status_code');
const BODY = one('probe_http_uncompressed_body_length');
/** The exporter says 0 of what it does not know: without an answer that means nothing. */
const ANSWERED = `${STATUS} > 0`;
const NO_ANSWER = numberAs(0, 'no answer', COLOR.unknown);
const NOT_HTTP = 'no data: this target is not asked by HTTP';

/** What the last answer was; one row for each place. */
export function answers(): Placed {
  const queries = {
    status: `max by (where) (${withWhere(STATUS)})`,
    version: `max by (where) (${withWhere(`(${one('probe_http_version')} > 0)`)})`,
    redirects: `max by (where) (${withWhere(`(${one('probe_http_redirects')} and ${ANSWERED})`)})`,
    body: `max by (where) (${withWhere(`(${BODY} and ${ANSWERED})`)})`,
  };
  const names = {
    where: 'From',
    'Value #status': 'Status',
    'Value #version': 'HTTP',
    'Value #redirects': 'Redirects',
    'Value #body': 'Body',
  };
  const panel = table({
    title: 'What HTTP answered',
    description:
      'Status, version of HTTP and length of the body of the last answer, after the redirects that were followed and after decompression.',
  });
  for (const [ref, expr] of Object.entries(queries)) panel.withTarget(rowsOf({ ref, expr }));
  const times = Object.keys(queries).map((_, i) => `Time ${i + 1}`);
  panel
    .transformations([joinedBy('where'), columns(names, ...times)])
    .overrideByName('From', [width(150)])
    .overrideByName('Status', [
      { id: 'unit', value: NoUnit },
      { id: 'decimals', value: 0 },
      { id: 'mappings', value: [...NO_ANSWER, ...emptyAs('–')] },
      { id: 'thresholds', value: steps(...HTTP_STATUS).build() },
      TINTED,
    ])
    .overrideByName('HTTP', numbers(NoUnit, 1))
    .overrideByName('Redirects', numbers(NoUnit, 0))
    .overrideByName('Body', numbers(BytesSI, 1))
    .noValue(NOT_HTTP);
  return place(19, [12, 6], panel);
}

export function statuses(): Placed {
  const panel = timeline({
    title: 'HTTP status over time',
    description:
      'The status of the last answer, the highest of every step; one row for each place. Colours are those of its class: whether it is the expected one, the layers and reasons say.',
  })
    .withTarget(over({ expr: `max by (where) (${withWhere(present(STATUS))})`, legend: '{{where}}', minStep: '1m' }))
    .unit(NoUnit)
    .decimals(0)
    .mappings(NO_ANSWER)
    .thresholds(steps(...HTTP_STATUS))
    .showValue(VisibilityMode.Auto)
    .noValue(NOT_HTTP);
  return place(20, [12, 6], panel);
}

export function httpPhases(): Placed {
  const panel = lines({
    title: 'Time by phase of HTTP',
    description:
      'Name look-up, TCP connect, TLS, waiting for the answer, reading it; all redirects together. They add up, so they are stacked; the mean over places, to which a phase that did not end adds nothing.',
  })
    .withTarget(over({ expr: meanPhases(one, 'probe_http_duration_seconds'), legend: '{{phase}}' }))
    .unit(Seconds)
    .fillOpacity(40)
    .stacking(stacked())
    .overrides(colors(HTTP_PHASE_COLORS))
    .noValue(NOT_HTTP);
  return place(21, [12, 8], panel);
}

export function bodyLength(): Placed {
  const panel = lines({
    title: 'Length of the body',
    description: 'After decompression; one line for each place. A page of errors is often much shorter, or longer.',
  })
    .withTarget(over({ expr: `max by (where) (${withWhere(`(${BODY} and ${ANSWERED})`)})`, legend: '{{where}}' }))
    .unit(BytesSI)
    .decimals(1)
    .noValue(NOT_HTTP);
  return place(22, [12, 8], panel);
}
