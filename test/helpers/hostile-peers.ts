import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';

/** Reproducible bytes that mean nothing. Source: xorshift32, Marsaglia 2003. */
export function garbage(seed: number, size: number): Buffer {
  let state = seed;
  return Buffer.from(
    Array.from({ length: size }, () => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return state & 0xff;
    }),
  );
}

/** Says one byte for ever, as fast as the other side reads, in pieces of that size. */
export function endless(byte: number, size: number): (socket: Socket) => Promise<void> {
  const piece = Buffer.alloc(size, byte);
  return async (socket) => {
    while (socket.writable) {
      await new Promise((written) => socket.write(piece, written));
      await setImmediate();
    }
  };
}
