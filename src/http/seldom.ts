import type { Logger } from '../core/log.ts';

/** ms */
const PAUSE_MS = 60_000;

/** Says the same thing once a minute at most, and how often it happened since: what strangers cause must not fill a log. */
export class Seldom {
  readonly #log: Logger;
  readonly #now: () => number;
  readonly #message: string;
  #saidAt = Number.NEGATIVE_INFINITY;
  #unsaid = 0;

  constructor(message: string, log: Logger, now: () => number) {
    this.#message = message;
    this.#log = log;
    this.#now = now;
  }

  warn(fields: Readonly<Record<string, string | number>> = {}): void {
    const now = this.#now();
    if (now - this.#saidAt < PAUSE_MS) {
      this.#unsaid++;
      return;
    }
    this.#log.warn(this.#message, { ...fields, ...(this.#unsaid > 0 && { before: this.#unsaid }) });
    this.#saidAt = now;
    this.#unsaid = 0;
  }
}
