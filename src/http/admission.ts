import { clientOf } from './clients.ts';

/** Results that are waited for at once; each takes a quarter of a kB, so this is some 50 MB. */
const MOST = 200_000;
/** Of one client: a pair of Prometheus servers behind one address fits in, with each target's own scrapes or with all targets at once. */
const MOST_OF_ONE = MOST / 2;
/** What a request takes besides the results that it waits for, in results. */
const OVERHEAD = 40;

/**
 * Bounds the memory of requests that wait for probes. Who waits for nothing yet is always let in, so nobody is kept out by what somebody
 * else has asked for.
 */
export class Admission {
  readonly #byClient = new Map<string, number>();
  #all = 0;

  /** Lets in a request for so many results; what to call when it is over, or undefined where it is too much. */
  enter(address: string, results: number): (() => void) | undefined {
    const client = clientOf(address);
    const cost = OVERHEAD + results;
    const own = this.#byClient.get(client) ?? 0;
    if (own > 0 && (own + cost > MOST_OF_ONE || this.#all + cost > MOST)) return undefined;
    this.#add(client, cost);
    let isOver = false;
    return () => {
      if (!isOver) this.#add(client, -cost);
      isOver = true;
    };
  }

  #add(client: string, cost: number): void {
    this.#all += cost;
    const own = (this.#byClient.get(client) ?? 0) + cost;
    if (own > 0) this.#byClient.set(client, own);
    else this.#byClient.delete(client);
  }
}
