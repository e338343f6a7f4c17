import { ProbeFailure } from '../core/reason.ts';

/** A quarter of a second. */
const MOST = 25_000_000;

/**
 * How much looking at one answer may still cost, whoever sent it. A unit is what takes 10 ns at most (measured on Node 20, one core of a
 * server of 2024). Steps are counted and not time: an answer is judged alike however busy the machine is.
 */
export class Work {
  #left: number;
  #over: ProbeFailure | undefined;

  constructor(units: number = MOST) {
    this.#left = units;
  }

  /** Why nothing more may be done, once that is so. */
  get over(): ProbeFailure | undefined {
    return this.#over;
  }

  /** Throws ProbeFailure (unexpected_response) when that is more than is left, and from then on. */
  spend(units: number): void {
    this.#left -= units;
    if (this.#left >= 0) return;
    this.#over ??= new ProbeFailure(
      'unexpected_response',
      'the answer is too long or too intricate for what it is held against',
    );
    throw this.#over;
  }
}
