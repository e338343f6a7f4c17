import type { Memory } from './talk.ts';

/** What checks have learnt of their targets, for as long as the process lives. The one not asked for longest is forgotten first. */
export class Memories {
  readonly #most: number;
  readonly #known = new Map<string, unknown>();

  constructor(most = 10_000) {
    this.#most = most;
  }

  /** What was learnt of one target. */
  of(key: string): Memory {
    const known = this.#known;
    const keep = (value: unknown) => this.#keep(key, value);
    return {
      get value() {
        return known.get(key);
      },
      set value(value: unknown) {
        keep(value);
      },
    };
  }

  /** After a failure another server may be there, or the same one in another state: it is met as a stranger again. */
  forget(key: string): void {
    this.#known.delete(key);
  }

  #keep(key: string, value: unknown): void {
    this.#known.delete(key);
    if (value === undefined) return;
    this.#known.set(key, value);
    const [oldest] = this.#known.keys();
    if (this.#known.size > this.#most && oldest !== undefined) this.#known.delete(oldest);
  }
}
