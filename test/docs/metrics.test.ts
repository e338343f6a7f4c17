import { describe, expect, test } from 'vitest';
import { PROBERS } from '../../src/checks/registry.ts';
import { parseIp } from '../../src/core/ip.ts';
import type { ProbeResult } from '../../src/core/result.ts';
import { FAMILIES, type View } from '../../src/exposition/families.ts';
import { renderOne } from '../../src/exposition/fleet.ts';
import { MaintenanceWindow } from '../../src/probe/maintenance.ts';
import { UNKNOWN } from '../../src/probe/state.ts';
import { FAMILIES as SMS_FAMILIES } from '../../src/sms/metrics.ts';
import { runWell } from '../helpers/e2e-program.ts';
import { needs } from '../helpers/programs.ts';
import { selfMetrics } from '../helpers/self-metrics.ts';
import { spec, target } from '../helpers/world.ts';
import { blocks, codes, page, pages, table } from './pages.ts';

const PAGE = page('docs/metrics.md');
const OWN_TABLE = PAGE.slice(PAGE.indexOf("## The exporter's own metrics"));

type Row = { readonly name: string; readonly type: string; readonly labels: readonly string[] };

function documented(text: string): Row[] {
  return table(text, 'family').map(([name = '', type = '', labels = '']) => ({
    name: codes(name)[0] ?? '',
    type,
    labels: codes(labels),
  }));
}

/** Every family of an exposition, with the labels of its samples. */
function exposed(text: string): Row[] {
  return text
    .split('# HELP ')
    .slice(1)
    .map((family) => {
      const [, name = '', type = ''] = /^# TYPE (\S+) (\S+)$/m.exec(family) ?? [];
      const labels = Array.from(family.matchAll(/(\w+)="/g), ([, label = '']) => label);
      return { name, type, labels: [...new Set(labels)].filter((label) => label !== 'le') };
    });
}

const RESULT: ProbeResult = {
  startedAt: 1,
  durationMs: 1,
  budgetMs: 1,
  latencyErrorMs: 0,
  phases: { connect: 1 },
  service: { version: '1', state: 'primary' },
  samples: [
    ...['probe_expect_info', 'probe_dns_serial', 'probe_http_last_modified_timestamp_seconds'],
    'probe_icmp_reply_hop_limit',
  ].map((name) => ({ name, labels: {}, value: 1 })),
  address: parseIp('127.0.0.1') ?? { text: '', family: 4, bytes: new Uint8Array() },
  failure: { reason: 'tls_certificate_expired', phase: 'tls', detail: '' },
  tls: {
    version: 'TLS 1.3',
    cipher: 'x',
    certificate: {
      ...{ earliestExpiry: 1, chainExpiry: 1, fingerprintSha256: '', serialNumber: '' },
      ...{ subject: '', issuer: '', subjectAlternative: '' },
    },
  },
};
const STATE = { ...UNKNOWN, up: false, lastSuccessAt: 1, lastChangeAt: 1 };

/** Everything that can be told of a target, configured or not. */
function everything(): Row[] {
  const configured: View = {
    result: RESULT,
    configured: {
      target: target('127.0.0.1', 1, {
        dependsOn: ['x'],
        layers: ['port', 'tls'],
        maintenance: [new MaintenanceWindow('w', { from: 0, until: 2 })],
        spec: spec({ host: 'h', port: 1 }, { expect: 'closed' }),
      }),
      state: STATE,
    },
  };
  const asked = PROBERS.map((check) => spec({ host: 'h', port: 1 }, { use: { check, options: {} } }));
  const views = [configured, { result: RESULT }, ...asked.map((one) => ({ result: RESULT, spec: one }))];
  const rows = views.flatMap((view) => exposed(renderOne(view, 'text')));
  return [...new Map(rows.map((row) => [row.name, row])).values()];
}

async function ownMetrics(): Promise<Row[]> {
  return exposed(await selfMetrics().render('text')).filter(({ name }) => name.startsWith('port_exporter_'));
}

const byName = (a: Row, b: Row) => a.name.localeCompare(b.name);

describe('docs/metrics.md', () => {
  test('lists every metric of a target with its type and labels, and no other', () => {
    const rows = everything();
    expect(rows.map(({ name }) => name).toSorted()).toEqual(FAMILIES.map(({ name }) => name).toSorted());
    expect(documented(PAGE).toSorted(byName)).toEqual(rows.toSorted(byName));
  });

  test("lists every metric of the exporter's own with its type and labels, and no other", async () => {
    expect(documented(OWN_TABLE).toSorted(byName)).toEqual((await ownMetrics()).toSorted(byName));
  });
});

describe('every page', () => {
  test('names only metrics that exist', async () => {
    const known = new Set(
      [...FAMILIES, ...(await ownMetrics())].map(({ name }) => name).concat(Object.keys(SMS_FAMILIES)),
    );
    const named = pages().flatMap(({ path, text }) =>
      Array.from(text.matchAll(/(?<![\w/.-])(?:probe|port_exporter)_[a-z_]+(?=[^\w*/.-]|$)/g), ([name]) => ({
        path,
        name,
      })),
    );
    const unknown = named.filter(({ name }) => !known.has(name.replace(/_(?:bucket|sum|count)$/, '')));
    expect(unknown).toEqual([]);
  });
});

needs('promtool')('Prometheus understands every query in the documentation', async (stage) => {
  const rules = blocks('promql').map(({ text }, i) => ({ record: `query${i}`, expr: text.trim() }));
  expect(rules.length).toBeGreaterThan(5);
  const file = stage.write('rules.yml', JSON.stringify({ groups: [{ name: 'docs', rules }] }));
  await runWell(['promtool', 'check', 'rules', file]);
});
