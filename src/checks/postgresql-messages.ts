import { unexpected } from './talk.ts';

/** Source of all that follows: PostgreSQL documentation, "Frontend/Backend Protocol", sections "Message Flow" and "Message Formats". */
export const SSL_REQUEST = Buffer.from('0000000804d2162f', 'hex');
export const GSSENC_REQUEST = Buffer.from('0000000804d21630', 'hex');
export const TERMINATE = Buffer.from('5800000004', 'hex');

/** One message of the server: its type's letter, and its body without the length. */
export type Message = { readonly type: string; readonly body: Buffer };

/** What an ErrorResponse says. `sqlstate` is '' where there is none: an old-style message. */
export type ServerError = { readonly sqlstate: string; readonly message: string };

/** What a server may say between the StartupMessage and its first ReadyForQuery. */
const TYPES = new Set('REvSNKZ');
/** libpq takes no longer message for one of these types either, bytes. */
const LONGEST = 30_000;
const LONGEST_OLD_ERROR = 1000;

/** Asks for a session. `parameters` in the order in which they go out; names and values without NUL. */
export function startupMessage(parameters: Readonly<Record<string, string>>): Buffer {
  const pairs = Object.entries(parameters).map(([name, value]) => `${name}\0${value}\0`);
  const body = Buffer.from(`${pairs.join('')}\0`);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(head.length + body.length, 0);
  head.writeUInt32BE(0x0003_0000, 4);
  return Buffer.concat([head, body]);
}

/** Reads one message; undefined until it is whole. Throws ProbeFailure when PostgreSQL would not say that. */
export function readMessage(unread: Buffer): { used: number; value: Message } | undefined {
  if (unread.length === 0) return undefined;
  const type = String.fromCharCode(unread.readUInt8(0));
  if (!TYPES.has(type)) throw unexpected('an answer of PostgreSQL', unread);
  if (unread.length < 5) return undefined;
  const length = unread.readUInt32BE(1);
  if (type === 'E' && length > LONGEST) return readOldError(unread);
  if (length < 4 || length > LONGEST) throw unexpected('an answer of PostgreSQL', unread);
  const used = 1 + length;
  return unread.length < used ? undefined : { used, value: { type, body: unread.subarray(5, used) } };
}

/** A postmaster that cannot start a process says so without a length: E, text, NUL. */
function readOldError(unread: Buffer): { used: number; value: Message } | undefined {
  const end = unread.indexOf(0);
  if (end > LONGEST_OLD_ERROR || (end < 0 && unread.length > LONGEST_OLD_ERROR))
    throw unexpected('an answer of PostgreSQL', unread);
  if (end < 0) return undefined;
  return { used: end + 1, value: { type: 'E', body: Buffer.concat([Buffer.from('M'), unread.subarray(1, end + 1)]) } };
}

/** Reads the body of an ErrorResponse: fields of a letter and a text each, ended by NUL. */
export function readError(body: Buffer): ServerError {
  const fields = new Map<string, string>();
  for (const field of body.toString('utf8').split('\0')) fields.set(field.slice(0, 1), field.slice(1));
  return { sqlstate: fields.get('C') ?? '', message: fields.get('M') ?? '' };
}

/** Reads the body of an Authentication message: 0 when the session is open, anything else asks for credentials. */
export function readAuthentication(body: Buffer): number {
  if (body.length < 4) throw unexpected('a kind of authentication', body);
  return body.readUInt32BE(0);
}

/** Reads the body of a ParameterStatus message. */
export function readParameter(body: Buffer): { readonly name: string; readonly value: string } {
  const [name = '', value = ''] = body.toString('utf8').split('\0');
  return { name, value };
}
