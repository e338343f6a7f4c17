import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { formatEndpoint } from '../core/endpoint.ts';

/** Where to listen: no host means every address, IPv6 and IPv4. Port 0 takes any free one. */
export type ListenAddress = { readonly host?: string; readonly port: number };

/** A listening server. */
export type Listening = {
  /** host:port as bound. */
  readonly address: string;
  readonly port: number;
  /** Takes no more requests, lets those under way finish for up to `graceMs`, then cuts them. */
  close(graceMs: number): Promise<void>;
};

/** Slow clients: the whole request must be here within this time, ms. */
const REQUEST_MS = 15_000;
const IDLE_MS = 65_000;

/** Listens, or rejects with the system's error (EADDRINUSE, EACCES ...). */
export async function listen(handler: RequestListener, at: ListenAddress): Promise<Listening> {
  const server = createServer(
    { requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS, keepAliveTimeout: IDLE_MS },
    handler,
  );
  const connections = new Connections(server);
  await bind(server, at);
  const { address, port } = server.address() as AddressInfo;
  return {
    address: formatEndpoint({ host: address, port }),
    port,
    close: (graceMs) => close(server, connections, graceMs),
  };
}

async function bind(server: Server, { host, port }: ListenAddress): Promise<void> {
  try {
    await listening(server, { port, ...(host !== undefined && { host }) });
  } catch (error) {
    // Every address is [::] where IPv6 is there, and 0.0.0.0 on a machine that has it switched off.
    if (host !== undefined || !['EAFNOSUPPORT', 'EADDRNOTAVAIL'].includes((error as NodeJS.ErrnoException).code ?? ''))
      throw error;
    await listening(server, { host: '0.0.0.0', port });
  }
}

function listening(server: Server, options: { port: number; host?: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Which connections are answering a request: the others can be ended at any time, those that never sent one too. */
class Connections {
  readonly #open = new Set<Socket>();
  readonly #busy = new Set<Socket>();
  #closing = false;

  constructor(server: Server) {
    server.on('connection', (socket) => {
      this.#open.add(socket);
      socket.once('close', () => this.#open.delete(socket));
    });
    server.on('request', ({ socket }, response) => {
      this.#busy.add(socket);
      response.once('close', () => {
        this.#busy.delete(socket);
        if (this.#closing) socket.end();
      });
    });
  }

  /** Ends what is idle now, and the others after their answer. */
  closeIdle(): void {
    this.#closing = true;
    for (const socket of this.#open) if (!this.#busy.has(socket)) socket.destroy();
  }
}

function close(server: Server, connections: Connections, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    connections.closeIdle();
  });
}
