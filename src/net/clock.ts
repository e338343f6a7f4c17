/** Time, in milliseconds. Injected, so that tests can move it. */
export type Clock = {
  /** Monotonic, with a fraction: for durations and deadlines. Never jumps. */
  readonly now: () => number;
  /** Since 1970: for timestamps only. */
  readonly epoch: () => number;
  /** How long the event loop has slept so far, waiting for something to happen. */
  readonly idle: () => number;
};

export const systemClock: Clock = {
  now: () => performance.now(),
  epoch: () => Date.now(),
  idle: () => performance.nodeTiming.idleTime,
};

/** Something that a deadline can end. */
export type Expirable = { expire(): void };

/** What `Deadlines.set` hands out: keep it to clear the deadline. */
export type DeadlineSlot = { readonly timer: NodeJS.Timeout; readonly items: Set<Expirable> };

const TICK_MS = 5;

/**
 * Thousands of deadlines on few timers: those that fall into the same 5 ms share one. (A timer, an AbortSignal or a closure for each
 * probe costs more than the connect itself, and AbortSignal.timeout cannot be cleared.)
 */
export class Deadlines {
  readonly #clock: Clock;
  readonly #slots = new Map<number, DeadlineSlot>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `item.expire()` at `at` (monotonic ms) or up to 5 ms later, but never before what the network had delivered by then. */
  set(item: Expirable, at: number): DeadlineSlot {
    const tick = Math.ceil(at / TICK_MS);
    const slot = this.#slots.get(tick) ?? this.#open(tick);
    if (slot.items.size === 0) slot.timer.ref();
    slot.items.add(item);
    return slot;
  }

  /** An emptied slot keeps its timer for the next item of the same tick, without keeping the process alive. */
  clear(item: Expirable, slot: DeadlineSlot): void {
    slot.items.delete(item);
    if (slot.items.size === 0) slot.timer.unref();
  }

  #open(tick: number): DeadlineSlot {
    const wait = Math.max(0, tick * TICK_MS - this.#clock.now());
    // Timers run before the poll phase: after a long block the answers that came in time are still unread. Let them go first.
    const timer = setTimeout(() => setImmediate(() => this.#fire(tick, slot)), Math.ceil(wait));
    const slot: DeadlineSlot = { timer, items: new Set() };
    this.#slots.set(tick, slot);
    return slot;
  }

  #fire(tick: number, slot: DeadlineSlot): void {
    this.#slots.delete(tick);
    const due = [...slot.items];
    slot.items.clear();
    for (const item of due) item.expire();
  }
}
