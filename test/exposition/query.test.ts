import { describe, expect, it } from 'vitest';
import type { Check } from '../../src/checks/check.ts';
import { dnsQuery } from '../../src/checks/dns-query.ts';
import type { CheckSample, ProbeResult } from '../../src/core/result.ts';
import { renderFleet, renderOne } from '../../src/exposition/fleet.ts';
import { UNKNOWN } from '../../src/probe/state.ts';
import { spec, target } from '../helpers/world.ts';

const ASKED = spec({ host: 'h', port: 53 }, { use: { check: dnsQuery as Check, options: {} } });
const REFUSED: ProbeResult = {
  ...{ startedAt: 0, durationMs: 1, budgetMs: 1, phases: {}, latencyErrorMs: 0 },
  failure: { reason: 'connection_refused', phase: 'connect', detail: '' },
};
const NOTED: readonly CheckSample[] = [
  { name: 'probe_dns_duration_seconds', labels: { phase: 'request' }, value: 0.25 },
  ...Object.entries({ query_succeeded: 1, answer_rrs: 2, authority_rrs: 3, additional_rrs: 4, serial: 5 }).map(
    ([name, value]) => ({ name: `probe_dns_${name}`, labels: {}, value }),
  ),
];

function lines(view: Parameters<typeof renderOne>[0]): string[] {
  return renderOne(view, 'text')
    .split('\n')
    .filter((line) => line.startsWith('probe_dns_') && !line.startsWith('probe_dns_lookup_time_seconds'));
}

const NOTHING = [
  ...['resolve', 'connect', 'request'].map((phase) => `probe_dns_duration_seconds{phase="${phase}"} 0`),
  ...['answer_rrs', 'authority_rrs', 'additional_rrs', 'query_succeeded'].map((name) => `probe_dns_${name} 0`),
];

describe('the families of DNS queries', () => {
  it('are 0 where no reply came, as in blackbox_exporter', () => {
    expect(lines({ result: REFUSED, spec: ASKED })).toEqual(NOTHING);
    const configured = { target: target('h', 53, { spec: ASKED }), state: UNKNOWN };
    expect(lines({ result: REFUSED, configured })).toEqual(NOTHING);
  });

  it('have the labels of the target, and no comma behind them where they have none of their own', () => {
    const configured = { target: target('h', 53, { spec: ASKED }), state: UNKNOWN };
    const views = { size: 1, view: () => ({ result: REFUSED, configured }), labels: () => 'target="h:53"' };
    const text = [...renderFleet(views, 'openmetrics')].join('');
    expect(text).toContain('\nprobe_dns_duration_seconds{target="h:53",phase="request"} 0\n');
    expect(text).toContain('\nprobe_dns_query_succeeded{target="h:53"} 0\n');
    expect(text).not.toMatch(/,\}/);
  });

  it('are not there without a query', () => {
    expect(lines({ result: REFUSED })).toEqual([]);
    expect(lines({ result: REFUSED, configured: { target: target('h', 1), state: UNKNOWN } })).toEqual([]);
  });

  it('tell what the check has noted, and TLS as a part of connecting', () => {
    const result: ProbeResult = { ...REFUSED, phases: { resolve: 1, connect: 2, tls: 40 }, samples: NOTED };
    expect(lines({ result, spec: ASKED })).toEqual([
      'probe_dns_duration_seconds{phase="resolve"} 0.001',
      'probe_dns_duration_seconds{phase="connect"} 0.042',
      'probe_dns_duration_seconds{phase="request"} 0.25',
      'probe_dns_answer_rrs 2',
      'probe_dns_authority_rrs 3',
      'probe_dns_additional_rrs 4',
      'probe_dns_query_succeeded 1',
      'probe_dns_serial 5',
    ]);
    const measured = { ...result, phases: { ...result.phases, handshake: 123 } };
    expect(lines({ result: measured, spec: ASKED })).toContain('probe_dns_duration_seconds{phase="request"} 0.123');
  });
});
