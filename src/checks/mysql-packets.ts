import { unexpected } from './talk.ts';

/** Capabilities that both sides tell each other. Source: MySQL Internals, "Capabilities Flags". */
export const CLIENT = {
  LONG_PASSWORD: 0x0000_0001,
  PROTOCOL_41: 0x0000_0200,
  SSL: 0x0000_0800,
  TRANSACTIONS: 0x0000_2000,
  SECURE_CONNECTION: 0x0000_8000,
  PLUGIN_AUTH: 0x0008_0000,
} as const;

/** COM_QUIT. Source: MySQL Internals, "Command Phase". */
export const QUIT = Buffer.from('0100000001', 'hex');

/** What the server says first: itself, what it can, and how it would like accounts to prove themselves ('' when it does not say). */
export type Greeting = { readonly version: string; readonly capabilities: number; readonly plugin: string };

/** What an ERR packet says. */
export type ServerError = { readonly code: number; readonly message: string };

/** The first answers of a server are far shorter, bytes. */
const LONGEST = 16_384;
const PROTOCOL_10 = 0x0a;
const ERR = 0xff;
const MOST_PACKET = 1 << 24;
/** utf8mb4_general_ci, known to every server since 5.5. */
const CHARSET = 45;
/** MariaDB before 11 puts this before its version, for replicas that know no version above 5. */
const REPLICATION_PREFIX = '5.5.5-';

/** A packet that is sent. `sequence` counts the packets of one exchange, both ways. */
export function packet(sequence: number, body: Uint8Array): Buffer {
  const head = Buffer.alloc(4);
  head.writeUIntLE(body.length, 0, 3);
  head.writeUInt8(sequence & 0xff, 3);
  return Buffer.concat([head, body]);
}

/** Reads the body of the packet that is due; undefined until it is whole. Throws ProbeFailure when MySQL would not say that. */
export function readPacket(sequence: number): (unread: Buffer) => { used: number; value: Buffer } | undefined {
  return (unread) => {
    if (unread.length < 4) return undefined;
    const length = unread.readUIntLE(0, 3);
    if (length < 1 || length > LONGEST || unread.readUInt8(3) !== (sequence & 0xff))
      throw unexpected('a packet of MySQL', unread);
    const used = 4 + length;
    return unread.length < used ? undefined : { used, value: unread.subarray(4, used) };
  };
}

/** Reads a greeting, HandshakeV10. Source: MySQL Internals, "Protocol::HandshakeV10". */
export function readGreeting(body: Buffer): Greeting {
  const end = body.indexOf(0, 1);
  /** Thread, salt and filler are passed over. */
  const at = end + 1 + 4 + 8 + 1;
  if (body[0] !== PROTOCOL_10 || end < 0 || body.length < at + 2) throw unexpected('the greeting of MySQL', body);
  const said = body.toString('latin1', 1, end);
  const version = said.startsWith(REPLICATION_PREFIX) ? said.slice(REPLICATION_PREFIX.length) : said;
  const low = body.readUInt16LE(at);
  if (body.length < at + 8) return { version, capabilities: low, plugin: '' };
  const capabilities = (body.readUInt16LE(at + 5) * 0x1_0000 + low) >>> 0;
  const restOfSalt = Math.max(13, body.readUInt8(at + 7) - 8);
  return { version, capabilities, plugin: readName(body, at + 18 + restOfSalt) };
}

/** Reads an ERR packet, with SQLSTATE or, before the login, without. undefined when it is none. */
export function readError(body: Buffer): ServerError | undefined {
  if (body[0] !== ERR || body.length < 3) return undefined;
  const hasState = body[3] === 0x23;
  return { code: body.readUInt16LE(1), message: body.toString('utf8', hasState ? 9 : 3) };
}

/** Reads which plugin an AuthSwitchRequest asks for. */
export function readSwitch(body: Buffer): string {
  return readName(body, 1);
}

/** Asks to go on in TLS, with the sequence 1. */
export function sslRequest(greeting: Greeting): Buffer {
  return packet(1, loginHead(capabilitiesFor(greeting) | CLIENT.SSL));
}

/** Logs in without a password. */
export function login(sequence: number, greeting: Greeting, user: string): Buffer {
  const capabilities = capabilitiesFor(greeting) | (sequence > 1 ? CLIENT.SSL : 0);
  const plugin = (capabilities & CLIENT.PLUGIN_AUTH) === 0 ? '' : `${greeting.plugin}\0`;
  return packet(sequence, Buffer.concat([loginHead(capabilities), Buffer.from(`${user}\0\0${plugin}`)]));
}

function capabilitiesFor(greeting: Greeting): number {
  const { LONG_PASSWORD, PROTOCOL_41, TRANSACTIONS, SECURE_CONNECTION, PLUGIN_AUTH } = CLIENT;
  return LONG_PASSWORD | PROTOCOL_41 | TRANSACTIONS | SECURE_CONNECTION | (greeting.capabilities & PLUGIN_AUTH);
}

function loginHead(capabilities: number): Buffer {
  const head = Buffer.alloc(32);
  head.writeUInt32LE(capabilities, 0);
  head.writeUInt32LE(MOST_PACKET, 4);
  head.writeUInt8(CHARSET, 8);
  return head;
}

function readName(body: Buffer, from: number): string {
  if (from >= body.length) return '';
  const end = body.indexOf(0, from);
  return body.toString('latin1', from, end < 0 ? body.length : end);
}
