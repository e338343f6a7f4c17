import { z } from 'zod';
import { ProbeFailure } from '../core/reason.ts';
import type { Check } from './check.ts';
import {
  CLIENT,
  type Greeting,
  login,
  packet,
  QUIT,
  readError,
  readGreeting,
  readPacket,
  readSwitch,
  type ServerError,
  sslRequest,
} from './mysql-packets.ts';
import { type Talk, unavailable, unexpected } from './talk.ts';

/** Who logs in, unless told: an account that does not exist. */
const NOBODY = 'port_exporter';
/** More rounds than any way to log in without a password takes. */
const MOST_ROUNDS = 5;
/** More names would look like a search for accounts. */
const MOST_NOBODIES = 10;
const BAD_HANDSHAKE = 1043;
const TLS_REQUIRED = 3159;
/** How the answers to a login begin. Source: MySQL Internals, "Authentication Phase". */
const OK = 0x00;
const MORE = 0x01;
const SWITCH = 0xfe;
const FAST_AUTH_OK = 3;
const NOTHING = Buffer.alloc(0);
/** An answer of another length is taken for a broken handshake, and held against the host. */
const NO_SIGNATURE = Buffer.alloc(64);
/**
 * Ways to log in that deny an empty answer without holding it against the host or logging more than that. Whom a server asks in another
 * way is not the next probe's user: MySQL 9 draws one at random for each name of nobody, and logs sha256_password as deprecated.
 */
const HARMLESS = new Set(['mysql_native_password', 'caching_sha2_password', 'client_ed25519']);
/**
 * Refusals that are about the account, by a server that is well: no rights to a database, access denied, unknown database, plugin not
 * loaded, access denied without a password, password expired, account locked (MySQL), TLS required, account locked (MariaDB).
 * Source: MySQL Error Message Reference; MariaDB Error Codes.
 */
const REFUSALS = new Set([1044, 1045, 1049, 1524, 1698, 1862, 3118, TLS_REQUIRED, 4151]);

type Options = { readonly user?: string | undefined };

/** How many names were asked for credentials in a way that is not harmless. */
type Remembered = { readonly nobody: number };

const userError = ({ input }: { input?: unknown }) =>
  `must be the name of an account without a password, 1 to 80 characters, not ${JSON.stringify(input)}`;

/**
 * MySQL and its kin (MariaDB, Percona Server). A connection that ends before its login has been decided counts against the client's host,
 * which is blocked after max_connect_errors of them; so the login is always brought to its end. Source: MySQL Internals, "Connection
 * Phase"; MySQL Reference Manual, "DNS Lookups and the Host Cache".
 */
export const mysql: Check<Options> = {
  name: 'mysql',
  ports: [3306],
  summary: 'the greeting is answered by a login without a password; that it is allowed or denied proves the service',
  tls: { starttls: true },
  options: z.strictObject({
    user: z
      .string({ error: userError })
      .refine((text) => text !== '' && text.length <= 80 && !text.includes('\0'), { error: userError })
      .optional(),
  }),
  advice: ({ user }) =>
    user === undefined
      ? "without options.user the server logs each probe as an access denied, and fail2ban's mysqld-auth counts it: CREATE USER 'port_exporter'@'<host of the exporter>' without password and rights, and name it in options.user"
      : undefined,
  punishesSilence: true,
  // That a login was answered in a way that the server holds against us is learnt from failures.
  remembersThroughFailures: true,
  async run(talk, options) {
    const body = await talk.take(readPacket(0));
    const refused = readError(body);
    if (refused !== undefined) throw refusal(refused);
    const greeting = readGreeting(body);
    talk.knows({ version: greeting.version });
    const isOffered = (greeting.capabilities & CLIENT.SSL) !== 0;
    const wantsTls = talk.tls === 'wanted' || talk.tls === 'if offered';
    if (wantsTls && isOffered) await logInWithTls(talk, greeting, options);
    else await logIn(talk, greeting, options, 1);
    if (talk.tls === 'wanted') throw new ProbeFailure('tls_handshake_failed', 'the server does not offer TLS');
  },
};

/** A certificate that will not do does not end the login: the server would hold that against us. */
async function logInWithTls(talk: Talk, greeting: Greeting, options: Options): Promise<void> {
  talk.send(sslRequest(greeting));
  try {
    await talk.startTls();
  } catch (error) {
    if (error instanceof ProbeFailure && isOfCertificate(error)) {
      // Should the login take too long, the certificate is still what was found first.
      talk.doubt = error;
      await logIn(talk, greeting, options, 2).catch(() => undefined);
    }
    throw error;
  }
  await logIn(talk, greeting, options, 2);
}

/** Whether TLS stands, and only its certificate will not do. */
function isOfCertificate(error: ProbeFailure): boolean {
  return error.reason.startsWith('tls_certificate_') || error.reason === 'tls_hostname_mismatch';
}

/** Logs in without credentials, until the server has decided. */
async function logIn(talk: Talk, greeting: Greeting, options: Options, first: number): Promise<void> {
  const { nobody = 0 } = (talk.memory.value ?? {}) as Partial<Remembered>;
  talk.send(login(first, greeting, userOf(options, nobody)));
  let sequence = first + 1;
  let answer: Buffer = NOTHING;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const body = await talk.take(readPacket(sequence));
    sequence += 1;
    if (isDecided(talk, body)) {
      if (body[0] === OK) talk.memory.value = { nobody } satisfies Remembered;
      return;
    }
    if (body[0] === SWITCH) answer = answerTo(talk, readSwitch(body), nobody);
    if (body[0] === MORE && body[1] === FAST_AUTH_OK) continue;
    talk.send(packet(sequence, answer));
    sequence += 1;
  }
  throw unexpected('a decision on the login', 'more questions');
}

function userOf({ user = NOBODY }: Options, nobody: number): string {
  return nobody === 0 ? user : `${NOBODY}_${nobody}`;
}

/** What to answer to this way of asking for credentials; where that is not harmless, the next probe is another nobody, unless we may come in. */
function answerTo(talk: Talk, plugin: string, nobody: number): Buffer {
  if (!HARMLESS.has(plugin)) talk.memory.value = { nobody: Math.min(nobody + 1, MOST_NOBODIES) } satisfies Remembered;
  return plugin === 'client_ed25519' ? NO_SIGNATURE : NOTHING;
}

/** Whether the server has decided; fails when not in our favour or about our account. */
function isDecided(talk: Talk, body: Buffer): boolean {
  if (body[0] === OK) {
    talk.farewell = QUIT;
    return true;
  }
  const error = readError(body);
  if (error !== undefined) {
    if (!REFUSALS.has(error.code)) throw refusal(error);
    talk.knows({ state: error.code === TLS_REQUIRED ? 'tls_required' : 'auth_required' });
    return true;
  }
  if (body[0] !== SWITCH && body[0] !== MORE) throw unexpected('an answer to the login', body);
  return false;
}

function refusal({ code, message }: ServerError): Error {
  const said = `${message} (error ${code})`;
  return code === BAD_HANDSHAKE ? unexpected('an answer to the login', said) : unavailable(said);
}
