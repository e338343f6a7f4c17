import { describe, expect, test } from 'vitest';
import { formatLatency, renderTable, summary } from '../../src/cli/table.ts';
import { widthOf } from '../../src/cli/text.ts';
import { exitCodeOf, tallyOf, type Verdict, verdictOf } from '../../src/cli/verdict.ts';
import type { Reason } from '../../src/core/reason.ts';
import type { ProbeResult } from '../../src/core/result.ts';
import { MaintenanceWindow } from '../../src/probe/maintenance.ts';
import type { Target } from '../../src/probe/spec.ts';
import { target } from '../helpers/world.ts';

const UP: ProbeResult = {
  startedAt: 0,
  durationMs: 0.351,
  budgetMs: 2000,
  phases: { connect: 0.351 },
  latencyErrorMs: 0,
};

function failing(reason: Reason): ProbeResult {
  return { ...UP, phases: {}, failure: { reason, phase: 'connect', detail: '' } };
}

function verdict(name: string, result: ProbeResult, overrides: Partial<Target> = {}): Verdict {
  return verdictOf(target('10.0.0.1', 5432, { name, ...overrides }), result);
}

function lines(verdicts: readonly Verdict[], look: { columns?: number; colours?: boolean } = {}): string[] {
  return renderTable(verdicts, tallyOf(verdicts, 412), { colours: false, ...look }).split('\n');
}

const DOWN = verdict('orders', failing('connection_refused'));

describe('renderTable', () => {
  test('is one line per target with all columns when nothing limits its width', () => {
    expect(lines([verdict('10.0.0.1:5432', UP), DOWN])).toEqual([
      'STATE  TARGET                  SERVICE  LATENCY  REASON                         WHAT TO LOOK AT',
      'DOWN   orders (10.0.0.1:5432)  tcp            -  connection_refused in connect  the host answered, nothing listens on the port: the service crashed, was not started, or listens elsewhere',
      'UP     10.0.0.1:5432           tcp      0.35 ms',
      '',
      '1 up, 1 down, 0 not probed; 0.4 s',
      '',
    ]);
  });

  test('puts what is down first, then what could not be probed, then by group in the order given', () => {
    const states = lines([
      verdict('a', UP, { group: 'one' }),
      verdict('b', UP, { group: 'two' }),
      verdict('c', failing('exporter_error'), { group: 'two' }),
      verdict('d', UP, { group: 'one' }),
      verdict('e', failing('timeout'), { group: 'two' }),
      verdict('f', failing('timeout'), { group: 'one' }),
    ]).slice(1, 7);
    expect(states.map((line) => line.slice(0, 8))).toEqual([
      'DOWN   f',
      'DOWN   e',
      'FAULT  c',
      'UP     a',
      'UP     d',
      'UP     b',
    ]);
  });

  test('puts the advice below the row where it does not fit beside it', () => {
    expect(lines([DOWN], { columns: 80 }).slice(0, 4)).toEqual([
      'STATE  TARGET                  SERVICE  LATENCY  REASON',
      'DOWN   orders (10.0.0.1:5432)  tcp            -  connection_refused in connect',
      '       the host answered, nothing listens on the port: the service crashed, was',
      '       not started, or listens elsewhere',
    ]);
  });

  test('puts the reason below too, and shortens targets, on a very narrow terminal', () => {
    expect(lines([DOWN], { columns: 44 }).slice(0, 6)).toEqual([
      'STATE  TARGET               SERVICE  LATENCY',
      'DOWN   orders (1…0.1:5432)  tcp            -',
      '       connection_refused in connect: the',
      '       host answered, nothing listens on the',
      '       port: the service crashed, was not',
      '       started, or listens elsewhere',
    ]);
  });

  test.each([30, 44, 60, 80, 100, 140, 200])('stays within %i columns', (columns) => {
    const verdicts = [
      DOWN,
      verdict('数据库'.repeat(20), failing('tls_handshake_failed')),
      verdict('x'.repeat(150), UP),
    ];
    const widest = Math.max(...lines(verdicts, { columns }).slice(0, -3).map(widthOf));
    expect(widest).toBeLessThanOrEqual(Math.max(columns, 37));
  });

  test('keeps the columns straight next to wide characters', () => {
    const [header = '', wide = '', plain = ''] = lines([verdict('数据库', UP), verdict('e\u0301tat', UP)]);
    const at = widthOf(header.slice(0, header.indexOf('SERVICE')));
    for (const line of [wide, plain]) expect(widthOf(line.slice(0, line.indexOf('tcp')))).toBe(at);
  });

  test('makes control characters visible instead of obeying them', () => {
    expect(lines([verdict('a\x1b[2J', UP)]).join('\n')).not.toContain('\x1b');
  });

  test('says until when work on a target is planned, whatever its state', () => {
    const maintenance = [new MaintenanceWindow('disks', { from: 0, until: Date.parse('2026-12-01T03:00:00Z') })];
    const down = verdict('orders', failing('connection_refused'), { maintenance });
    expect(lines([down, verdict('a', UP, { maintenance })]).slice(2, 5)).toEqual([
      '       in maintenance until 2026-12-01 03:00 UTC (disks)',
      'UP     a (10.0.0.1:5432)       tcp      0.35 ms',
      '       in maintenance until 2026-12-01 03:00 UTC (disks)',
    ]);
    const later = { ...UP, startedAt: Date.parse('2026-12-01T03:00:00Z') };
    expect(lines([verdict('a', later, { maintenance })]).join('\n')).not.toContain('in maintenance');
  });

  test('says how a port that should be closed is so', () => {
    const closed = { reason: 'connection_refused', phase: 'connect', detail: '' } as const;
    expect(lines([verdict('10.0.0.1:22', { ...UP, phases: {}, closed })]).slice(1, 3)).toEqual([
      'UP     10.0.0.1:22 (10.0.0.1:5432)  tcp            -',
      '       closed, as it should be (connection_refused)',
    ]);
  });

  test('colours the state only, so that the columns stay where they are', () => {
    const [, coloured = ''] = lines([verdict('a', UP)], { colours: true });
    const [, plain = ''] = lines([verdict('a', UP)]);
    expect(coloured).toBe(plain.replace('UP', '\x1b[32mUP\x1b[0m'));
  });
});

describe('formatLatency', () => {
  test.each([
    [0, '0.00 ms'],
    [0.351, '0.35 ms'],
    [9.994, '9.99 ms'],
    [9.996, '10.0 ms'],
    [12.34, '12.3 ms'],
    [999.94, '999.9 ms'],
    [999.96, '1.00 s'],
    [1204, '1.20 s'],
  ])('writes %d ms as %s', (ms, text) => {
    expect(formatLatency(ms)).toBe(text);
  });
});

describe('summary', () => {
  test.each([
    [0.2, '0.01 s'],
    [64, '0.07 s'],
    [412, '0.4 s'],
    [12_345, '12.3 s'],
  ])('writes %d ms as %s', (tookMs, text) => {
    expect(summary({ up: 7, down: 1, notProbed: 0, tookMs })).toBe(`7 up, 1 down, 0 not probed; ${text}`);
  });
});

describe('exitCodeOf', () => {
  test.each([
    { what: 'all up', results: [UP], code: 0 },
    { what: 'one down', results: [UP, failing('timeout')], code: 1 },
    { what: 'one that could not be probed', results: [UP, failing('exporter_error')], code: 1 },
    { what: 'none at all', results: [], code: 0 },
  ])('is $code for $what', ({ results, code }) => {
    expect(
      exitCodeOf(
        tallyOf(
          results.map((result) => verdict('a', result)),
          1,
        ),
      ),
    ).toBe(code);
  });
});
