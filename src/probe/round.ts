import type { ProbeResult } from '../core/result.ts';
import type { DeadlineSlot, Expirable } from '../net/clock.ts';
import type { Target } from './spec.ts';
import type { TargetState } from './state.ts';

/** One place in a round, waiting for its verdict. Times in monotonic ms. */
export class Waiter implements Expirable {
  readonly round: Round;
  readonly index: number;
  /** Whose state the verdict changes. */
  readonly target: Target | undefined;
  readonly askedAt: number;
  /** When its scrape has to answer. */
  readonly limitAt: number;
  /** What it grants the target: its timeout, or what its scrape has left. */
  readonly budgetMs: number;
  /** When it gives up; known once the probe has started. */
  dueAt = Number.POSITIVE_INFINITY;
  /** Its own deadline, where that is not the probe's. */
  slot: DeadlineSlot | undefined;
  /** Whom it waits for. */
  flight: { release(waiter: Waiter): void } | undefined;

  constructor(
    round: Round,
    index: number,
    target: Target | undefined,
    timeoutMs: number,
    askedAt: number,
    limitAt: number,
  ) {
    this.round = round;
    this.index = index;
    this.target = target;
    this.askedAt = askedAt;
    this.limitAt = limitAt;
    this.budgetMs = Math.max(0, Math.min(timeoutMs, limitAt - askedAt));
  }

  expire(): void {
    this.flight?.release(this);
  }
}

/** One round over many specs: a place for each answer, and the moment when all are there. */
export class Round implements Expirable {
  readonly results: (ProbeResult | undefined)[];
  readonly states: (TargetState | undefined)[];
  readonly finished: Promise<void>;
  /** Its time is over: whatever joins now gets its verdict at once. */
  expired = false;
  readonly #waiters: Waiter[] = [];
  readonly #onProgress: ((finished: number) => void) | undefined;
  #missing: number;
  #finish: () => void = () => {};

  constructor(size: number, onProgress?: (finished: number) => void) {
    this.results = new Array(size);
    this.states = new Array(size);
    this.#missing = size;
    this.#onProgress = onProgress;
    this.finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
    if (size === 0) this.#finish();
  }

  add(waiter: Waiter): void {
    this.#waiters.push(waiter);
    if (this.expired) waiter.expire();
  }

  put(index: number, result: ProbeResult, state: TargetState | undefined): void {
    if (this.results[index] !== undefined) return;
    this.results[index] = result;
    this.states[index] = state;
    this.#missing--;
    this.#onProgress?.(this.results.length - this.#missing);
    if (this.#missing === 0) this.#finish();
  }

  /** Time to answer: what has no verdict gets one as things stand. */
  expire(): void {
    this.expired = true;
    for (const waiter of this.#waiters) if (this.results[waiter.index] === undefined) waiter.expire();
  }
}
