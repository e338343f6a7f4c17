import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from './clock.ts';

/** How long one piece of work may hold the loop, ms. */
const PIECE_MS = 1;

/** Work that is done in small pieces, so that probes in flight do not wait for it, and that is given up when its time is over. */
export class Pace {
  readonly #clock: Clock;
  readonly #endsAt: number;
  #pieceEndsAt: number;

  constructor(clock: Clock, budgetMs: number) {
    this.#clock = clock;
    this.#endsAt = clock.now() + budgetMs;
    this.#pieceEndsAt = clock.now() + PIECE_MS;
  }

  /** Nothing more is to be begun. */
  get isOver(): boolean {
    return this.#clock.now() >= this.#endsAt;
  }

  /** The piece has been long enough: await `turn` before going on. Asked before each step, as it is cheaper than awaiting. */
  get isDue(): boolean {
    return this.#clock.now() >= this.#pieceEndsAt;
  }

  async turn(): Promise<void> {
    await nextTurn();
    this.#pieceEndsAt = this.#clock.now() + PIECE_MS;
  }

  /** What the promise comes to, or undefined when that is not known in time, or when it is rejected. */
  async within<Value>(promise: Promise<Value>): Promise<Value | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), Math.max(0, this.#endsAt - this.#clock.now()));
    });
    const value = await Promise.race([promise.catch(() => undefined), late]);
    clearTimeout(timer);
    return value;
  }
}
