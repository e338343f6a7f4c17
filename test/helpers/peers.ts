import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { freePort } from './e2e-ports.ts';

/** A listener on 127.0.0.1 with a free port; disposing it ends its connections. */
export type Peer = AsyncDisposable & {
  readonly port: number;
  readonly address: string;
  readonly connections: () => number;
};

/** Listens, and reads what comes: a peer that never reads would never see our FIN. */
export async function peer(onConnection: (socket: Socket) => void = () => {}): Promise<Peer> {
  const open = new Set<Socket>();
  let total = 0;
  const server = createServer((socket) => {
    total++;
    open.add(socket);
    socket.on('close', () => open.delete(socket)).on('error', () => {});
    socket.resume();
    onConnection(socket);
  });
  const port = await listenOn(server);
  return {
    port,
    address: `127.0.0.1:${port}`,
    connections: () => total,
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export async function listenOn(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** A port on which nothing listens, and that the kernel gives to nobody meanwhile, neither to a server nor to the probe itself. */
export function closedPort(): Promise<number> {
  return freePort();
}

const HANGING_LISTENER = `
const server = require('node:net').createServer();
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => process.stdout.write(String(server.address().port)));
`;

/**
 * A port that never answers a SYN: its process is stopped and its queue of connections full, so the kernel drops what comes. The same
 * as a firewall's DROP, without being root.
 */
export async function blackHole(): Promise<{ readonly port: number } & AsyncDisposable> {
  const child = spawn(process.execPath, ['-e', HANGING_LISTENER], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [text] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(text.toString());
  child.kill('SIGSTOP');
  const fillers = await fill(port);
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      for (const filler of fillers) filler.destroy();
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

/** Connects until the queue is full; the surplus stays in SYN-SENT. */
async function fill(port: number): Promise<Socket[]> {
  const { connect } = await import('node:net');
  const fillers = Array.from({ length: 6 }, () => connect({ port, host: '127.0.0.1' }).on('error', () => {}));
  await Promise.all(fillers.slice(0, 2).map((filler) => once(filler, 'connect')));
  return fillers;
}
