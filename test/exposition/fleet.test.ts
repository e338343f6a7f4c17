import { describe, expect, test } from 'vitest';
import { parseIp } from '../../src/core/ip.ts';
import type { ProbeResult } from '../../src/core/result.ts';
import { FAMILIES, type View } from '../../src/exposition/families.ts';
import { LabelBlocks, renderFleet, renderOne } from '../../src/exposition/fleet.ts';
import { ending, type Format } from '../../src/exposition/text.ts';
import { UNKNOWN } from '../../src/probe/state.ts';
import { target } from '../helpers/world.ts';

const UP: ProbeResult = {
  startedAt: 1_700_000_000_000,
  durationMs: 1.23456789,
  budgetMs: 5000,
  phases: { resolve: 1, connect: 0.2345678, tls: 12 },
  address: parseIp('192.0.2.1') as NonNullable<ReturnType<typeof parseIp>>,
  latencyErrorMs: 0.1,
  tls: {
    version: 'TLS 1.3',
    cipher: 'TLS_AES_128_GCM_SHA256',
    certificate: {
      earliestExpiry: 1_800_000_000,
      chainExpiry: 1_800_000_000,
      fingerprintSha256: 'ab',
      subject: 'CN=a,O="quoted"',
      issuer: 'CN=ca',
      subjectAlternative: 'a,b',
      serialNumber: '01',
    },
  },
};
const DOWN: ProbeResult = {
  startedAt: 1_700_000_001_500,
  durationMs: 5000,
  budgetMs: 5000,
  phases: {},
  latencyErrorMs: 0,
  failure: { reason: 'timeout', phase: 'connect', detail: 'not exposed' },
};

function configured(result: ProbeResult): View {
  const down = result.failure !== undefined;
  const state = {
    ...UNKNOWN,
    up: !down,
    consecutiveFailures: down ? 3 : 0,
    lastSuccessAt: 1_700_000_000_250,
    stateChanges: 1,
    lastChangeAt: 1_700_000_001_500,
  };
  return { result, configured: { target: target('db', 5432, { name: 'db', dependsOn: ['a', 'b"c'] }), state } };
}

const BODY = String.raw`probe_success 0
probe_duration_seconds 5
probe_failure_info{reason="timeout",phase="connect"} 1
probe_timeout_seconds 5
probe_interval_seconds 60
probe_failure_threshold 2
probe_consecutive_failures 3
probe_last_success_timestamp_seconds 1700000000.25
probe_last_change_timestamp_seconds 1700000001.5
probe_state_changes_total 1
probe_dependency_info{depends_on="a"} 1
probe_dependency_info{depends_on="b\"c"} 1
`;

function samples(text: string): string {
  return text.replace(/^#.*\n/gm, '');
}

describe.each<Format>(['text', 'openmetrics'])('as %s', (format) => {
  test('a configured target that is down claims nothing that was not measured', () => {
    expect(samples(renderOne(configured(DOWN), format))).toBe(BODY);
  });

  test('one that is up has its phases, address and TLS facts, to the microsecond', () => {
    expect(samples(renderOne({ result: UP }, format)).split('\n')).toEqual([
      'probe_success 1',
      'probe_duration_seconds 0.001235',
      'probe_tcp_duration_seconds{phase="resolve"} 0.001',
      'probe_tcp_duration_seconds{phase="connect"} 0.000235',
      'probe_tcp_duration_seconds{phase="tls"} 0.012',
      'probe_timeout_seconds 5',
      'probe_dns_lookup_time_seconds 0.001',
      'probe_ip_protocol 4',
      expect.stringMatching(/^probe_ip_addr_hash \d+$/),
      'probe_failed_due_to_regex 0',
      'probe_failed_due_to_bytes 0',
      'probe_ssl_earliest_cert_expiry 1800000000',
      'probe_ssl_last_chain_expiry_timestamp_seconds 1800000000',
      'probe_ssl_last_chain_info{fingerprint_sha256="ab",subject="CN=a,O=\\"quoted\\"",issuer="CN=ca",subjectalternative="a,b",serialnumber="01"} 1',
      'probe_tls_version_info{version="TLS 1.3"} 1',
      'probe_tls_cipher_info{cipher="TLS_AES_128_GCM_SHA256"} 1',
      '',
    ]);
  });

  test("the exporter's own fault makes no claim about the target", () => {
    const fault: ProbeResult = { ...DOWN, failure: { reason: 'exporter_error', phase: 'connect', detail: '' } };
    const text = renderOne({ result: fault, configured: { target: target('db', 5432), state: UNKNOWN } }, format);
    expect(text).not.toMatch(/^probe_success /m);
    expect(text).not.toMatch(/^probe_consecutive_failures/m);
    expect(text).toMatch(/^probe_failure_info\{reason="exporter_error",phase="connect"\} 1$/m);
    expect(text).toMatch(/^probe_failure_threshold 2$/m);
  });

  test('a counter is named as the format wants it', () => {
    const name = format === 'openmetrics' ? 'probe_state_changes' : 'probe_state_changes_total';
    expect(renderOne(configured(DOWN), format)).toContain(`# TYPE ${name} counter\nprobe_state_changes_total 1\n`);
  });
});

test('only OpenMetrics has a last line', () => {
  expect([ending('text'), ending('openmetrics')]).toEqual(['', '# EOF\n']);
});

test("the labels of the frame come first, then the user's own, escaped, and are rendered once", () => {
  const blocks = new LabelBlocks();
  const one = target('db', 5432, { name: 'a"b\\c\nd', labels: { team: 'ü' } });
  const block = 'target="db:5432",name="a\\"b\\\\c\\nd",service="tcp",group="test",severity="critical",team="ü"';
  expect(blocks.of(one)).toBe(block);
  expect(blocks.of(one)).toBe(block);
});

test('ten thousand targets come in pieces that are short, a family after the other', () => {
  const view = configured(DOWN);
  const pieces = [...renderFleet({ size: 10_000, view: () => view, labels: (i) => `name="${i}"` }, 'text')];
  expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(100_000);
  const names = pieces
    .filter((piece) => piece !== '')
    .map((piece) => /^(\w+)\{/m.exec(piece)?.[1])
    .filter((name, i, all) => name !== all[i - 1]);
  expect(new Set(names).size).toBe(names.length);
});

test('families have unique names, units in their names and a sentence each', () => {
  expect(new Set(FAMILIES.map(({ name }) => name)).size).toBe(FAMILIES.length);
  for (const { name, help, type } of FAMILIES) {
    expect(help, name).toMatch(/^[A-Z].*\.$/);
    expect(name.endsWith('_total'), name).toBe(type === 'counter');
  }
});
