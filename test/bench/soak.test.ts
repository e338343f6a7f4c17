import { describe, expect, test } from 'vitest';
import { configuration, expected, mix } from '../../bench/soak/mix.ts';
import { soakReport } from '../../bench/soak/report.ts';
import { quarters, slope } from '../../bench/statistics.ts';
import { loadConfig } from '../../src/config/load.ts';

const range = (count: number) => Array.from({ length: count }, (_, i) => i);

describe('quarters', () => {
  test.each([
    ['an even growth', range(100), { first: 12, last: 87 }],
    ['a jump in the middle', [...Array(50).fill(1), ...Array(50).fill(9)], { first: 1, last: 9 }],
    ['one wild reading', [1, 1, 900, 1, 5, 5, 5, 5, 2, 2, 2, 2, 3, 3, 900, 3], { first: 1, last: 3 }],
    ['fewer than four', [7, 8], { first: 7, last: 8 }],
    ['a single one', [7], { first: 7, last: 7 }],
  ])('of %s', (_, numbers, found) => expect(quarters(numbers)).toEqual(found));

  test('of nothing are no numbers', () => expect(quarters([])).toEqual({ first: Number.NaN, last: Number.NaN }));
});

describe('the slope', () => {
  test.each([
    ['a straight line', range(1440).map((i) => 5 + 0.25 * i), 0.25],
    ['a falling line', range(10).map((i) => -3 * i), -3],
    ['what stays the same', Array(100).fill(42), 0],
    ['noise around the same', range(1000).map((i) => (i % 2 === 0 ? 10 : 12)), 0],
    ['a single number', [5], 0],
    ['nothing', [], 0],
  ])('of %s', (_, numbers, found) => expect(slope(numbers)).toBeCloseTo(found, 4));

  test('of noise on a line is that of the line', () => {
    const numbers = range(1440).map((i) => 1000 + 2 * i + 50 * Math.sin(i * 1.7));
    expect(slope(numbers)).toBeCloseTo(2, 2);
  });
});

describe('the targets of a soak', () => {
  test.each([1000, 300])('are %i before and after a reload, and load', (targets) => {
    for (const reloads of [0, 1, 2]) {
      const hosts = mix(targets, reloads);
      expect(new Set(Object.values(hosts).flat()).size).toBe(targets);
      const loaded = loadConfig('soak.yml', configuration(hosts, '/dev/null'), { listeners: () => [] });
      expect(loaded.ok ? loaded.config.targets.length : loaded.problems).toBe(targets);
    }
  });

  test('change with a reload: some go, others come', () => {
    const [before, after] = [mix(10_000, 0), mix(10_000, 1)].map((hosts) => new Set([...hosts.plain, ...hosts.spare]));
    expect([...(before ?? [])].filter((host) => after?.has(host) === false)).toHaveLength(100);
    expect([...(after ?? [])].filter((host) => before?.has(host) === false)).toHaveLength(100);
    expect(mix(10_000, 2)).toEqual(mix(10_000, 0));
  });

  test('flap, and are expected to be seen so', () => {
    const hosts = mix(1000, 0);
    const verdicts = range(15).map((scrape) => expected(hosts, scrape).get(hosts.flapping[0] ?? ''));
    const [up, down] = ['up', 'connection_refused'];
    expect(verdicts).toEqual([...Array(7).fill(up), ...Array(7).fill(down), up]);
    expect(expected(hosts, 0).size).toBe(1000);
    expect(expected(hosts, 0).get(hosts.silent[0] ?? '')).toBe('timeout');
  });
});

test('the report leaves the first quarter out of the slope, in which the heap finds its size', () => {
  const readings = range(400).map((i) => ({
    seconds: 1,
    resident: i < 100 ? i * 1e6 : 100e6 + i * 1000,
    descriptors: 21,
    blockMs: 10,
    ranMs: 5,
  }));
  const verdicts = { all: 4_000_000, wrong: 0, faults: 3 };
  const text = soakReport([], { readings, reloads: 3, peak: 101e6, verdicts, seconds: 400 }, 10_000);

  expect(text).toContain('| resident memory | 49.5 MB | 100.3 MB | +1.4 MB | 100.4 MB |');
  expect(text).toContain('| open file descriptors | 21 | 21 | +0 | 21 |');
  expect(text).toContain('| 400 in 400.00 s: at one a minute, 6.7 hours |');
  expect(text).toContain('| 4,000,000: 0 wrong, 3 times not able to probe |');
});
