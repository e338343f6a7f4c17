import type { Check } from './check.ts';
import { NO_OPTIONS } from './no-options.ts';
import { unavailable, unexpected } from './talk.ts';

/** How long a server that wants a password is only greeted by its goodbye before it is asked again, ms. */
const ASK_AGAIN_MS = 3_600_000;

/** Until when not to ask, monotonic ms: a server with a password counts every PING as an error. */
type Remembered = { readonly quietUntil: number };

/** Redis and its kin (Valkey, KeyDB). Source: Redis protocol specification; commands PING and QUIT. */
export const redis: Check<Record<string, never>> = {
  name: 'redis',
  ports: [6379],
  summary: '`PING` is answered `+PONG`; where a password is required, `QUIT` is answered `+OK`',
  tls: { direct: true },
  options: NO_OPTIONS,
  async run(talk) {
    const { quietUntil = 0 } = (talk.memory.value ?? {}) as Partial<Remembered>;
    if (talk.now() < quietUntil) {
      talk.send('QUIT\r\n');
      talk.knows({ state: 'auth_required' });
      const reply = await talk.line();
      if (reply !== '+OK') throw judge(reply);
      return;
    }
    talk.send('PING\r\n');
    const reply = await talk.line();
    talk.farewell = 'QUIT\r\n';
    if (reply === '+PONG') return;
    if (!isLocked(reply)) throw judge(reply);
    talk.knows({ state: 'auth_required' });
    talk.memory.value = { quietUntil: talk.now() + ASK_AGAIN_MS } satisfies Remembered;
  },
};

/** Able, and for others than us. */
function isLocked(reply: string): boolean {
  return reply.startsWith('-NOAUTH') || reply.startsWith('-NOPERM');
}

function judge(reply: string): Error {
  return reply.startsWith('-') ? unavailable(reply.slice(1)) : unexpected('+PONG', reply);
}
