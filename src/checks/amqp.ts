import { z } from 'zod';
import { parseStart } from './amqp-start.ts';
import type { Check } from './check.ts';
import { type Talk, unexpected } from './talk.ts';

/** Protocol header of AMQP 0-9-1. */
const HEADER = Buffer.from('AMQP\x00\x00\x09\x01', 'latin1');
/** How long a server that has greeted is only hung up on before it is asked again, ms. */
const ASK_AGAIN_MS = 600_000;
/** A proxy without a server behind it hangs up at once: so long the connection must stay, ms. */
const STAYS_MS = 50;

const DEPTHS = ['quiet', 'greeting'] as const;

const OPTIONS = z.strictObject({
  /** `greeting`: ask for the greeting each time. `quiet`: never. Absent: at first, after each failure, and every ten minutes. */
  depth: z.enum(DEPTHS, { error: 'must be "quiet" or "greeting"' }).optional(),
});

type Options = z.infer<typeof OPTIONS>;

/** The greeting is known, and how long it will do, monotonic ms. */
type Remembered = { readonly version: string | undefined; readonly until: number };

/**
 * RabbitMQ and its kin. Whoever takes the greeting and leaves without a password is logged by RabbitMQ with one line of level info and two
 * of level warning. So it is asked for the greeting at first, after each failure, and every ten minutes; in between we hang up without a
 * word, which leaves no line, and wait for the server to hang up too: a server that hangs does not. Such a probe takes 50 ms longer, and
 * the version is the one of the last greeting.
 * Source: AMQP 0-9-1, 2.2.4 and 4.2.2; connection.start in the XML of the protocol.
 */
export const amqp: Check<Options> = {
  name: 'amqp',
  ports: [5672],
  summary:
    'the protocol header of AMQP 0-9-1 is answered by `Connection.Start`; in between, for ten minutes, the server only has to hang up when we do',
  tls: { direct: true },
  options: OPTIONS,
  run,
};

/** The same in TLS. */
export const amqps: Check<Options> = {
  ...amqp,
  name: 'amqps',
  ports: [5671],
  tls: { direct: true, unasked: 'direct' },
};

async function run(talk: Talk, { depth }: Options): Promise<void> {
  const remembered = talk.memory.value as Remembered | undefined;
  // Whatever goes wrong now, next time it is asked.
  talk.memory.value = undefined;
  const isKnown = remembered !== undefined && talk.now() < remembered.until;
  if (depth === 'quiet' || (depth === undefined && isKnown)) {
    await hangUp(talk);
    if (remembered?.version !== undefined) talk.knows({ version: remembered.version });
    talk.memory.value = remembered;
    return;
  }
  talk.send(HEADER);
  const version = await talk.take(parseStart);
  if (version !== undefined) talk.knows({ version });
  talk.memory.value = { version, until: talk.now() + ASK_AGAIN_MS } satisfies Remembered;
}

async function hangUp(talk: Talk): Promise<void> {
  const said = await talk.takeWithin(STAYS_MS, (unread) =>
    unread.length > 0 ? { used: unread.length, value: unread } : undefined,
  );
  if (said !== undefined) throw unexpected('silence until the protocol header', said);
  await talk.hangUp();
}
