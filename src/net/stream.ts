import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { ProbeFailure } from '../core/reason.ts';
import type { Channel, Reader } from './channel.ts';
import { Inbox } from './inbox.ts';
import { inspect, isAlert, openTls, type TlsOutcome, type TlsPeer } from './tls.ts';

/** How long the peer may take to hang up after it was told goodbye, ms. */
const HANG_UP_MS = 500;
/** How long its last bytes are waited for after our FIN, ms: a socket closed with bytes unread would answer them with RST. */
const DRAIN_MS = 1000;
/** How much of them; whoever says more may have its RST, bytes. */
const MOST_DRAINED = 256 * 1024;

/**
 * A talk over an open connection, TLS included, that ends in order: goodbye, FIN, and whatever the peer still says is read. Never a RST:
 * servers log it, count it, and some block whoever sends it.
 */
export class Stream implements Channel {
  #socket: Socket;
  readonly #raw: Socket;
  #inbox = new Inbox();
  /** The peer has hung up, or the connection has failed. */
  #gone = false;
  #onGone: (() => void) | undefined;
  #drained = 0;
  #lastAlert: Error | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#raw = socket;
    this.#listen(socket);
  }

  send(bytes: Uint8Array): void {
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  take<Value>(reader: Reader<Value>): Promise<Value> {
    return this.#inbox.take(reader);
  }

  takeWithin<Value>(ms: number, reader: Reader<Value>): Promise<Value | undefined> {
    return this.#inbox.takeWithin(ms, reader);
  }

  /** All that is unread, once the peer has hung up in order. */
  toEnd(): Promise<Buffer> {
    return this.#inbox.take((unread) =>
      this.#inbox.over === HUNG_UP ? { used: unread.length, value: unread } : undefined,
    );
  }

  /**
   * Sends FIN and waits until the peer has answered it with its own, or with RST: that a program is behind the port, and not only the
   * kernel's queue, without a byte said. What the peer still says is dropped.
   */
  async hangUp(): Promise<void> {
    this.#socket.end();
    try {
      await this.toEnd();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error;
    }
  }

  /**
   * Speaks TLS from here on. Resolves when it is agreed, with what the peer presented and whether that will do; rejects when it cannot
   * be agreed. `agreed` is called at that very moment.
   */
  secure(peer: TlsPeer, agreed: () => void): Promise<TlsOutcome> {
    if (this.#inbox.size > 0)
      return Promise.reject(new ProbeFailure('unexpected_response', 'the peer went on in the clear instead of TLS'));
    const raw = this.#socket;
    this.#ignore(raw);
    this.#inbox = new Inbox();
    return new Promise((resolve, reject) => {
      const tls = openTls(raw, peer);
      this.#socket = tls;
      const failed = (error: Error) => {
        reject(tlsFailure(error));
        this.#ended(error);
      };
      const closed = () => failed(new ProbeFailure('closed_early', 'the peer hung up during the TLS handshake'));
      tls.on('error', failed).on('close', closed);
      tls.once('secureConnect', () => {
        tls.off('error', failed).off('close', closed);
        agreed();
        this.#listen(tls);
        const outcome = inspect(tls, peer.judge);
        // The last of our handshake is not out yet, and a FIN now would overtake it: the server would log a torn handshake.
        setImmediate(() => resolve(outcome));
      });
    });
  }

  /**
   * Leaves in order: says `farewell`, waits a moment for the peer to hang up, sends FIN, and reads on until the peer's. Resolves with the
   * TLS alert that the peer sent last, if any: it comes after a handshake that looked fine.
   */
  async leave(farewell: Uint8Array | undefined, drainMs = DRAIN_MS): Promise<Error | undefined> {
    this.#inbox.end(LEFT);
    if (farewell !== undefined && !this.#gone) {
      this.send(farewell);
      await this.#hangUp(HANG_UP_MS);
    }
    if (!this.#gone) {
      this.#socket.end();
      await this.#hangUp(drainMs);
    }
    this.close();
    return this.#lastAlert;
  }

  /**
   * Hands over the connection to somebody who speaks over it himself, what has come and was not read put back. `protocol`: what
   * TLS has agreed to speak within it. Throws why it has ended, if so.
   */
  lend(): { readonly socket: Socket; readonly protocol: string | undefined; readonly isSecure: boolean } {
    const socket = this.#socket;
    if (this.#gone) throw this.#inbox.over ?? HUNG_UP;
    this.#ignore(socket);
    // As before anybody had listened: else what is put back, and what comes until somebody else does, would flow away.
    Object.assign(socket, { readableFlowing: null });
    const unread = this.#inbox.takeAll();
    if (unread.length > 0) socket.unshift(unread);
    socket.on('error', this.#ended).on('close', this.#hungUp);
    const agreed = socket instanceof TLSSocket ? socket.alpnProtocol : undefined;
    return { socket, protocol: agreed || undefined, isSecure: socket instanceof TLSSocket };
  }

  /** Closes at once, whatever is under way. */
  close(): void {
    this.#inbox.end(LEFT);
    this.#socket.destroy();
    this.#raw.destroy();
  }

  #hangUp(ms: number): Promise<void> {
    if (this.#gone) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#onGone = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #listen(socket: Socket): void {
    socket.on('data', this.#heard).on('end', this.#hungUp).on('error', this.#ended).on('close', this.#hungUp);
  }

  #ignore(socket: Socket): void {
    socket.off('data', this.#heard).off('end', this.#hungUp).off('error', this.#ended).off('close', this.#hungUp);
  }

  readonly #heard = (chunk: Buffer): void => {
    this.#inbox.put(chunk);
    if (this.#inbox.over === undefined) return;
    this.#drained += chunk.length;
    if (this.#drained > MOST_DRAINED) this.close();
  };

  readonly #hungUp = (): void => this.#ended(HUNG_UP);

  readonly #ended = (error: Error): void => {
    if (isAlert(error)) this.#lastAlert = error;
    this.#inbox.end(error);
    this.#gone = true;
    this.#onGone?.();
  };
}

const HUNG_UP = new ProbeFailure('closed_early', 'the peer hung up before it had answered');
const LEFT = new ProbeFailure('closed_early', 'the talk is over');

/** Node reports a FIN within the handshake as ECONNRESET of no system call; a real reset names the call. */
function tlsFailure(error: NodeJS.ErrnoException): Error {
  const hungUp = error.code === 'ECONNRESET' && error.syscall === undefined;
  return hungUp ? new ProbeFailure('closed_early', 'the peer hung up during the TLS handshake') : error;
}
