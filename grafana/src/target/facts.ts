import { TableCellHeight } from '@grafana/grafana-foundation-sdk/common';
import { REASONS } from '../../../src/core/reason.ts';
import { type Placed, place } from '../assemble.ts';
import { emptyAs, STATE_MAPPING, texts } from '../look.ts';
import { COLOR } from '../names.ts';
import { table } from '../panels.ts';
import { any, one, state, watched, withLayer, withWhere } from '../promql.ts';
import { rowsOf } from '../queries.ts';
import { columns, FILLED, joinedBy, width } from '../tables.ts';

/** The reasons of now, with what to look at. */
export function advice(): Placed {
  const failures = withWhere(withLayer(one('probe_failure_info'), one));
  const copied = `label_replace(${failures}, "look", "$1", "reason", "(.+)")`;
  const names = { where: 'From', layer: 'Layer', reason: 'Reason', phase: 'Phase', look: 'What to look at' };
  const looks = Object.entries(REASONS).map(([reason, text]) => [reason, [text, COLOR.none] as const]);
  const panel = table({
    title: 'Why it fails, and what to look at',
    description:
      'The reason of the last probe from each place, with what it usually means, and the first layer that is broken, where the target has layers.',
  })
    .withTarget(rowsOf({ expr: `max by (where, layer, reason, phase, look) (${copied})` }))
    .transformations([columns(names, 'Value')])
    // Two lines: the height of a row does not follow the words that stand for a value.
    .cellHeight(TableCellHeight.Lg)
    .overrideByName('From', [width(130)])
    .overrideByName('Layer', [width(125)])
    .overrideByName('Reason', [width(180)])
    .overrideByName('Phase', [width(90)])
    .overrideByName('What to look at', [
      { id: 'mappings', value: texts(Object.fromEntries(looks)) },
      { id: 'custom.cellOptions', value: { type: 'auto', wrapText: true } },
      { id: 'custom.wrapText', value: true }, // from Grafana 12.2 on
    ])
    .mappings(emptyAs('–'))
    .noValue('no probe fails now');
  return place(10, [14, 6], panel);
}

/** What the service says, what was dialled, and what TLS agreed on; one row for each place. */
export function connection(): Placed {
  const queries = {
    service: `max by (where, version, state) (${withWhere(one('probe_service_info'))})`,
    ip: `max by (where) (${withWhere(one('probe_ip_protocol'))})`,
    tls: `max by (where, tls) (label_replace(${withWhere(one('probe_tls_version_info'))}, "tls", "$1", "version", "(.+)"))`,
    cipher: `max by (where, cipher) (${withWhere(one('probe_tls_cipher_info'))})`,
  };
  const names = {
    where: 'From',
    version: 'Version',
    state: 'State',
    'Value #ip': 'IP version',
    tls: 'TLS',
    cipher: 'Cipher',
  };
  const panel = table({
    title: 'What answers there',
    description:
      'Version and state that the service tells of itself, the IP version that was dialled, and what TLS agreed on.',
  });
  for (const [ref, expr] of Object.entries(queries)) panel.withTarget(rowsOf({ ref, expr }));
  const times = Object.keys(queries).map((_, i) => `Time ${i + 1}`);
  panel
    .transformations([
      joinedBy('where'),
      columns(names, ...times, 'Value', 'Value #service', 'Value #tls', 'Value #cipher'),
    ])
    .mappings(emptyAs('–'))
    .overrideByName('From', [width(130)])
    .noValue('no data');
  return place(11, [10, 6], panel);
}

/** What the target needs, and what needs it, with their states. Names are unique within an exporter, so the job goes with them. */
export function dependencies(): Placed {
  const others = `(${state('job, name', any('probe_success'), watched(any))})`;
  const needs = `max by (job, name) (label_replace(${one('probe_dependency_info')}, "name", "$1", "depends_on", "(.+)"))`;
  const self = `max by (job, depends_on) (label_replace(0 * ${watched(one)} + 1, "depends_on", "$1", "name", "(.+)"))`;
  const neededBy = `max by (job, name) (${any('probe_dependency_info')} * on (job, depends_on) group_left () ${self})`;
  const related = (relation: string, names: string) =>
    `label_replace(min by (name) (${names} * on (job, name) ${others}), "relation", "${relation}", "", "")`;
  const panel = table({
    title: 'Dependencies',
    description:
      'Targets that this one cannot work without, and those that cannot work without it, as configured in the exporter.',
  })
    .withTarget(rowsOf({ expr: `${related('needs', needs)}\nor ${related('needed by', neededBy)}` }))
    .transformations([columns({ Value: 'State', relation: 'Relation', name: 'Target' })])
    .overrideByName('State', [
      { id: 'mappings', value: STATE_MAPPING },
      FILLED,
      { id: 'custom.align', value: 'center' },
      width(110),
    ])
    .overrideByName('Relation', [width(110)])
    .noValue('none known');
  return place(16, [8, 7], panel);
}

export function certificate(): Placed {
  const names = {
    subject: 'Subject',
    issuer: 'Issuer',
    subjectalternative: 'Also for',
    serialnumber: 'Serial number',
    fingerprint_sha256: 'SHA-256',
  };
  const panel = table({
    title: 'Certificate of the server',
    description: 'What the certificate of the server says of itself, also when it was refused.',
  })
    .withTarget(rowsOf({ expr: `max by (${Object.keys(names).join(', ')}) (${one('probe_ssl_last_chain_info')})` }))
    .transformations([columns(names, 'Value')])
    .mappings(emptyAs('–'))
    .noValue('none seen');
  return place(12, [16, 7], panel);
}

export function labels(): Placed {
  const panel = table({
    title: 'Labels',
    description: 'The labels of the target, for writing alert rules and silences.',
  })
    .withTarget(rowsOf({ expr: `count without (__name__) (${watched(one)})` }))
    .transformations([columns({}, 'Value', '__name__')])
    .mappings(emptyAs('–'))
    .noValue('–');
  return place(17, [24, 5], panel);
}
