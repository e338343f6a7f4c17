import { Cursor } from './dns-records-cursor.ts';
import { recordData } from './dns-records-data.ts';
import { className, TYPES, typeName } from './dns-records-names.ts';

const HEADER_BYTES = 12;

/** One record. `text` is its line in a zone file, fields separated by tabs: "example.org.\t60\tIN\tA\t192.0.2.1". */
export type DnsRecord = { readonly type: number; readonly text: string; readonly serial?: number };

export const SECTIONS = ['answer', 'authority', 'additional'] as const;
export type Section = (typeof SECTIONS)[number];

/** A whole reply. RFC 1035, section 4.1. */
export type DnsReply = { readonly rcode: number } & Readonly<Record<Section, readonly DnsRecord[]>>;

/** Whether it replies to the query with that identification. */
export function isReplyTo(id: Buffer, message: Buffer): boolean {
  return message.length >= HEADER_BYTES && message.subarray(0, 2).equals(id) && message.readUInt8(2) >= 0x80;
}

/**
 * Reads a whole reply; throws ProbeFailure when it is none. One that ends between two records is taken as it is, whatever its counts say:
 * so end those that were cut to fit a datagram.
 */
export function readDnsReply(message: Buffer): DnsReply {
  const cursor = new Cursor(message);
  cursor.u16();
  const flags = cursor.u16();
  const [questions, ...counts] = [cursor.u16(), cursor.u16(), cursor.u16(), cursor.u16()];
  for (let i = 0; i < questions && !cursor.isAtEnd; i++) {
    cursor.name();
    cursor.bytes(4);
  }
  let upper = 0;
  const [answer = [], authority = [], additional = []] = counts.map((count) => {
    const records: DnsRecord[] = [];
    while (records.length < count && !cursor.isAtEnd) {
      const { record, ttl } = readRecord(cursor);
      if (record.type === TYPES['OPT']) upper = ttl >>> 24;
      records.push(record);
    }
    return records;
  });
  return { rcode: (upper << 4) | (flags & 0x0f), answer, authority, additional };
}

function readRecord(cursor: Cursor): { readonly record: DnsRecord; readonly ttl: number } {
  const owner = cursor.name();
  const [type, of, ttl, length] = [cursor.u16(), cursor.u16(), cursor.u32(), cursor.u16()];
  const data = cursor.part(length);
  const known = recordData(type, data);
  const kind = known === undefined ? unknownKind(type, of, data) : `${className(of)}\t${typeName(type)}\t${known}`;
  const record = { type, text: `${owner}\t${ttl}\t${kind}`, ...serialOf(type, known) };
  return { record, ttl };
}

/** As RFC 3597, section 5, has records of any type. */
function unknownKind(type: number, of: number, data: Cursor): string {
  const bytes = data.rest();
  return `CLASS${of}\tTYPE${type}\t\\# ${bytes.length} ${bytes.toString('hex')}`;
}

/** The serial number of a zone is the fifth field from the end of its SOA. */
function serialOf(type: number, data = ''): { readonly serial: number } | undefined {
  return type === TYPES['SOA'] && data !== '' ? { serial: Number(data.split(' ').at(-5)) } : undefined;
}
