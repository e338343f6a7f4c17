import { readFileSync } from 'node:fs';
import { vi } from 'vitest';

const LISTEN = '0A';

/** Resolves once something listens on that port of 127.0.0.1, without a visit that a log or counter would show. Source: proc(5). */
export async function listening(port: number): Promise<void> {
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  await vi.waitFor(
    () => {
      const sockets = readFileSync('/proc/net/tcp', 'utf8').split('\n');
      const isListening = sockets.some((line) => {
        const [, address, , state] = line.trim().split(/\s+/);
        return address === local && state === LISTEN;
      });
      if (!isListening) throw new Error(`nothing listens on port ${port}`);
    },
    { timeout: 20_000, interval: 20 },
  );
}
