import type { Reader } from '../net/channel.ts';
import { unavailable, unexpected } from './talk.ts';

const METHOD_FRAME = 1;
const FRAME_END = 0xce;
/** Type, channel and size. */
const FRAME_HEAD = 7;
/** RabbitMQ's is 500 bytes long. */
const LONGEST_FRAME = 16_384;
const CONNECTION = 10;
const START = 10;
const CLOSE = 50;
/** Class, method, and the version of the protocol, which Start has before its table. */
const START_HEAD = 6;

/** How many bytes values of fixed size take. Source: AMQP 0-9-1, 4.2.5.5, as RabbitMQ and others write them. */
const FIXED_SIZES: Readonly<Record<string, number>> = {
  ...{ t: 1, b: 1, B: 1, s: 2, U: 2, u: 2, I: 4, i: 4, l: 8, L: 8, f: 4, d: 8, D: 5, T: 8, V: 0 },
};
/** The ones whose size, 4 bytes, stands before them: text, bytes, array, table. */
const SIZED = 'SxAF';

/**
 * Reads Connection.Start: product and version as the server has them ("RabbitMQ 3.10.8"), undefined where it does not say. Throws
 * ProbeFailure when it is something else, `service_unavailable` when the server closes the connection with a reason of its own.
 */
export const parseStart: Reader<string | undefined> = (unread) => {
  const head = unread.subarray(0, 3);
  if (!Buffer.from([METHOD_FRAME, 0, 0]).subarray(0, head.length).equals(head))
    throw unexpected('Connection.Start', unread);
  if (unread.length < FRAME_HEAD) return undefined;
  const size = unread.readUInt32BE(3);
  if (size < START_HEAD || size > LONGEST_FRAME) throw unexpected('Connection.Start', unread);
  const used = FRAME_HEAD + size + 1;
  if (unread.length < used) return undefined;
  if (unread[used - 1] !== FRAME_END) throw unexpected('Connection.Start', unread);
  return { used, value: readMethod(unread.subarray(FRAME_HEAD, used - 1)) };
};

function readMethod(body: Buffer): string | undefined {
  const [group, method] = [body.readUInt16BE(0), body.readUInt16BE(2)];
  if (group === CONNECTION && method === CLOSE) throw unavailable(body.subarray(7, 7 + (body[6] ?? 0)));
  if (group !== CONNECTION || method !== START) throw unexpected('Connection.Start', body);
  const properties = readTexts(body.subarray(START_HEAD));
  const names = [properties.get('product'), properties.get('version')].filter((name) => name !== undefined);
  return names.length > 0 ? names.join(' ') : undefined;
}

/** The values of a table that are text. Ends at the first thing that it cannot read: the rest is of no interest. */
function readTexts(bytes: Buffer): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  if (bytes.length < 4) return texts;
  const table = bytes.subarray(4, 4 + bytes.readUInt32BE(0));
  let at = 0;
  while (at < table.length) {
    const nameEnd = at + 1 + (table[at] ?? 0);
    const value = readValue(table.subarray(nameEnd));
    if (value === undefined) break;
    if (value.text !== undefined) texts.set(table.toString('utf8', at + 1, nameEnd), value.text);
    at = nameEnd + value.used;
  }
  return texts;
}

function readValue(bytes: Buffer): { readonly used: number; readonly text?: string } | undefined {
  const type = String.fromCharCode(bytes[0] ?? 0);
  const size = FIXED_SIZES[type];
  if (size !== undefined) return { used: 1 + size };
  if (!SIZED.includes(type) || bytes.length < 5) return undefined;
  const end = 5 + bytes.readUInt32BE(1);
  if (end > bytes.length) return undefined;
  return { used: end, ...(type === 'S' && { text: bytes.toString('utf8', 5, end) }) };
}
