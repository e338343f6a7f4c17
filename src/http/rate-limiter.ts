import type { RateLimit } from '../config/web-config.ts';

/** A bucket of tokens: one for each request, a new one every interval, `burst` at most. Source: Go, golang.org/x/time/rate. */
export class RateLimiter {
  readonly #limit: RateLimit;
  readonly #now: () => number;
  #tokens: number;
  #countedAt: number;

  /** `now` in milliseconds, from any start. */
  constructor(limit: RateLimit, now: () => number) {
    this.#limit = limit;
    this.#now = now;
    this.#tokens = limit.burst;
    this.#countedAt = now();
  }

  /** Whether a request may pass now. */
  pass(): boolean {
    const { burst, intervalMs } = this.#limit;
    const now = this.#now();
    this.#tokens = Math.min(burst, this.#tokens + (now - this.#countedAt) / intervalMs);
    this.#countedAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }

  /** After how many seconds there is a token again, whole. */
  get retryAfter(): number {
    return Math.max(1, Math.ceil(((1 - this.#tokens) * this.#limit.intervalMs) / 1000));
  }
}
