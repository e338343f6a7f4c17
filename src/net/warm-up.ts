import { createServer, type Server } from 'node:net';
import { type IpAddress, parseIp } from '../core/ip.ts';
import type { Dialer } from './dialer.ts';

/** Enough for the engine to have compiled what lies between the kernel and a time stamp. */
const CONNECTS = 60;

/** A machine that cannot connect to itself must not be kept from starting; ms. */
const LONGEST_MS = 500;

/**
 * Connects to itself a few times. Without it the first latencies after a start hold the milliseconds that Node took to load and compile
 * our own code. Never fails, and ends in time: a machine where this does not work measures its first latencies a little high, and says
 * so (port_exporter_latency_error_seconds).
 */
export async function warmUp(dialer: Dialer): Promise<void> {
  const address = parseIp('127.0.0.1');
  const server = createServer((socket) => socket.resume().on('error', () => {}));
  const port = await listenSomewhere(server);
  const until = dialer.clock.now() + LONGEST_MS;
  if (port !== undefined && address !== undefined) {
    for (let i = 0; i < CONNECTS && dialer.clock.now() < until; i++) await connectOnce(dialer, address, port);
  }
  server.close();
}

function listenSomewhere(server: Server): Promise<number | undefined> {
  return new Promise((resolve) => {
    server.on('error', () => resolve(undefined));
    server.listen(0, '127.0.0.1', () => {
      const bound = server.address();
      resolve(bound !== null && typeof bound === 'object' ? bound.port : undefined);
    });
  });
}

function connectOnce(dialer: Dialer, address: IpAddress, port: number): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(tooLong);
      dialling.cancel();
      resolve();
    };
    const tooLong = setTimeout(end, LONGEST_MS);
    const dialling = dialer.dial({ address, port }, { connected: end, failed: end });
  });
}
