import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that the kernel hands out by itself, so that nobody else gets one of these meanwhile. */
const FIRST = 20_000;
const LAST = 32_000;
const taken = new Set<number>();

/** A port that is free, and that nobody gets by chance: for programs that must be told one, and for "nothing listens there". */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
    if (!taken.has(port) && (await isFree(port))) {
      taken.add(port);
      return port;
    }
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
