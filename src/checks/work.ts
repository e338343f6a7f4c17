import { ProbeFailure } from '../core/reason.ts';

/** A quarter of a second. */
const MOST = 25_000_000;

/**
 * How much looking at one answer may still cost, whoever sent it. A unit is about 10 ns. Steps are counted and not time: an answer is judged
 * alike however busy the machine is. Measured with Node 20 on two cores: an ordinary pattern looks through a megabyte in 10 ms (1 million
 * units); one that a text makes slow, such as a.{1000}b, would take 8 s without an end, and ends after 0.1 to 0.3 s. JSON of a megabyte
 * is read in 30 ms, of a hostile one in 200 ms.
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
