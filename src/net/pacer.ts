import type { Clock } from './clock.ts';

/** Something to begin when the loop has time for it. */
export type Startable = { start(): void };

export type PacerOptions = {
  /** Starts per loop turn. Few, so that a turn is short: what arrives during a turn waits for its end. */
  readonly perTurn: number;
  /** Starts per second, so that thousands of answers do not arrive in one burst either. */
  readonly perSecond: number;
};

/** Measured: four in a turn cost as little as any number and keep the p99 of the error about half a millisecond (docs/benchmarks.md). */
const DEFAULTS: PacerOptions = { perTurn: 4, perSecond: 12_500 };

/** A turn longer than this is catching up: start one at a time until it is short again. */
const LONG_TURN_MS = 0.6;

/**
 * Starts things so that the event loop never queues their results: the accuracy of every latency lives here. Node delivers an answer
 * when the loop comes round to polling, so the time stamp of a result is late by whatever the loop was doing meanwhile. The cure is to
 * do little between two polls. `setImmediate` runs right after the poll phase and hands the loop back to it.
 */
export class Pacer {
  readonly #clock: Clock;
  readonly #options: PacerOptions;
  /** Whether there is room for one more; when not, `wake` says that there may be again. */
  readonly #room: () => boolean;
  #queue: (Startable | undefined)[] = [];
  #head = 0;
  #scheduled = false;
  #timer: NodeJS.Timeout | undefined;
  #credit = 0;
  #creditAt = 0;
  #stamp = 0;
  #errorBound = 0;
  /** The check phases before last and last: time and idle time at each. */
  #checks = [0, 0, 0, 0] as [number, number, number, number];

  constructor(clock: Clock, room: () => boolean = () => true, options: PacerOptions = DEFAULTS) {
    this.#clock = clock;
    this.#room = room;
    this.#options = options;
  }

  /** Starts the item in its turn; where nothing waits, that is the next turn of the loop. */
  enqueue(item: Startable): void {
    this.#queue.push(item);
    this.#schedule();
  }

  /** How many wait to be started. */
  get waiting(): number {
    return this.#queue.length - this.#head;
  }

  /** There may be room again. */
  wake(): void {
    if (this.waiting > 0) this.#schedule();
  }

  /** Stops starting for a while: what was started last met a limit of this machine. */
  hold(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.wake();
    }, ms);
  }

  /**
   * When the loop began to deliver in this turn, monotonic ms: the one time stamp of all that it delivers. A result handled last in a
   * turn did not arrive later than the first.
   */
  arrival(): number {
    if (this.#stamp === 0) {
      this.#stamp = this.#clock.now();
      const [before, idleBefore] = this.#checks;
      // Whatever arrived since the poll before this one may have waited while the loop was busy; asleep, it delivers at once.
      this.#errorBound = Math.max(0, this.#stamp - before - (this.#clock.idle() - idleBefore));
      this.#schedule();
    }
    return this.#stamp;
  }

  /** Has the time noted when the loop comes round next, once a turn: two marks between two polls would hide what the first one delivered. */
  watch(): void {
    this.#schedule();
  }

  /** The loop has come round: what arrives from now on cannot have waited for what it did before. */
  mark(): number {
    const now = this.#clock.now();
    const idle = this.#clock.idle();
    const busy = now - this.#checks[2] - (idle - this.#checks[3]);
    this.#checks = [this.#checks[2], this.#checks[3], now, idle];
    return busy;
  }

  /** Nothing is under way: what the loop did until now delays no result. */
  rest(): void {
    this.mark();
    this.mark();
  }

  /** How late `arrival` can be at the most, because the loop was busy, ms. */
  get arrivalError(): number {
    return this.#errorBound;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#scheduled = false;
    this.#stamp = 0;
    const now = this.#clock.now();
    const busy = this.mark();
    if (this.waiting === 0 || this.#timer !== undefined) return;
    const allowed = Math.min(busy > LONG_TURN_MS ? 1 : this.#options.perTurn, this.#earn(now));
    for (let i = 0; i < allowed && this.waiting > 0; i++) {
      if (!this.#room()) return;
      this.#credit--;
      this.#take().start();
    }
    if (this.waiting === 0) return;
    if (allowed > 0) this.#schedule();
    else this.hold(1);
  }

  /** Whole starts that the rate permits by now. Time unused is not saved up beyond one turn's worth. */
  #earn(now: number): number {
    const earned = this.#credit + ((now - this.#creditAt) * this.#options.perSecond) / 1000;
    this.#creditAt = now;
    this.#credit = Math.min(earned, this.#options.perTurn * 4);
    return Math.floor(this.#credit);
  }

  #take(): Startable {
    const item = this.#queue[this.#head] as Startable;
    this.#queue[this.#head++] = undefined;
    if (this.#head === this.#queue.length) {
      this.#queue = [];
      this.#head = 0;
    }
    return item;
  }
}
