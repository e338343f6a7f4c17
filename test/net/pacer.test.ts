import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/net/clock.ts';
import { Pacer } from '../../src/net/pacer.ts';

const FAST = { perTurn: 4, perSecond: 1_000_000 };

/** Items that note in which turn of the loop they were started. */
async function startTurns(count: number, pacer: Pacer): Promise<number[]> {
  const turns: number[] = [];
  let turn = 0;
  for (let i = 0; i < count; i++) pacer.enqueue({ start: () => turns.push(turn) });
  while (turns.length < count) {
    await nextTurn();
    turn++;
  }
  return turns;
}

function countBy(turns: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const turn of turns) counts.set(turn, (counts.get(turn) ?? 0) + 1);
  return counts;
}

test('no more than a few are started in one turn of the loop', async () => {
  const turns = await startTurns(40, new Pacer(systemClock, () => true, FAST));
  const perTurn = countBy(turns);
  expect(Math.max(...perTurn.values())).toBeLessThanOrEqual(4);
});

test('starts are spread to the rate, and all of them come', async () => {
  const began = systemClock.now();
  await startTurns(60, new Pacer(systemClock, () => true, { perTurn: 4, perSecond: 1000 }));
  // 60 at 1,000 a second, less the burst that is allowed at first.
  expect(systemClock.now() - began).toBeGreaterThanOrEqual(40);
});

describe('room', () => {
  test('without room nothing is started until it is woken', async () => {
    let room = false;
    const pacer = new Pacer(systemClock, () => room, FAST);
    const start = vi.fn();
    pacer.enqueue({ start });
    await nextTurn();
    await nextTurn();
    expect(start).not.toHaveBeenCalled();
    expect(pacer.waiting).toBe(1);
    room = true;
    pacer.wake();
    await vi.waitFor(() => expect(start).toHaveBeenCalledOnce());
  });

  test('held after a fault of this machine, it goes on by itself', async () => {
    const pacer = new Pacer(systemClock, () => true, FAST);
    const start = vi.fn();
    pacer.hold(20);
    pacer.enqueue({ start });
    await nextTurn();
    expect(start).not.toHaveBeenCalled();
    await vi.waitFor(() => expect(start).toHaveBeenCalledOnce());
  });
});

describe('arrival', () => {
  test('all that is delivered in one turn has one time stamp', async () => {
    const pacer = new Pacer(systemClock, () => true, FAST);
    const first = pacer.arrival();
    for (const until = systemClock.now() + 5; systemClock.now() < until; );
    expect(pacer.arrival()).toBe(first);
    await nextTurn();
    expect(pacer.arrival()).toBeGreaterThan(first);
  });

  test('the bound of its error holds what the loop did since the last polls', async () => {
    const pacer = new Pacer(systemClock, () => true, FAST);
    await startTurns(8, pacer);
    for (const until = systemClock.now() + 30; systemClock.now() < until; );
    pacer.arrival();
    expect(pacer.arrivalError).toBeGreaterThanOrEqual(30);
  });

  test('time asleep is no error', async () => {
    const pacer = new Pacer(systemClock, () => true, FAST);
    await startTurns(8, pacer);
    await new Promise((resolve) => setTimeout(resolve, 200));
    pacer.arrival();
    expect(pacer.arrivalError).toBeLessThan(150);
  });
});
