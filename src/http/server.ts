import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { formatEndpoint } from '../core/endpoint.ts';
import { asksTheSame, type ServerTls, TlsAcceptor } from '../net/server-tls.ts';
import { Connections } from './connections.ts';
import { Handshakes } from './handshakes.ts';
import { refusePlainHttp } from './plain-http.ts';

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

/** What TLS is spoken with. */
export type TlsSource = {
  /** What to wait for until `current` is fresh; undefined when it is. */
  readonly fresh: () => Promise<void> | undefined;
  readonly current: () => ServerTls;
  /** A client was not let in: who, and why. */
  readonly refused: (client: string, why: string) => void;
};

export type ListenOptions = {
  /** Plain HTTP without it. */
  readonly tls?: TlsSource;
  /** Of all servers together; without it there is no limit. */
  readonly connections?: Connections;
};

const LIMITS = {
  /** The whole request must be here within this time, ms. */
  requestTimeout: 15_000,
  headersTimeout: 15_000,
  keepAliveTimeout: 65_000,
  /** How often those times are looked at, ms. */
  connectionsCheckingInterval: 5000,
  /** Bytes of all headers together. */
  maxHeaderSize: 16 * 1024,
};

/** Listens, or rejects with the system's error (EADDRINUSE, EACCES ...). */
export async function listen(
  handler: RequestListener,
  at: ListenAddress,
  { tls, connections = new Connections() }: ListenOptions = {},
): Promise<Listening> {
  const guests = new WeakMap<Socket, ServerTls>();
  const server = createServer(
    LIMITS,
    connections.oneByOne(tls === undefined ? handler : stillWelcome(handler, guests, tls)),
  );
  if (tls === undefined) server.on('connection', (raw: Socket) => connections.add(raw));
  else speakTls(server, { connections, guests, tls });
  await bind(server, at);
  const { address, port } = server.address() as AddressInfo;
  return {
    address: formatEndpoint({ host: address, port }),
    port,
    close: (graceMs) => close(server, connections, graceMs),
  };
}

/**
 * Hangs up on clients that were let in under other demands than those of now: they may come again, and be judged anew. Prometheus does
 * so by itself when a connection that it has used before ends without an answer.
 */
function stillWelcome(handler: RequestListener, guests: WeakMap<Socket, ServerTls>, tls: TlsSource): RequestListener {
  return (request, response) => {
    const judge = () => {
      const under = guests.get(request.socket);
      if (under !== undefined && asksTheSame(under, tls.current())) handler(request, response);
      else request.socket.destroy();
    };
    const waiting = tls.fresh();
    if (waiting === undefined) judge();
    else waiting.then(judge, judge);
  };
}

type Secured = {
  readonly connections: Connections;
  /** What the clients of connections were judged by. */
  readonly guests: WeakMap<Socket, ServerTls>;
  readonly tls: TlsSource;
};

/**
 * Puts TLS before the server's own handling of connections. Not a server of node:https, because that one asks clients for certificates,
 * or does not, for as long as it lives.
 */
function speakTls(server: Server, { connections, guests, tls }: Secured): void {
  const serve = server.listeners('connection');
  server.removeAllListeners('connection');
  const acceptor = new TlsAcceptor({
    secured: (socket, raw, under) => {
      guests.set(socket, under);
      connections.secured(raw, socket);
      for (const listener of serve) listener.call(server, socket);
    },
    refused: tls.refused,
  });
  const handshakes = new Handshakes((raw) => {
    // Not for the log: whoever asks is told, and it may be the health check of a container.
    if (refusePlainHttp(raw)) return;
    const waiting = tls.fresh();
    const accept = () => acceptor.accept(raw, tls.current());
    if (waiting === undefined) accept();
    else waiting.then(accept, accept);
  });
  server.on('connection', (raw: Socket) => {
    raw.on('error', () => undefined);
    connections.add(raw);
    handshakes.add(raw);
  });
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

function close(server: Server, connections: Connections, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => connections.closeAll(), graceMs);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    connections.closeIdle();
  });
}
