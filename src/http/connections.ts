import type { Server } from 'node:http';
import type { Socket } from 'node:net';

type Connection = {
  readonly raw: Socket;
  /** What requests come over: the connection itself, or what TLS has made of it. */
  top: Socket;
  /** How many requests it is answering. */
  answering: number;
};

/**
 * The connections of clients, and which of them are answering a request. There are never more than `most`: for a new one the connection
 * that has been idle for longest makes room, whether it waits for the next request or never sent one.
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

  /** Follows which connections answer requests. */
  follow(server: Server): void {
    server.on('request', ({ socket }, response) => {
      const connection = this.#bySocket.get(socket);
      if (connection === undefined) return;
      this.#count(connection, 1);
      response.once('close', () => this.#count(connection, -1));
    });
  }

  /** Takes in a new connection; it is destroyed at once where all others are answering. */
  add(raw: Socket): void {
    const connection = { raw, top: raw, answering: 0 };
    this.#bySocket.set(raw, connection);
    this.#open.add(connection);
    this.#idle.add(connection);
    raw.once('close', () => this.#forget(connection));
    if (this.#open.size <= this.#most) return;
    this.#crowded();
    const [longest = connection] = this.#idle;
    longest.raw.destroy();
    this.#forget(longest);
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

  #count(connection: Connection, change: 1 | -1): void {
    connection.answering += change;
    this.#idle.delete(connection);
    if (connection.answering > 0 || !this.#open.has(connection)) return;
    if (this.#closing) connection.top.end();
    else this.#idle.add(connection);
  }

  #forget(connection: Connection): void {
    this.#open.delete(connection);
    this.#idle.delete(connection);
  }
}
