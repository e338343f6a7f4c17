import { ProbeFailure } from '../core/reason.ts';
import { type BsonFields, readBson } from './bson.ts';
import type { Check } from './check.ts';
import { NO_OPTIONS } from './no-options.ts';
import { quote, type Talk, unavailable, unexpected } from './talk.ts';

const OP_MSG = 2013;
/** Length, request, response to, opcode; then flags and the kind of the first section. */
const HEADER = 16;
const BODY = HEADER + 5;
const CHECKSUM_PRESENT = 1;
const CHECKSUM = 4;
/** The greatest replica set, 50 members, needs some 5000 bytes. */
const LONGEST = 48 * 1024;

const UNAUTHORIZED = 13;
const AUTHENTICATION_FAILED = 18;
const COMMAND_NOT_FOUND = 59;

/**
 * MongoDB, and whatever speaks its protocol. `hello` is allowed before any authentication; without a `client` document it adds no line to
 * the log, and with 0 in "response to" nobody takes it for TLS. Nothing in the reply names the server's version. Source: MongoDB, "Wire
 * Protocol" (OP_MSG), command "hello".
 */
export const mongodb: Check<Record<string, never>> = {
  name: 'mongodb',
  ports: [27017],
  summary: '`hello` is answered, and the server is primary, secondary, arbiter, standalone or mongos',
  tls: { direct: true },
  options: NO_OPTIONS,
  async run(talk) {
    const reply = await ask(talk, 'hello', 1);
    // Servers of before 2021 know it by its old name only.
    if (reply.get('code') === COMMAND_NOT_FOUND) judge(talk, await ask(talk, 'isMaster', 2));
    else judge(talk, reply);
  },
};

async function ask(talk: Talk, command: string, id: number): Promise<BsonFields> {
  talk.send(request(command, id));
  const header = await talk.read(HEADER);
  const size = header.readInt32LE();
  if (size <= BODY || size > LONGEST || header.readInt32LE(8) !== id || header.readInt32LE(12) !== OP_MSG)
    throw unexpected(`a reply of MongoDB to ${command}`, header);
  const message = await talk.read(size - HEADER);
  const fields = readReply(message);
  if (fields === undefined) throw unexpected(`a document in reply to ${command}`, message);
  return fields;
}

/** OP_MSG with one section, a document such as `{hello: 1, $db: "admin"}`. */
function request(command: string, id: number): Buffer {
  const document = Buffer.from(`....\x10${command}\0\x01\0\0\0\x02$db\0\x06\0\0\0admin\0\0`);
  document.writeInt32LE(document.length);
  const head = Buffer.alloc(BODY);
  head.writeInt32LE(BODY + document.length);
  head.writeInt32LE(id, 4);
  head.writeInt32LE(OP_MSG, 12);
  return Buffer.concat([head, document]);
}

/** The document of a message without its header; undefined when there is not exactly one. */
function readReply(message: Buffer): BsonFields | undefined {
  const flags = message.readUInt32LE();
  const kind = message[4];
  if (kind !== 0 || (flags & ~CHECKSUM_PRESENT) !== 0) return undefined;
  return readBson(message.subarray(5, flags === CHECKSUM_PRESENT ? -CHECKSUM : undefined));
}

function judge(talk: Talk, reply: BsonFields): void {
  const ok = reply.get('ok');
  if (ok !== 1 && ok !== true) {
    judgeError(talk, reply);
    return;
  }
  const state = stateOf(reply);
  if (state === undefined) throw notServing(reply);
  talk.knows({ state });
}

/** Errors are the server's word on itself, such as 91 (it shuts down) and 11600 (interrupted by that). */
function judgeError(talk: Talk, reply: BsonFields): void {
  const [code, text] = [reply.get('code'), reply.get('errmsg')];
  if (reply.get('ok') === undefined || typeof code !== 'number')
    throw new ProbeFailure('unexpected_response', NO_STATE);
  if (code !== UNAUTHORIZED && code !== AUTHENTICATION_FAILED)
    throw unavailable(typeof text === 'string' ? text : `error ${code}`);
  talk.knows({ state: 'auth_required' });
}

const NO_STATE = 'the reply to hello says neither what the server is nor what is wrong';

function stateOf(reply: BsonFields): string | undefined {
  if (reply.get('msg') === 'isdbgrid') return 'mongos';
  if (reply.get('isWritablePrimary') === true || reply.get('ismaster') === true)
    return reply.has('setName') ? 'primary' : 'standalone';
  if (reply.get('secondary') === true) return 'secondary';
  return reply.get('arbiterOnly') === true ? 'arbiter' : undefined;
}

/** Neither serves nor votes: starting up, recovering, rolled back, removed from its set, or without a configuration. */
function notServing(reply: BsonFields): ProbeFailure {
  const [info, set] = [reply.get('info'), reply.get('setName')];
  if (typeof info === 'string') return unavailable(info);
  if (!reply.has('secondary')) return new ProbeFailure('unexpected_response', NO_STATE);
  const of = typeof set === 'string' ? ` of replica set ${quote(set)}` : '';
  return new ProbeFailure('service_unavailable', `neither primary nor secondary${of}: starting up or recovering`);
}
