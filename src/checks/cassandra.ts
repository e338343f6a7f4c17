import { ProbeFailure } from '../core/reason.ts';
import type { Check } from './check.ts';
import { NO_OPTIONS } from './no-options.ts';
import { quote, type Talk, unavailable, unexpected } from './talk.ts';

/** Every Cassandra since 2.2 speaks it, and every Scylla. */
const VERSION = 4;
const OPTIONS = Buffer.from([VERSION, 0, 0, 0, 0x05, 0, 0, 0, 0]);

const RESPONSE = 0x80;
const ERROR = 0x00;
const SUPPORTED = 0x06;
/** Compression, tracing, payload, warnings: nothing that was asked for. */
const UNASKED_FLAGS = 0x0f;
const LONGEST = 16 * 1024;

const SERVER_ERROR = 0x0000;
const PROTOCOL_ERROR = 0x000a;
const BAD_CREDENTIALS = 0x0100;
const OVERLOADED = 0x1001;
const IS_BOOTSTRAPPING = 0x1002;

/** A frame from the server. Versions below 3 have no more than one byte for the stream. */
type Frame = { readonly version: number; readonly opcode: number; readonly body: Buffer };

/**
 * Cassandra and Scylla. OPTIONS is answered before any authentication and not logged. The version is that of CQL: the protocol does not
 * tell the server's. Source: Apache Cassandra, native_protocol_v4.spec, sections 2, 4.1.3, 4.2.4 and 9; native_protocol_v2.spec.
 */
export const cassandra: Check<Record<string, never>> = {
  name: 'cassandra',
  ports: [9042],
  summary: 'an OPTIONS request is answered `SUPPORTED`',
  tls: { direct: true },
  options: NO_OPTIONS,
  async run(talk) {
    talk.send(OPTIONS);
    const { version, opcode, body } = await readFrame(talk);
    if (opcode === ERROR) judgeError(talk, version, body);
    else judgeSupported(talk, body);
  },
};

async function readFrame(talk: Talk): Promise<Frame> {
  const start = await talk.read(2);
  const [version, flags] = [start.readUInt8() ^ RESPONSE, start.readUInt8(1)];
  if (version === 0 || version > 0x7f || (flags & UNASKED_FLAGS) !== 0) throw unexpected('a frame of Cassandra', start);
  const head = await talk.read(version < 3 ? 6 : 7);
  const [opcode, length] = [head.readUInt8(head.length - 5), head.readUInt32BE(head.length - 4)];
  const isOurs = opcode === ERROR || (opcode === SUPPORTED && version === VERSION && head.readUInt16BE() === 0);
  if (!isOurs || length > LONGEST) throw unexpected('the answer to OPTIONS', Buffer.concat([start, head]));
  return { version, opcode, body: await talk.read(length) };
}

function judgeSupported(talk: Talk, body: Buffer): void {
  const options = readMultimap(body);
  if (options === undefined) throw unexpected('a list of options', body);
  const [version] = options.get('CQL_VERSION') ?? [];
  if (version === undefined) throw unexpected('CQL_VERSION', body);
  talk.knows({ version });
}

/** That it speaks other versions of the protocol only, or wants a password, does not make it less able. */
function judgeError(talk: Talk, version: number, body: Buffer): void {
  const text = body.length < 6 ? undefined : readString(body, 4);
  if (text === undefined || text.end !== body.length) throw unexpected('an error of Cassandra', body);
  const code = body.readUInt32BE();
  if (code === PROTOCOL_ERROR && version !== VERSION) return;
  if (code === BAD_CREDENTIALS) {
    talk.knows({ state: 'auth_required' });
    return;
  }
  if (code === SERVER_ERROR || code === OVERLOADED || code === IS_BOOTSTRAPPING) throw unavailable(text.value);
  const number = code.toString(16).padStart(4, '0');
  throw new ProbeFailure('unexpected_response', `OPTIONS is answered with error 0x${number} ${quote(text.value)}`);
}

/** A "string multimap" that takes all of the bytes; undefined when they are none. */
function readMultimap(bytes: Buffer): ReadonlyMap<string, readonly string[]> | undefined {
  if (bytes.length < 2) return undefined;
  const found = new Map<string, readonly string[]>();
  let at = 2;
  for (let left = bytes.readUInt16BE(); left > 0; left--) {
    const key = readString(bytes, at);
    const values = key && readList(bytes, key.end);
    if (key === undefined || values === undefined) return undefined;
    found.set(key.value, values.value);
    at = values.end;
  }
  return at === bytes.length ? found : undefined;
}

/** A "string list", and where it ends. */
function readList(bytes: Buffer, from: number): { value: readonly string[]; end: number } | undefined {
  if (from + 2 > bytes.length) return undefined;
  const value: string[] = [];
  let end = from + 2;
  for (let left = bytes.readUInt16BE(from); left > 0; left--) {
    const one = readString(bytes, end);
    if (one === undefined) return undefined;
    value.push(one.value);
    end = one.end;
  }
  return { value, end };
}

/** A "string", and where it ends. */
function readString(bytes: Buffer, from: number): { value: string; end: number } | undefined {
  if (from + 2 > bytes.length) return undefined;
  const end = from + 2 + bytes.readUInt16BE(from);
  return end > bytes.length ? undefined : { value: bytes.toString('utf8', from + 2, end), end };
}
