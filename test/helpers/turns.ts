import type { Clock } from '../../src/net/clock.ts';
import { systemClock } from '../../src/net/clock.ts';

/** A clock on which every look at it takes that long, ms. */
export function slowClock(stepMs: number): Clock {
  let now = 0;
  return {
    ...systemClock,
    now: () => {
      now += stepMs;
      return now;
    },
  };
}

/** How often the loop comes round while something goes on. */
export async function turnsDuring(work: () => Promise<void>): Promise<number> {
  let turns = 0;
  let isOver = false;
  const count = () => {
    turns++;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  await work();
  isOver = true;
  return turns;
}
