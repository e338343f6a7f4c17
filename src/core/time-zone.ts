const SECOND_MS = 1000;
const DAY_MS = 24 * 3600 * SECOND_MS;

/**
 * A time zone by its IANA name. Its wall clock is told in milliseconds since 1970 as if it stood in UTC, instants in milliseconds since
 * 1970. Throws a RangeError for a name that this machine does not know.
 */
export class TimeZone {
  readonly #format: Intl.DateTimeFormat;

  constructor(name: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  /** What the clock there shows. */
  wallAt(instant: number): number {
    const parts = new Map(this.#format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
    const of = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? Number.NaN;
    const second = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
    return second + (instant - Math.floor(instant / SECOND_MS) * SECOND_MS);
  }

  /** When the clock there first shows this or, where that is skipped in spring, something later. */
  firstAt(wall: number): number {
    return Math.min(...this.#instantsOf(wall));
  }

  /** The same for the last time: in autumn an hour comes twice. */
  lastAt(wall: number): number {
    return Math.max(...this.#instantsOf(wall));
  }

  /** By the offsets a day before and after: no clock is changed twice within two days. */
  #instantsOf(wall: number): readonly number[] {
    const candidates = [wall - this.#offsetAt(wall - DAY_MS), wall - this.#offsetAt(wall + DAY_MS)] as const;
    const right = candidates.filter((instant) => this.wallAt(instant) === wall);
    return right.length > 0 ? right : [this.#changeBetween(Math.min(...candidates), Math.max(...candidates), wall)];
  }

  #offsetAt(instant: number): number {
    return this.wallAt(instant) - instant;
  }

  /** The second at which the clock goes past `wall` without showing it: after `before`, not after `after`. */
  #changeBetween(before: number, after: number, wall: number): number {
    let [low, high] = [before, after];
    while (high - low > SECOND_MS) {
      const middle = low + Math.floor((high - low) / (2 * SECOND_MS)) * SECOND_MS;
      if (this.wallAt(middle) < wall) low = middle;
      else high = middle;
    }
    return high;
  }
}
