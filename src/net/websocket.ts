import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { WebSocket } from 'ws';
import { ProbeFailure } from '../core/reason.ts';
import { limitReceived } from './received.ts';
import { closedWith, explained, HUNG_UP } from './websocket-failures.ts';

/** What is asked of a server. */
export type UpgradeRequest = {
  /** Host and port as the server knows itself. */
  readonly authority: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
};

/** What the server answered: 101 where it changed to WebSocket, and anything else where it did not want to. */
export type Upgrade = { readonly status: number; readonly isUpgraded: boolean };

/** The largest message, bytes. */
const MOST_PAYLOAD = 1024 * 1024;
/** The most that a server may say in all, bytes. */
const MOST_RECEIVED = 4 * MOST_PAYLOAD;
/** With so many messages or bytes that nobody has taken yet, no more are read for now. */
const MOST_UNREAD = 64;
const MOST_UNREAD_BYTES = MOST_PAYLOAD;
const MOST_FRAGMENTS = 1000;
/** Nobody who says more of this in the seconds of a probe means well. With 60 pings unanswered the library hangs up by itself. */
const MOST_IDLE = 50;
/** How long the peer may take to say goodbye and hang up, ms. */
const CLOSE_MS = 1000;
/** "Normal closure": what both wanted is done. */
const NORMAL = 1000;

/** A WebSocket over a connection that is open and, where wanted, in TLS already. No redirects, no compression. Source: RFC 6455. */
export class WebSocketConnection {
  readonly #socket: Socket;
  #websocket: WebSocket | undefined;
  #status: number | undefined;
  #failure: ProbeFailure | undefined;
  #fail: (error: ProbeFailure) => void = () => {};
  readonly #unread: Buffer[] = [];
  #unreadBytes = 0;
  #take: ((message: Buffer) => void) | undefined;
  #idle = 0;
  #isLeaving = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', this.#ended).on('close', this.#hungUp);
    limitReceived(socket, MOST_RECEIVED, this.#chatters);
    if (socket.destroyed || !socket.readable) this.#hungUp();
  }

  /** The status of the server's answer, known also when the upgrade then failed. */
  get status(): number | undefined {
    return this.#status;
  }

  /** Asks for the upgrade. Rejects with ProbeFailure when the answer is none of HTTP, or its 101 none of WebSocket. */
  upgrade(request: UpgradeRequest): Promise<Upgrade> {
    return this.#until((resolve) => {
      const websocket = this.#open(request);
      this.#websocket = websocket;
      websocket.on('error', this.#ended).on('close', this.#closed);
      websocket.on('message', this.#heard).on('ping', this.#idled).on('pong', this.#idled);
      websocket.on('upgrade', ({ statusCode }) => {
        this.#status = statusCode;
      });
      websocket.on('open', () => resolve({ status: 101, isUpgraded: true }));
      websocket.on('unexpected-response', (_, response: IncomingMessage) => {
        response.on('error', this.#ended).resume();
        this.#status = response.statusCode ?? 0;
        resolve({ status: this.#status, isUpgraded: false });
        this.#ended(new ProbeFailure('unexpected_response', 'the server did not change to WebSocket'));
      });
    });
  }

  /** The next message, text or binary, as soon as there is one; one waits at a time. */
  next(): Promise<Buffer> {
    const message = this.#unread.shift();
    if (message === undefined)
      return this.#until((resolve) => {
        this.#take = resolve;
      });
    this.#unreadBytes -= message.length;
    if (this.#websocket?.isPaused && this.#unread.length === 0) this.#websocket.resume();
    return Promise.resolve(message);
  }

  /** Says a text. Never throws, never waits: an error shows in the next `next`. */
  send(text: string): void {
    if (this.#websocket?.readyState === WebSocket.OPEN)
      this.#websocket.send(text, (error) => error && this.#ended(error));
  }

  /** Leaves in order: close frame, FIN, and what the peer still says is read until it hangs up, for at most `closeMs`. */
  async leave(closeMs = CLOSE_MS): Promise<void> {
    this.#isLeaving = true;
    this.#ended(LEFT);
    if (!this.#socket.destroyed) {
      const closed = new Promise((resolve) => this.#socket.once('close', resolve));
      const timer = setTimeout(() => this.close(), closeMs);
      if (this.#websocket?.readyState === WebSocket.OPEN) {
        this.#websocket.resume();
        this.#websocket.close(NORMAL);
      } else if (this.#websocket?.readyState !== WebSocket.CLOSING) this.#socket.end();
      await closed;
      clearTimeout(timer);
    }
    this.close();
  }

  /** Closes at once, whatever is under way. */
  close(): void {
    this.#isLeaving = true;
    this.#ended(LEFT);
    this.#websocket?.terminate();
    this.#socket.destroy();
  }

  #open({ authority, path, headers }: UpgradeRequest): WebSocket {
    const scheme = this.#socket instanceof TLSSocket ? 'wss' : 'ws';
    const { protocols, others } = sorted(headers);
    return new WebSocket(`${scheme}://${authority}${path}`, protocols, {
      createConnection: () => this.#socket,
      headers: { 'User-Agent': 'port-exporter', ...others },
      followRedirects: false,
      perMessageDeflate: false,
      maxPayload: MOST_PAYLOAD,
      maxFragments: MOST_FRAGMENTS,
      finishRequest: (sent) => sent.on('information', this.#idled).end(),
    });
  }

  /** What `begin` comes to, unless it ends before. */
  #until<Value>(begin: (resolve: (value: Value) => void) => void): Promise<Value> {
    return new Promise((resolve, reject) => {
      this.#fail = reject;
      if (this.#failure !== undefined) throw this.#failure;
      begin(resolve);
    });
  }

  readonly #heard = (message: Buffer): void => {
    if (this.#isLeaving) {
      this.#idled();
      return;
    }
    const take = this.#take;
    this.#take = undefined;
    if (take !== undefined) {
      take(message);
      return;
    }
    this.#unread.push(message);
    this.#unreadBytes += message.length;
    if (this.#unread.length >= MOST_UNREAD || this.#unreadBytes >= MOST_UNREAD_BYTES) this.#websocket?.pause();
  };

  /** What takes time and says nothing. A peer can say thousands of it before a timer runs. */
  readonly #idled = (): void => {
    this.#idle++;
    if (this.#idle === MOST_IDLE) this.#chatters();
  };

  readonly #chatters = (): void => {
    this.#ended(new ProbeFailure('unexpected_response', 'the server says far more than it was asked for'));
    this.close();
  };

  readonly #closed = (code: number, words: Buffer): void => this.#ended(closedWith(code, words));

  /** Once there is a WebSocket it tells by itself how the connection ended. */
  readonly #hungUp = (): void => {
    if (this.#websocket === undefined) this.#ended(HUNG_UP);
  };

  /** The first cause counts. */
  readonly #ended = (error: Error): void => {
    this.#failure ??= explained(error, this.#status);
    this.#fail(this.#failure);
  };
}

const LEFT = new ProbeFailure('closed_early', 'the talk is over');

/** The library wants to know which protocols are offered: it holds the answer against them. */
function sorted(headers: UpgradeRequest['headers']): { protocols: string[]; others: Record<string, string[]> } {
  const protocols: string[] = [];
  const others: Record<string, string[]> = {};
  for (const [name, value] of headers) {
    if (name.toLowerCase() === 'sec-websocket-protocol') protocols.push(...value.split(',').map((one) => one.trim()));
    else others[name] = [...(others[name] ?? []), value];
  }
  return { protocols, others };
}
