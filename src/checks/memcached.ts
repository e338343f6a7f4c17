import { z } from 'zod';
import type { Check } from './check.ts';
import { quote, type Talk, unavailable, unexpected } from './talk.ts';

const PROTOCOLS = ['ascii', 'binary'] as const;

/** `protocol`: "binary" for a server with SASL (-S) or -B, which says nothing to text; "ascii" unless said otherwise. */
export type MemcachedOptions = { readonly protocol?: (typeof PROTOCOLS)[number] | undefined };

const REQUEST = 0x80;
const RESPONSE = 0x81;
const VERSION = 0x0b;
const HEADER_BYTES = 24;
const LONGEST_BODY = 8192;
const OK = 0;
const AUTH_ERROR = 0x20;
/** Out of memory, internal error, busy, temporary failure. */
const UNABLE = new Set([0x82, 0x84, 0x85, 0x86]);

/**
 * memcached. A server that wants authentication is left without `quit`, as it does not obey that one before either.
 * Source: memcached, doc/protocol.txt and doc/protocol-binary.txt.
 */
export const memcached: Check<MemcachedOptions> = {
  name: 'memcached',
  ports: [11211],
  summary: '`version` is answered `VERSION ...`, or that the client is not authenticated',
  tls: { direct: true },
  options: z.strictObject({
    protocol: z
      .enum(PROTOCOLS, { error: ({ input }) => `must be ascii or binary, not ${quote(String(input))}` })
      .optional(),
  }),
  run: (talk, { protocol }) => (protocol === 'binary' ? askInBinary(talk) : askInText(talk)),
};

async function askInText(talk: Talk): Promise<void> {
  talk.send('version\r\n');
  const reply = await talk.line();
  const version = /^VERSION (.+)$/.exec(reply)?.[1];
  if (version !== undefined) {
    talk.farewell = 'quit\r\n';
    talk.knows({ version });
    return;
  }
  if (!reply.startsWith('CLIENT_ERROR unauthenticated')) throw judge(reply);
  talk.knows({ state: 'auth_required' });
}

/** "ERROR" alone is said to an unknown command; with more it is about the server. */
function judge(reply: string): Error {
  return /^(SERVER_)?ERROR ./.test(reply) ? unavailable(reply) : unexpected('VERSION', reply);
}

async function askInBinary(talk: Talk): Promise<void> {
  const request = Buffer.alloc(HEADER_BYTES);
  request.set([REQUEST, VERSION]);
  talk.send(request);
  const { status, value } = await talk.take(readResponse);
  if (status === OK) talk.knows({ version: value.toString() });
  else if (status === AUTH_ERROR) talk.knows({ state: 'auth_required' });
  else throw UNABLE.has(status) ? unavailable(value) : unexpected('a version', value);
}

/** One whole response: its status, and what follows extras and key. */
function readResponse(
  unread: Buffer,
): { readonly used: number; readonly value: { readonly status: number; readonly value: Buffer } } | undefined {
  const isResponse = [RESPONSE, VERSION].every((byte, at) => unread.length <= at || unread[at] === byte);
  if (!isResponse) throw unexpected('a binary response', unread);
  if (unread.length < HEADER_BYTES) return undefined;
  const before = unread.readUInt16BE(2) + unread.readUInt8(4);
  const length = unread.readUInt32BE(8);
  if (length > LONGEST_BODY || before > length) throw unexpected('a binary response', unread.subarray(0, HEADER_BYTES));
  const used = HEADER_BYTES + length;
  if (unread.length < used) return undefined;
  return { used, value: { status: unread.readUInt16BE(6), value: unread.subarray(HEADER_BYTES + before, used) } };
}
