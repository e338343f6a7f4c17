/** Time in ms since 1970, and waiting for it. Injected, so that tests can move it. */
export type Time = { readonly now: () => number; readonly wait: (ms: number) => Promise<void> };

export type GateOptions = {
  readonly maxConcurrency: number;
  /** No limit when undefined. */
  readonly messagesPerSecond: number | undefined;
  readonly time: Time;
};

/** What a provider asks for may be a mistake of it: nobody is to be left without a page for longer than that. */
const LONGEST_PAUSE_MS = 300_000;

/** Keeps to what the provider allows: so many requests at once, so many each second, none while it wants to be left alone. */
export class Gate {
  readonly #options: GateOptions;
  readonly #waiting: (() => void)[] = [];
  #inside = 0;
  #nextStartAt = 0;
  /** How many wait for the rate. */
  #queue = 0;
  #pausedUntil = 0;
  #stopped = false;
  #tellStopped: () => void = () => undefined;
  readonly #stop = new Promise<void>((resolve) => {
    this.#tellStopped = resolve;
  });

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** Runs the task when its turn comes. */
  async pass<Result>(task: () => Promise<Result>): Promise<Result> {
    if (this.#inside >= this.#options.maxConcurrency) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#inside++;
    try {
      return await task();
    } finally {
      // The place is handed on as it is: whoever comes meanwhile stands behind.
      const next = this.#waiting.shift();
      if (next === undefined) this.#inside--;
      else next();
    }
  }

  /** Waits until the rate allows one more request. */
  async start(): Promise<void> {
    const { messagesPerSecond, time } = this.#options;
    if (messagesPerSecond === undefined) return;
    const now = time.now();
    const interval = 1000 / messagesPerSecond;
    // Later than those in front can explain is a clock that was set back.
    const at = Math.min(Math.max(now, this.#nextStartAt), now + (this.#queue + 1) * interval);
    this.#nextStartAt = at + interval;
    if (at <= now) return;
    this.#queue++;
    await this.wait(at - now).finally(() => this.#queue--);
  }

  /** Waits that long, or until the stop. */
  async wait(ms: number): Promise<void> {
    await Promise.race([this.#options.time.wait(ms), this.#stop]);
  }

  /** Whoever waits need not: nobody is to start any more. */
  stop(): void {
    this.#stopped = true;
    this.#tellStopped();
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** Nobody may start for that long. */
  pause(ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#options.time.now() + Math.min(ms, LONGEST_PAUSE_MS));
  }

  /** How long nobody may start, ms. */
  get pauseMs(): number {
    const left = this.#pausedUntil - this.#options.time.now();
    // The clock may have been set back.
    return left > LONGEST_PAUSE_MS ? 0 : Math.max(0, left);
  }
}
