import { describe, expect, test } from 'vitest';
import { renderJson } from '../../src/cli/json.ts';
import { tallyOf, verdictOf } from '../../src/cli/verdict.ts';
import { parseIp } from '../../src/core/ip.ts';
import { REASONS } from '../../src/core/reason.ts';
import type { ProbeResult } from '../../src/core/result.ts';
import { MaintenanceWindow } from '../../src/probe/maintenance.ts';
import { target } from '../helpers/world.ts';

const BASE: ProbeResult = { startedAt: 0, durationMs: 1.5, budgetMs: 2000, phases: {}, latencyErrorMs: 0 };

function json(result: ProbeResult) {
  const verdicts = [verdictOf(target('shop.internal', 443, { name: 'shop', labels: { team: 'web' } }), result)];
  return JSON.parse(renderJson(verdicts, tallyOf(verdicts, 250)));
}

describe('renderJson', () => {
  test('has every field for a target that is up', () => {
    const address = parseIp('10.0.0.7');
    const document = json({
      ...BASE,
      phases: { resolve: 0.5, connect: 0.75, tls: 0.25 },
      service: { version: '1.2' },
      ...(address && { address }),
      tls: {
        version: 'TLS 1.3',
        cipher: 'TLS_AES_128_GCM_SHA256',
        certificate: {
          earliestExpiry: 1_900_000_000,
          chainExpiry: 1_900_000_000,
          fingerprintSha256: '',
          subject: 'CN=shop.internal',
          issuer: 'CN=ca',
          subjectAlternative: '',
          serialNumber: '',
        },
      },
    });
    expect(document).toEqual({
      up: 1,
      down: 0,
      not_probed: 0,
      duration_seconds: 0.25,
      targets: [
        {
          name: 'shop',
          target: 'shop.internal:443',
          service: 'tcp',
          group: 'test',
          severity: 'critical',
          labels: { team: 'web' },
          expect: 'open',
          up: true,
          reason: null,
          phase: null,
          detail: null,
          layer: null,
          causes: [],
          maintenance: null,
          advice: null,
          ip: '10.0.0.7',
          started_at: '1970-01-01T00:00:00.000Z',
          timeout_seconds: 2,
          duration_seconds: 0.0015,
          phase_seconds: { resolve: 0.0005, connect: 0.00075, tls: 0.00025 },
          service_version: '1.2',
          service_state: null,
          tls: {
            version: 'TLS 1.3',
            cipher: 'TLS_AES_128_GCM_SHA256',
            certificate_subject: 'CN=shop.internal',
            certificate_issuer: 'CN=ca',
            certificate_expiry_seconds: 1_900_000_000,
          },
        },
      ],
    });
  });

  test('says false and why for a target that is down', () => {
    const failure = { reason: 'timeout', phase: 'connect', detail: 'no answer' } as const;
    const document = json({ ...BASE, failure });
    expect(document).toMatchObject({ up: 0, down: 1, not_probed: 0 });
    expect(document.targets[0]).toMatchObject({ up: false, ...failure, advice: REASONS.timeout, ip: null, tls: null });
  });

  test('says until when work on a target is planned', () => {
    const maintenance = [new MaintenanceWindow('disks', { from: 0, until: 90_000 })];
    const verdicts = [verdictOf(target('db', 1, { maintenance }), BASE)];
    const [only] = JSON.parse(renderJson(verdicts, tallyOf(verdicts, 1))).targets;
    expect(only.maintenance).toEqual({ name: 'disks', until: '1970-01-01T00:01:30.000Z' });
  });

  test('says null for a target that could not be probed', () => {
    const document = json({ ...BASE, failure: { reason: 'exporter_error', phase: 'connect', detail: 'EMFILE' } });
    expect(document).toMatchObject({ up: 0, down: 0, not_probed: 1 });
    expect(document.targets[0]).toMatchObject({ up: null, reason: 'exporter_error', detail: 'EMFILE' });
  });
});
