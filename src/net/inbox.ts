import { ProbeFailure } from '../core/reason.ts';
import type { Reader } from './channel.ts';

/**
 * The most that a peer may say beyond what was asked of it, bytes: the longest proper greeting is a tenth of it. A reply of DNS by TCP may
 * have 65,535, and their length is two more.
 */
const MOST_UNREAD = 64 * 1024 + 2;
/** The most that it may say in all, so that endless chatter in small pieces ends before the deadline does. */
const MOST_RECEIVED = 1024 * 1024;
const FIRST_SIZE = 1024;

type Waiting = { readonly attempt: () => boolean; readonly reject: (error: Error) => void };

/** What a peer has said and nobody has used yet, bounded; and the one who waits for more of it. */
export class Inbox {
  #store = Buffer.alloc(0);
  #from = 0;
  #to = 0;
  #received = 0;
  #waiting: Waiting | undefined;
  /** Why nothing more will come. */
  #over: Error | undefined;

  /** Bytes that nobody has used yet. */
  get size(): number {
    return this.#to - this.#from;
  }

  /** Why nothing more will come, once that is so. */
  get over(): Error | undefined {
    return this.#over;
  }

  /** What the peer says is kept for whoever takes it; too much of it ends the talk. */
  put(chunk: Uint8Array): void {
    if (this.#over !== undefined) return;
    this.#received += chunk.length;
    if (this.size + chunk.length > MOST_UNREAD || this.#received > MOST_RECEIVED) {
      this.end(new ProbeFailure('unexpected_response', 'the peer says far more than it was asked for'));
      return;
    }
    this.#append(chunk);
    this.#attempt();
  }

  /** All that is unread; it counts as read then. */
  takeAll(): Buffer {
    const unread = this.#store.subarray(this.#from, this.#to);
    this.#from = this.#to;
    return unread;
  }

  /** Forgets what is unread. */
  clear(): void {
    this.#from = this.#to;
  }

  /** Nothing more will come. What is unread may still be taken. */
  end(error: Error): void {
    if (this.#over !== undefined) return;
    this.#over = error;
    this.#attempt();
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.reject(error);
  }

  take<Value>(reader: Reader<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      const attempt = () => {
        const found = reader(this.#store.subarray(this.#from, this.#to));
        if (found === undefined) return false;
        this.#from += found.used;
        resolve(found.value);
        return true;
      };
      this.#waiting = { attempt, reject };
      this.#attempt();
      if (this.#over !== undefined && this.#waiting !== undefined) {
        this.#waiting = undefined;
        reject(this.#over);
      }
    });
  }

  async takeWithin<Value>(ms: number, reader: Reader<Value>): Promise<Value | undefined> {
    let waiting: Waiting | undefined;
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => {
        if (this.#waiting === waiting) this.#waiting = undefined;
        resolve(undefined);
      }, ms);
    });
    const taken = this.take(reader);
    waiting = this.#waiting;
    try {
      return await Promise.race([taken, timeout]);
    } finally {
      clearTimeout(timer);
    }
  }

  #attempt(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    try {
      if (waiting.attempt()) this.#waiting = undefined;
    } catch (error) {
      this.#waiting = undefined;
      waiting.reject(error as Error);
    }
  }

  #append(chunk: Uint8Array): void {
    if (this.#to + chunk.length > this.#store.length) this.#make(this.size + chunk.length);
    this.#store.set(chunk, this.#to);
    this.#to += chunk.length;
  }

  /** Room for `wanted` bytes in all: readers keep views of the old store, so it is never written over. */
  #make(wanted: number): void {
    let size = FIRST_SIZE;
    while (size < wanted) size *= 2;
    const store = Buffer.allocUnsafe(size);
    this.#store.copy(store, 0, this.#from, this.#to);
    this.#to -= this.#from;
    this.#from = 0;
    this.#store = store;
  }
}
