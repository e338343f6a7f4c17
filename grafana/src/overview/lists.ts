import { type Placed, place } from '../assemble.ts';
import { inTable, toTarget } from '../controls.ts';
import { CERTIFICATE_DAYS, DAYS, emptyAs, steps } from '../look.ts';
import { alertList, table } from '../panels.ts';
import { chosen } from '../promql.ts';
import { rowsOf } from '../queries.ts';
import { columns, FILLED, numbers, smallestFirst, width } from '../tables.ts';

export function certificates(): Placed {
  const left = `(min by (target, name) (${chosen('probe_ssl_earliest_cert_expiry')}) - time()) / 86400`;
  const names = { Value: 'Expires in', name: 'Target', target: 'Address' };
  const panel = table({
    title: 'Certificates',
    description: 'Days until the first certificate of the chain expires, the soonest first; below 0 it has expired.',
  })
    .withTarget(rowsOf({ expr: `sort(${left})` }))
    .transformations([columns(names)])
    .sortBy([smallestFirst('Expires in')])
    .overrideByName('Expires in', [
      ...numbers(DAYS, 0),
      { id: 'thresholds', value: steps(...CERTIFICATE_DAYS).build() },
      FILLED,
      width(120),
    ])
    .overrideByName('Target', [{ id: 'links', value: [inTable(toTarget('row'))] }])
    .noValue('no certificates');
  return place(18, [12, 9], panel);
}

export function alerts(): Placed {
  const panel = alertList(
    {
      title: 'Alerts',
      description: 'Alerts of the job that fire or are about to. Open one for its runbook and to silence it.',
    },
    '{job=~"${job:regex}"}',
  );
  return place(20, [12, 9], panel);
}

export function versions(): Placed {
  const names = { name: 'Target', target: 'Address', service: 'Service', version: 'Version', state: 'State' };
  const panel = table({
    title: 'What services say of themselves',
    description: 'Version and state, as far as the check of the service finds them out without logging in.',
  })
    .withTarget(rowsOf({ expr: `max by (name, target, service, version, state) (${chosen('probe_service_info')})` }))
    .transformations([columns(names, 'Value')])
    .sortBy([smallestFirst('Target')])
    .overrideByName('Target', [{ id: 'links', value: [inTable(toTarget('row'))] }])
    .mappings(emptyAs('–'))
    .noValue('–')
    .filterable(true);
  return place(21, [24, 10], panel);
}
