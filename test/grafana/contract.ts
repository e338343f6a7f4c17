import type { Check } from '../../src/checks/check.ts';
import { httpProbe } from '../../src/checks/http.ts';
import { parseIp } from '../../src/core/ip.ts';
import type { ProbeResult } from '../../src/core/result.ts';
import { FAMILIES } from '../../src/exposition/families.ts';
import { renderOne } from '../../src/exposition/fleet.ts';
import { UNKNOWN } from '../../src/probe/state.ts';
import { selfMetrics } from '../helpers/self-metrics.ts';
import { spec, target } from '../helpers/world.ts';

/** What there is to ask for: every metric by the name of its samples, its type, and the labels it can have. */
export type Contract = ReadonlyMap<string, { readonly type: string; readonly labels: ReadonlySet<string> }>;

/** Labels that Prometheus and the people who configure it give to everything. */
const SCRAPE_LABELS = ['job', 'instance', 'location'];
const TARGET_LABELS = ['target', 'name', 'service', 'group', 'severity'];

const ALL_FACTS: ProbeResult = {
  startedAt: 1,
  durationMs: 1,
  budgetMs: 1,
  latencyErrorMs: 0,
  phases: { resolve: 1, connect: 1 },
  address: parseIp('127.0.0.1') ?? { text: '', family: 4, bytes: new Uint8Array() },
  failure: { reason: 'timeout', phase: 'tls', detail: '' },
  service: { version: '1', state: 'primary' },
  tls: {
    version: 'TLS 1.3',
    cipher: 'x',
    certificate: {
      ...{ earliestExpiry: 1, chainExpiry: 1, fingerprintSha256: '', serialNumber: '' },
      ...{ subject: '', issuer: '', subjectAlternative: '' },
    },
  },
};

/** From the exporter's own code, so that a metric that is renamed there is missed here. */
export async function contract(): Promise<Contract> {
  const use = { check: httpProbe as Check, options: {} };
  const asked = {
    dependsOn: ['x'],
    layers: ['port', 'tls'],
    spec: spec({ host: '127.0.0.1', port: 1 }, { use }),
  } as const;
  const configured = { target: target('127.0.0.1', 1, asked), state: { ...UNKNOWN, up: false } };
  const known = { ...configured.state, lastSuccessAt: 1, lastChangeAt: 1 };
  const text = renderOne({ result: ALL_FACTS, configured: { ...configured, state: known } }, 'text');
  const all = new Map<string, { type: string; labels: Set<string> }>();
  for (const { name, type } of FAMILIES) all.set(name, { type, labels: new Set([...SCRAPE_LABELS, ...TARGET_LABELS]) });
  for (const [name, labels] of samples(text)) for (const label of labels) all.get(name)?.labels.add(label);
  const own = await selfMetrics().render('text');
  const types = new Map(Array.from(own.matchAll(/^# TYPE (\S+) (\S+)$/gm), ([, name = '', type = '']) => [name, type]));
  for (const [name, labels] of samples(own)) {
    const type = types.get(name) ?? types.get(name.replace(/_(?:bucket|sum|count)$/, '')) ?? 'gauge';
    const before = all.get(name)?.labels ?? SCRAPE_LABELS;
    all.set(name, { type, labels: new Set([...before, ...labels]) });
  }
  for (const name of ['up', 'scrape_duration_seconds'])
    all.set(name, { type: 'gauge', labels: new Set([...SCRAPE_LABELS, ...TARGET_LABELS]) });
  all.set('ALERTS', { type: 'gauge', labels: new Set(['alertname', 'alertstate', 'job', ...TARGET_LABELS]) });
  return all;
}

function samples(text: string): [name: string, labels: string[]][] {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => [
    /^\w+/.exec(line)?.[0] ?? '',
    Array.from(line.matchAll(/(\w+)="/g), ([, label = '']) => label),
  ]);
}
