import type { Socket } from 'node:net';

/** How often it is looked at how much has come, ms. */
const LOOK_MS = 20;

/**
 * Limits what a peer may say in all where somebody else reads it, straight from the kernel: bytes that mean nothing would keep us busy to
 * the end. Ends with the socket.
 */
export function limitReceived(socket: Socket, most: number, exceeded: () => void): void {
  const looking = setInterval(() => {
    if (socket.bytesRead <= most) return;
    clearInterval(looking);
    exceeded();
  }, LOOK_MS);
  socket.once('close', () => clearInterval(looking));
  if (socket.closed) clearInterval(looking);
}
