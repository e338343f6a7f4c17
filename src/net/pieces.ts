import type { Duplex, Readable } from 'node:stream';
import { ProbeFailure } from '../core/reason.ts';

/** With so many pieces of a body, they must have that many bytes on average: what comes byte by byte takes us far longer than its sender. */
const MANY_PIECES = 20_000;
const SHORTEST_MEAN = 16;

/** Pieces of that size or more cost next to nothing: waiting between reads of them would only make the answer late. */
const LARGE_MEAN = 2048;

/** What a socket reads the kernel's bytes with. `reading`: whether the socket itself wants any. */
type Handle = { readonly reading?: boolean; readStop(): unknown; readStart(): unknown };

/**
 * What is to be called when something has been read: no more is, until the loop has turned. Node.js reads up to 2 MB in one turn while
 * there is more, and what these have in them may take half a second. pause() is none of it: those who read HTTP undo it at once.
 */
export function onePerTurn(socket: Duplex, isWanted = (handle: Handle) => handle.reading !== false): () => void {
  const { _handle: handle } = socket as { _handle?: Handle | null };
  let isResting = false;
  return () => {
    if (isResting || !handle || socket.destroyed) return;
    isResting = true;
    handle.readStop();
    setImmediate(() => {
      isResting = false;
      if (!socket.destroyed && isWanted(handle)) handle.readStart();
    });
  };
}

/**
 * Has a body destroyed that comes in too many pieces for what it has in it, and `rest` called while they are small. Looks at them as they
 * come: whoever reads them gets many as one.
 */
export function limitPieces(body: Readable, rest: () => void = () => {}): void {
  const push = body.push.bind(body);
  let [pieces, bytes] = [0, 0];
  body.push = (piece: Buffer | null, encoding?: BufferEncoding) => {
    if (piece === null) return push(null);
    pieces++;
    bytes += piece.length;
    if (bytes < pieces * LARGE_MEAN) rest();
    if (pieces <= MANY_PIECES || bytes >= pieces * SHORTEST_MEAN) return push(piece, encoding);
    if (!body.destroyed) body.destroy(tooSmall());
    return false;
  };
}

function tooSmall(): ProbeFailure {
  return new ProbeFailure(
    'unexpected_response',
    `the body comes in more than ${MANY_PIECES} pieces of less than ${SHORTEST_MEAN} bytes each`,
  );
}
