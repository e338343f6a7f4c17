import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { PORTS } from '../ports.ts';

const EVERYWHERE = '0.0.0.0';
const BACKLOG = 4096;

/** The other side of the HTTP, TLS and flapping targets, in this process. */
export type Peers = {
  /** Opens or closes the port of the flapping targets. */
  readonly flap: (up: boolean) => Promise<void>;
};

export async function startPeers(files: { readonly cert: string; readonly key: string }): Promise<Peers> {
  const http = createHttpServer((_, answer) => answer.end('all is well\n'));
  const tls = createTlsServer({ cert: await readFile(files.cert), key: await readFile(files.key) }, quiet);
  await open(http, PORTS.http);
  await open(
    tls.on('tlsClientError', () => undefined),
    PORTS.tls,
  );
  let flapping: Server | undefined;
  return {
    flap: async (up) => {
      if (up === (flapping !== undefined)) return;
      if (flapping !== undefined) {
        flapping.close();
        flapping = undefined;
        return;
      }
      flapping = createServer(quiet);
      await open(flapping, PORTS.flapping);
    },
  };
}

/** Reads and says nothing: a peer that never reads would never see the end. */
function quiet(socket: Socket): void {
  socket.on('error', () => undefined).resume();
}

async function open(server: Server, port: number): Promise<void> {
  server.listen({ host: EVERYWHERE, port, backlog: BACKLOG });
  await once(server, 'listening');
}
