import { Duplex } from 'node:stream';
import type { Connection } from '../../src/net/dialer.ts';
import type { Inbox } from '../../src/net/inbox.ts';

/** A connection without a network, for checks that take theirs over: what the peer says comes from an inbox. */
class LentSocket extends Duplex {
  bytesRead = 0;
  readonly #inbox: Inbox;
  readonly #onSent: (bytes: Uint8Array) => void;
  /** What ends the inbox when its peer has hung up in order. */
  readonly #hungUp: Error;

  constructor(inbox: Inbox, hungUp: Error, onSent: (bytes: Uint8Array) => void) {
    super();
    this.#inbox = inbox;
    this.#hungUp = hungUp;
    this.#onSent = onSent;
  }

  override _read(): void {
    const reader = (unread: Buffer) =>
      unread.length === 0 ? undefined : { used: unread.length, value: Buffer.from(unread) };
    this.#inbox.take(reader).then(
      (bytes) => {
        this.bytesRead += bytes.length;
        this.push(bytes);
      },
      (error: Error) => {
        if (error === this.#hungUp) this.push(null);
        else this.destroy(error);
      },
    );
  }

  override _write(chunk: Uint8Array, _: string, done: () => void): void {
    this.#onSent(chunk);
    done();
  }

  setTimeout(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }
}

export function lentSocket(inbox: Inbox, hungUp: Error, onSent: (bytes: Uint8Array) => void): Connection {
  return new LentSocket(inbox, hungUp, onSent).on('error', () => {}) as Duplex as Connection;
}
