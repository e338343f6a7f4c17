import { describe, expect, it } from 'vitest';
import { configOf, levels } from './reading.ts';

describe('settings', () => {
  it.each([
    ['', '', '', 5000],
    ['timeout: 4s', '', '', 4000],
    ['', 'network: local', '', 2000],
    ['', 'network: remote', '', 10_000],
    ['', 'network: vpn', '', 15_000],
    ['timeout: 4s', 'network: remote', '', 10_000],
    ['timeout: 4s', 'timeout: 3s', '', 3000],
    ['timeout: 4s', 'network: remote, timeout: 3s', '', 3000],
    ['timeout: 4s', 'network: remote, timeout: 3s', 'timeout: 1s', 1000],
  ])('of the timeout: defaults {%s}, group {%s}, target {%s} make %i ms', (defaults, inGroup, own, expected) => {
    const text = levels(defaults, inGroup, own);
    expect(configOf(text).targets[0]?.spec.timeoutMs).toBe(expected);
  });

  it.each([
    ['', '', '', { intervalMs: 60_000, failures: 2, severity: 'critical' }],
    [
      'interval: 1m30s, failures: 3, severity: warning',
      '',
      '',
      { intervalMs: 90_000, failures: 3, severity: 'warning' },
    ],
    [
      'interval: 90s, failures: 3',
      'interval: 2m, failures: 4, severity: warning',
      '',
      { intervalMs: 120_000, failures: 4, severity: 'warning' },
    ],
    [
      'interval: 90s',
      'interval: 2m, severity: warning',
      'interval: 3m, failures: 1, severity: critical',
      { intervalMs: 180_000, failures: 1, severity: 'critical' },
    ],
  ])('the nearer wins: defaults {%s}, group {%s}, target {%s}', (defaults, inGroup, own, expected) => {
    const text = levels(defaults, inGroup, own);
    expect(configOf(text).targets[0]).toMatchObject(expected);
  });
});
