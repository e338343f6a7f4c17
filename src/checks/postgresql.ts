import { z } from 'zod';
import { ProbeFailure } from '../core/reason.ts';
import type { Check } from './check.ts';
import {
  GSSENC_REQUEST,
  type Message,
  readAuthentication,
  readError,
  readMessage,
  readParameter,
  type ServerError,
  SSL_REQUEST,
  startupMessage,
  TERMINATE,
} from './postgresql-messages.ts';
import { type Talk, unavailable, unexpected } from './talk.ts';

/** Who asks, unless told: an account that need not exist. */
const NOBODY = 'port_exporter';
/** How long a server that refuses the session is only asked for encryption, which it does not log, before it is asked again, ms. */
const ASK_AGAIN_MS = 3_600_000;
/**
 * A parameter that every PostgreSQL takes in a StartupMessage and that PgBouncer refuses by name unless told to ignore it. PgBouncer logs
 * every StartupMessage, and nothing else tells it from PostgreSQL.
 */
const TELLTALE = 'statement_timeout';
/** This client or account is refused, by a server that is well: invalid authorization or password, no such database, no right to it. */
const REFUSALS = new Set(['28000', '28P01', '3D000', '42501']);
const NO_SUCH_PROTOCOL = '0A000';

type Options = {
  readonly user: string;
  readonly database?: string | undefined;
  readonly depth: (typeof DEPTHS)[number];
};

/** Until when not to ask for a session, monotonic ms, and the state that was found. */
type Remembered = { readonly quietUntil: number; readonly state: string };

const DEPTHS = ['auto', 'startup', 'encryption'] as const;

const identifier = (what: string) => {
  const error = ({ input }: { input?: unknown }) =>
    `must be the name of ${what}, 1 to 63 characters, not ${JSON.stringify(input)}`;
  return z.string({ error }).refine((text) => text !== '' && text.length <= 63 && !text.includes('\0'), { error });
};

/** PostgreSQL and its poolers, version 3 of the protocol. Source: PostgreSQL documentation, "Frontend/Backend Protocol". */
export const postgresql: Check<Options> = {
  name: 'postgresql',
  ports: [5432],
  summary:
    'a StartupMessage is answered by a request to authenticate, or by a session; a server that refuses this client is asked for encryption instead, which it answers and does not log',
  tls: { starttls: true, unasked: 'offered' },
  options: z.strictObject({
    user: identifier('an account, which need not exist').default(NOBODY),
    database: identifier('a database').optional(),
    depth: z
      .enum(DEPTHS, { error: ({ input }) => `must be auto, startup or encryption, not ${JSON.stringify(input)}` })
      .default('auto'),
  }),
  async run(talk, options) {
    const { quietUntil = 0, state } = (talk.memory.value ?? {}) as Partial<Remembered>;
    const isQuiet = options.depth === 'auto' && talk.now() < quietUntil;
    if (isQuiet && state !== undefined) talk.knows({ state });
    const isAnswered = talk.tls !== 'no' && (await askForTls(talk));
    if (!isQuiet && options.depth !== 'encryption') await askForSession(talk, options);
    else if (!isAnswered) await askForGssEncryption(talk);
  },
};

/** Changes to TLS where that is offered; whether the server has answered. */
async function askForTls(talk: Talk): Promise<boolean> {
  if (talk.tls === 'in tls') return false;
  talk.send(SSL_REQUEST);
  const answer = await readLetter(talk, 'SNE');
  if (answer === 'E') throw refusal(await readRefusal(talk));
  if (answer === 'S') await talk.startTls();
  else if (talk.tls === 'wanted') throw new ProbeFailure('tls_handshake_failed', 'the server does not offer TLS');
  return true;
}

/** An answer is proof, whichever it is: before version 12 of PostgreSQL that this protocol is not known. */
async function askForGssEncryption(talk: Talk): Promise<void> {
  talk.send(GSSENC_REQUEST);
  if ((await readLetter(talk, 'GNE')) !== 'E') return;
  const error = await readRefusal(talk);
  if (error.sqlstate !== NO_SUCH_PROTOCOL) throw refusal(error);
}

/** The letter that answers a request for encryption: alone, or E, which begins a message and stays unread. */
function readLetter(talk: Talk, letters: string): Promise<string> {
  return talk.take((unread) => {
    if (unread.length === 0) return undefined;
    const letter = String.fromCharCode(unread.readUInt8(0));
    const isAlone = unread.length === 1 || letter === 'E';
    if (!letters.includes(letter) || !isAlone) throw unexpected(`one of ${[...letters].join(', ')}`, unread);
    return { used: letter === 'E' ? 0 : 1, value: letter };
  });
}

async function readRefusal(talk: Talk): Promise<ServerError> {
  return readError((await talk.take(readMessage)).body);
}

async function askForSession(talk: Talk, { user, database = user, depth }: Options): Promise<void> {
  const telltale = depth === 'auto' ? { [TELLTALE]: '10000' } : {};
  talk.send(startupMessage({ user, database, application_name: 'port_exporter', ...telltale }));
  const first = await nextOf(talk, 'RE');
  if (first.type === 'E') return settleFor(talk, readError(first.body), false);
  if (readAuthentication(first.body) !== 0) return talk.knows({ state: 'auth_required' });
  talk.farewell = TERMINATE;
  for (;;) {
    const { type, body } = await nextOf(talk, 'SEZ');
    if (type === 'Z') return;
    if (type === 'S') noteParameter(talk, body);
    if (type !== 'E') continue;
    talk.farewell = undefined;
    return settleFor(talk, readError(body), true);
  }
}

/** The next message of these types. Others that a server may send unasked are passed over; the rest would be out of turn. */
async function nextOf(talk: Talk, types: string): Promise<Message> {
  for (;;) {
    const message = await talk.take(readMessage);
    if (types.includes(message.type)) return message;
    if (!'vNK'.includes(message.type)) throw unexpected(`a message of type ${[...types].join(', ')}`, message.type);
  }
}

function noteParameter(talk: Talk, body: Buffer): void {
  const { name, value } = readParameter(body);
  if (name === 'server_version') talk.knows({ version: value });
  if (name === 'in_hot_standby') talk.knows({ state: value === 'on' ? 'secondary' : 'primary' });
}

/** A refusal that is about us is an answer, and one that the server logs: it is not asked for again soon. */
function settleFor(talk: Talk, error: ServerError, isOpen: boolean): void {
  const state = stateOf(error, isOpen);
  if (state === undefined) throw refusal(error);
  talk.knows({ state });
  talk.memory.value = { quietUntil: talk.now() + ASK_AGAIN_MS, state } satisfies Remembered;
}

function stateOf({ sqlstate, message }: ServerError, isOpen: boolean): string | undefined {
  if (!isOpen && message.includes(TELLTALE)) return 'pooler';
  if (!REFUSALS.has(sqlstate)) return undefined;
  return sqlstate === '28000' && !isOpen ? 'host_not_allowed' : 'auth_required';
}

function refusal({ sqlstate, message }: ServerError): Error {
  return unavailable(sqlstate === '' ? message : `${message} (SQLSTATE ${sqlstate})`);
}
