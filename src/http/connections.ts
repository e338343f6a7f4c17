import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { clientOf } from './clients.ts';

type Exchange = { readonly request: IncomingMessage; readonly response: ServerResponse };

type Connection = {
  readonly raw: Socket;
  readonly client: string;
  /** What requests come over: the connection itself, or what TLS has made of it. */
  top: Socket;
  /** Whether a request is being answered. */
  isAnswering: boolean;
  /** Requests that were sent before the one that is being answered was. */
  readonly waiting: Exchange[];
};

/** Requests that a client may send before the first is answered. Hardly any does. */
const MOST_WAITING = 8;

/**
 * The connections of clients, and which of them are answering a request. There are never more than `most`: for a new one the connection
 * that has been idle for longest makes room, whether it waits for the next request or never sent one; where none is idle, one of the
 * client that has most.
 */
export class Connections {
  readonly #most: number;
  readonly #crowded: () => void;
  readonly #open = new Set<Connection>();
  /** Those that answer no request, the one that has for longest first. */
  readonly #idle = new Set<Connection>();
  readonly #bySocket = new WeakMap<Socket, Connection>();
  #closing = false;

  /** `crowded` is called whenever one has to make room. */
  constructor(most = Number.POSITIVE_INFINITY, crowded: () => void = () => undefined) {
    this.#most = most;
    this.#crowded = crowded;
  }

  /** Has the requests of a connection answered one after the other, also those that are sent in one go. */
  oneByOne(handler: RequestListener): RequestListener {
    return (request, response) => {
      const connection = this.#bySocket.get(request.socket);
      // It has been closed, and what it had sent before is still being read.
      if (connection === undefined || !this.#open.has(connection)) return;
      if (!connection.isAnswering) this.#answer(connection, { request, response }, handler);
      else if (connection.waiting.length < MOST_WAITING) connection.waiting.push({ request, response });
      else this.#cut(connection);
    };
  }

  /** Takes in a new connection; it is destroyed at once where there is no room. */
  add(raw: Socket): void {
    const client = clientOf(raw.remoteAddress ?? '');
    const connection = { raw, client, top: raw, isAnswering: false, waiting: [] };
    this.#bySocket.set(raw, connection);
    this.#open.add(connection);
    raw.once('close', () => this.#forget(connection));
    if (this.#open.size > this.#most) {
      this.#crowded();
      const [longest = this.#greediest(connection)] = this.#idle;
      this.#cut(longest);
    }
    if (this.#open.has(connection)) this.#idle.add(connection);
  }

  /** From now on requests come over what TLS has made of the connection. */
  secured(raw: Socket, top: Socket): void {
    const connection = this.#bySocket.get(raw);
    if (connection === undefined) return;
    connection.top = top;
    this.#bySocket.set(top, connection);
  }

  /** Ends what is idle now, and the others after their answer. */
  closeIdle(): void {
    this.#closing = true;
    for (const { raw } of this.#idle) raw.destroy();
  }

  closeAll(): void {
    for (const { raw } of this.#open) raw.destroy();
  }

  #answer(connection: Connection, { request, response }: Exchange, handler: RequestListener): void {
    connection.isAnswering = true;
    this.#idle.delete(connection);
    response.once('close', () => this.#answered(connection, handler));
    handler(request, response);
  }

  #answered(connection: Connection, handler: RequestListener): void {
    connection.isAnswering = false;
    const next = this.#closing ? undefined : connection.waiting.shift();
    if (!this.#open.has(connection)) return;
    // Without a socket the answer before it was the last one of the connection.
    if (next?.response.socket) this.#answer(connection, next, handler);
    else if (this.#closing) connection.top.end();
    else this.#idle.add(connection);
  }

  /** A connection of the client that has most of them, if that is more than the newcomer's has: the newcomer itself otherwise. */
  #greediest(newcomer: Connection): Connection {
    const counts = new Map<string, number>();
    for (const { client } of this.#open) counts.set(client, (counts.get(client) ?? 0) + 1);
    let [most, chosen] = [counts.get(newcomer.client) ?? 0, newcomer];
    for (const connection of this.#open) {
      const count = counts.get(connection.client) ?? 0;
      if (count > most) [most, chosen] = [count, connection];
    }
    return chosen;
  }

  #cut(connection: Connection): void {
    connection.raw.destroy();
    this.#forget(connection);
  }

  #forget(connection: Connection): void {
    connection.waiting.length = 0;
    this.#open.delete(connection);
    this.#idle.delete(connection);
  }
}
