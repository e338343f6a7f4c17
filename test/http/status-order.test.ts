import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Reason } from '../../src/core/reason.ts';
import { readQuery, type Standing } from '../../src/http/pages/status/query.ts';
import { type Row, type Shown, select, standingOf } from '../../src/http/pages/status/rows.ts';
import { sortInSteps } from '../../src/http/pages/status/sort.ts';
import { UNKNOWN } from '../../src/probe/state.ts';
import { target } from '../helpers/world.ts';

const REASONS: Readonly<Record<'down' | 'fault', Reason>> = { down: 'connection_refused', fault: 'exporter_error' };

type Given = {
  readonly standing: Standing;
  readonly group?: string;
  readonly service?: string;
  readonly connect?: number;
};

function row(name: string, { standing, group = 'all', service = 'tcp', connect }: Given): Row {
  const made = target('127.0.0.1', 1, { name, group, service });
  const phases = { ...(connect !== undefined && { connect }) };
  const reason = standing === 'down' || standing === 'fault' ? REASONS[standing] : undefined;
  const failure = reason === undefined ? {} : { failure: { reason, phase: 'connect' as const, detail: '' } };
  const last = { startedAt: 0, durationMs: 0, budgetMs: 0, phases, latencyErrorMs: 0, ...failure };
  const state = standing === 'unknown' ? UNKNOWN : { ...UNKNOWN, up: standing === 'up', last };
  return { target: made, state, standing: standingOf(state), outcomes: () => [] };
}

/** What comes of the pauses, and how many there were. */
function ended<Value>(steps: Generator<'', Value>): { readonly value: Value; readonly pauses: number } {
  let pauses = 0;
  for (;;) {
    const step = steps.next();
    if (step.done) return { value: step.value, pauses };
    pauses++;
  }
}

function page(rows: readonly Row[], query: string): Shown {
  return ended(select(rows, readQuery(query))).value;
}

const namesOf = ({ rows }: Shown): readonly string[] => rows.map((one) => one.target.name);

const MIXED = [
  row('web 10', { standing: 'up', group: 'web', service: 'http', connect: 2 }),
  row('web 9', { standing: 'down', group: 'web', service: 'http', connect: 7 }),
  row('Äpfel', { standing: 'unknown', group: 'shop' }),
  row('zoo', { standing: 'fault', group: 'shop' }),
  row('apple', { standing: 'down', group: 'shop', service: 'ssh' }),
  row('Web 9b', { standing: 'up', group: 'Web', connect: 5 }),
];

describe('the order of the status page', () => {
  test.each([
    ['', ['web 9', 'apple', 'zoo', 'Äpfel', 'web 10', 'Web 9b']],
    ['sort=name', ['Äpfel', 'apple', 'web 9', 'Web 9b', 'web 10', 'zoo']],
    ['sort=service', ['web 10', 'web 9', 'apple', 'Äpfel', 'zoo', 'Web 9b']],
    ['sort=group', ['Äpfel', 'zoo', 'apple', 'web 10', 'web 9', 'Web 9b']],
    ['sort=latency', ['web 9', 'Web 9b', 'web 10', 'Äpfel', 'zoo', 'apple']],
    ['q=WEB&sort=name', ['web 9', 'Web 9b', 'web 10']],
    ['group=shop&state=down', ['apple']],
  ])('%j shows %j', (query, names) => {
    expect(namesOf(page(MIXED, query))).toEqual(names);
  });

  test.each([
    ['', { down: 2, fault: 1, unknown: 1, up: 2 }],
    ['state=down', { down: 2, fault: 1, unknown: 1, up: 2 }],
    ['group=shop', { down: 1, fault: 1, unknown: 1, up: 0 }],
    ['q=web', { down: 1, fault: 0, unknown: 0, up: 2 }],
    ['q=nobody', { down: 0, fault: 0, unknown: 0, up: 0 }],
  ])('%j counts what fits, whatever its state, and beside it all there are', (query, tally) => {
    const shown = page(MIXED, query);
    expect(shown).toMatchObject({ tally, overall: { down: 2, fault: 1, unknown: 1, up: 2 }, total: 6 });
    expect(shown.groups).toEqual(['Web', 'shop', 'web']);
  });

  test.each(['', 'q=host', 'sort=name', 'sort=latency'])('%j lets the loop turn often among ten thousand', (query) => {
    const names = Array.from({ length: 10_000 }, (_, i) => `host ${(i * 7919) % 10_000}`);
    const rows = names.map((name, i) => row(name, { standing: i % 3 === 0 ? 'down' : 'up', connect: i % 100 }));
    const { value, pauses } = ended(select(rows, readQuery(query)));
    expect(pauses).toBeGreaterThan(400);
    expect(value).toMatchObject({ found: 10_000, pages: 50, overall: { down: 3334, up: 6666 } });
  });

  test('is that of toSorted, with what is equal as it stood', () => {
    const items = fc.array(fc.record({ key: fc.integer({ min: 0, max: 40 }), id: fc.nat() }), {
      maxLength: 900,
      size: 'max',
    });
    fc.assert(
      fc.property(items, (all) => {
        const order = (a: { key: number }, b: { key: number }) => a.key - b.key;
        expect(ended(sortInSteps(all, order)).value).toEqual(all.toSorted(order));
      }),
      { numRuns: 30 },
    );
  });
});
