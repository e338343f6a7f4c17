import type { Check } from './check.ts';
import { NO_OPTIONS } from './no-options.ts';
import { type Talk, unavailable, unexpected } from './talk.ts';

/** How long a server that wants a password is only told goodbye before it is asked again, ms. */
const ASK_AGAIN_MS = 3_600_000;

/** Until when not to ask, monotonic ms: a server with a password counts every PING as an error. */
type Remembered = { readonly quietUntil: number };

/**
 * Redis and its kin (Valkey, KeyDB). PING names no version. Source: Redis, "Redis serialization protocol specification" (inline commands,
 * errors), commands PING and QUIT.
 */
export const redis: Check<Record<string, never>> = {
  name: 'redis',
  ports: [6379],
  summary: '`PING` is answered `+PONG`; where a password is required, `QUIT` is answered `+OK`',
  tls: { direct: true },
  options: NO_OPTIONS,
  async run(talk) {
    const { quietUntil = 0 } = (talk.memory.value ?? {}) as Partial<Remembered>;
    if (talk.now() < quietUntil) await leaveAtOnce(talk, quietUntil);
    else await ask(talk);
  },
};

async function ask(talk: Talk): Promise<void> {
  talk.send('PING\r\n');
  const reply = await talk.line();
  talk.farewell = 'QUIT\r\n';
  if (reply === '+PONG') return;
  if (!isLocked(reply)) throw judge('+PONG', reply);
  talk.knows({ state: 'auth_required' });
  talk.memory.value = { quietUntil: talk.now() + ASK_AGAIN_MS } satisfies Remembered;
}

/**
 * QUIT is allowed to everybody and no error. Answered +OK it shows that commands are served, not that the data is loaded: whatever else
 * happens, the next probe asks.
 */
async function leaveAtOnce(talk: Talk, quietUntil: number): Promise<void> {
  talk.memory.value = undefined;
  talk.send('QUIT\r\n');
  const reply = await talk.line();
  if (reply !== '+OK') throw judge('+OK', reply);
  talk.knows({ state: 'auth_required' });
  talk.memory.value = { quietUntil } satisfies Remembered;
}

/** Able, and for others than us. */
function isLocked(reply: string): boolean {
  return reply.startsWith('-NOAUTH') || reply.startsWith('-NOPERM');
}

/** Errors are the server's word on itself: LOADING, MASTERDOWN, BUSY, MISCONF, DENIED, too many clients. */
function judge(expected: string, reply: string): Error {
  return reply.startsWith('-') ? unavailable(reply.slice(1)) : unexpected(expected, reply);
}
