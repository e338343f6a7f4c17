import type { Socket } from 'node:net';

/** The first bytes of a request; a TLS record begins with its type, which is no letter. */
const REQUEST_STARTS = ['GET ', 'HEAD', 'POST', 'PUT ', 'OPTI'].map((start) => Buffer.from(start));
const TEXT = 'this port speaks HTTPS, and the request came without TLS: ask with https://\n';
const ANSWER = `HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${TEXT.length}\r\nConnection: close\r\n\r\n${TEXT}`;
/** How long it may take to be read, ms. */
const PATIENCE_MS = 1000;

/**
 * Answers whoever speaks HTTP where TLS is expected, with what would be right, and hangs up. False, with every byte still to be read,
 * when it is something else.
 */
export function refusePlainHttp(raw: Socket): boolean {
  const first: Buffer | null = raw.read();
  if (first === null) return false;
  if (!REQUEST_STARTS.some((start) => first.subarray(0, start.length).equals(start))) {
    raw.unshift(first);
    return false;
  }
  // What is still to come is read and thrown away: closing with bytes unread resets the connection, and the answer with it.
  raw.resume();
  const cut = setTimeout(() => raw.destroy(), PATIENCE_MS);
  raw.once('close', () => clearTimeout(cut));
  raw.end(ANSWER);
  return true;
}
