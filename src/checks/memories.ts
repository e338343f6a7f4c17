import type { Memory } from './talk.ts';

/** What checks have learnt of their targets, for as long as the process lives. The one not asked for longest is forgotten first. */
export class Memories {
  readonly #most: number;
  readonly #known = new Map<string, Memory>();

  constructor(most = 10_000) {
    this.#most = most;
  }

  of(key: string): Memory {
    const memory = this.#known.get(key) ?? { value: undefined };
    this.#known.delete(key);
    this.#known.set(key, memory);
    const [oldest] = this.#known.keys();
    if (this.#known.size > this.#most && oldest !== undefined) this.#known.delete(oldest);
    return memory;
  }
}
