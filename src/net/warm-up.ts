import { createServer } from 'node:net';
import { parseIp } from '../core/ip.ts';
import type { Connection, Dialer } from './dialer.ts';

/** Enough for the engine to have compiled what lies between the kernel and a time stamp. */
const CONNECTS = 60;

/**
 * Connects to itself a few times. Without it the first latencies after a start hold the milliseconds that Node took to load and compile
 * our own code. Never fails: a machine where this does not work measures its first latencies a little high, and says so
 * (port_exporter_latency_error_seconds).
 */
export async function warmUp(dialer: Dialer): Promise<void> {
  const address = parseIp('127.0.0.1');
  const server = createServer((socket) => socket.resume().on('error', () => {}));
  const port = await new Promise<number | undefined>((resolve) => {
    server.on('error', () => resolve(undefined));
    server.listen(0, '127.0.0.1', () => {
      const bound = server.address();
      resolve(bound !== null && typeof bound === 'object' ? bound.port : undefined);
    });
  });
  if (port !== undefined && address !== undefined) {
    for (let i = 0; i < CONNECTS; i++) {
      await new Promise<void>((resolve) => {
        const connected = (socket: Connection) => {
          socket.destroy();
          resolve();
        };
        dialer.dial(address, port, { connected, failed: () => resolve() });
      });
    }
  }
  server.close();
}
