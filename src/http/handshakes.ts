import type { Socket } from 'node:net';
import { clientOf } from './clients.ts';
import { FairQueue } from './fair-queue.ts';

/** Each takes a millisecond or two, in which no answer to a probe is noticed. */
const STARTS_PER_TURN = 2;
/** Some two seconds of work. */
const MOST_WAITING = 1000;
/** Who has not said a word by then does not want to speak, ms. */
const SILENCE_MS = 10_000;

/**
 * Has handshakes started a few in each turn of the event loop, fairly between clients, once they have said something: a thousand of them
 * at once are bad for their clients only, and not for the latencies of probes.
 */
export class Handshakes {
  readonly #start: (raw: Socket) => void;
  readonly #waiting = new FairQueue<Socket>(MOST_WAITING);
  #isTurning = false;

  constructor(start: (raw: Socket) => void) {
    this.#start = start;
  }

  add(raw: Socket): void {
    raw.setTimeout(SILENCE_MS, () => raw.destroy());
    raw.once('readable', () => {
      raw.setTimeout(0);
      // The end of a connection is readable too.
      if (raw.readableLength === 0) raw.destroy();
      else this.#queue(raw);
    });
  }

  #queue(raw: Socket): void {
    this.#waiting.add(clientOf(raw.remoteAddress ?? ''), raw)?.destroy();
    if (this.#isTurning) return;
    this.#isTurning = true;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    for (let started = 0; started < STARTS_PER_TURN; ) {
      const raw = this.#waiting.next();
      if (raw === undefined) {
        this.#isTurning = false;
        return;
      }
      if (raw.destroyed) continue;
      this.#start(raw);
      started++;
    }
    setImmediate(() => this.#turn());
  }
}
