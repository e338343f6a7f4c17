import { ProbeFailure } from '../core/reason.ts';
import { classify, describe } from './classify.ts';

export const HUNG_UP: ProbeFailure = new ProbeFailure('closed_early', 'the peer hung up before it had answered');

/** A server closes with these when it goes away, restarts, or has too much to do. RFC 6455, section 7.4.1; IANA's registry. */
const NOT_ABLE = [1001, 1012, 1013];
/** Not said by anybody: no code in the close frame, and no close frame. */
const NO_CODE = 1005;
const NO_CLOSE_FRAME = 1006;
const SWITCHING_PROTOCOLS = 101;
const LONGEST_WORDS = 123;

/** Why there will be no more messages, by what the peer said when it closed. */
export function closedWith(code: number, words: Buffer): ProbeFailure {
  if (code === NO_CLOSE_FRAME) return HUNG_UP;
  const said = code === NO_CODE ? '' : ` with ${code} ${JSON.stringify(printable(words))}`;
  return new ProbeFailure(
    NOT_ABLE.includes(code) ? 'service_unavailable' : 'closed_early',
    `the peer closed the WebSocket${said}`,
  );
}

/** The reason of an error of the socket, of HTTP, or of the library. `status`: of the answer, if there was one. */
export function explained(error: Error, status: number | undefined): ProbeFailure {
  if (error instanceof ProbeFailure) return error;
  const { code, syscall } = error as NodeJS.ErrnoException;
  // Node says of a FIN instead of an answer that it was a reset; a real one names the call.
  if (code === 'ECONNRESET' && syscall === undefined) return HUNG_UP;
  if (code?.startsWith('HPE_'))
    return new ProbeFailure('unexpected_response', `the answer is not HTTP: ${describe(error)}`, { cause: error });
  // What the library finds in the headers of a 101 has no code.
  const isBadUpgrade = code === undefined && status === SWITCHING_PROTOCOLS;
  if (isBadUpgrade || code?.startsWith('WS_ERR_'))
    return new ProbeFailure('unexpected_response', `the server breaks the rules of WebSocket: ${describe(error)}`, {
      cause: error,
    });
  return new ProbeFailure(classify(error, 'handshake'), describe(error), { cause: error });
}

function printable(words: Buffer): string {
  return words
    .toString('utf8', 0, LONGEST_WORDS)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
}
