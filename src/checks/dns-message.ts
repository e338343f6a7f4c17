import { randomBytes } from 'node:crypto';

export const TXT = 16;
export const SOA = 6;
export const IN = 1;
export const CHAOS = 3;

export const NOERROR = 0;
export const SERVFAIL = 2;
export const REFUSED = 5;

const HEADER_BYTES = 12;
const LABEL_FORM = /^(?!-)[a-z0-9_/-]{1,63}(?<!-)$/i;
/** On the wire, with the length of each label and the root's. RFC 1035, section 2.3.4. */
const LONGEST_NAME = 255;

/** A question: of which name, type and class. RFC 1035, section 4.1.2. */
export type Question = { readonly name: string; readonly type: number; readonly class: number };

/** What a reply says of itself. `answers`: how many records answer the question. RFC 1035, section 4.1.1. */
export type Reply = {
  readonly rcode: number;
  readonly authoritative: boolean;
  readonly truncated: boolean;
  readonly answers: number;
};

/** Whether it can be asked for: labels of letters, digits, hyphens, underscores and slashes (RFC 2317), with or without the last dot; the root is ".". */
export function isDomainName(text: string): boolean {
  const labels = labelsOf(text);
  return text === '.' || (labels.every((label) => LABEL_FORM.test(label)) && encodeName(text).length <= LONGEST_NAME);
}

/** An identification that nobody can guess. */
export function newId(): Buffer {
  return randomBytes(2);
}

/** A query that asks the server alone: recursion is not desired. */
export function query(id: Buffer, { name, type, class: of }: Question): Buffer {
  const end = Buffer.of(0, type, 0, of);
  return Buffer.concat([id, Buffer.from('00000001000000000000', 'hex'), encodeName(name), end]);
}

/** A query without any question, which only asks for a cookie. RFC 7873, section 5.4. */
export function cookieQuery(id: Buffer): Buffer {
  const head = Buffer.from('00000000000000000001', 'hex');
  const options = Buffer.from('00002904d000000000000c000a0008', 'hex');
  return Buffer.concat([id, head, options, randomBytes(8)]);
}

/** The reply to our query; undefined when that is not one. */
export function readReply(bytes: Buffer, id: Buffer): Reply | undefined {
  if (bytes.length < HEADER_BYTES || !bytes.subarray(0, 2).equals(id)) return undefined;
  const flags = bytes.readUInt16BE(2);
  if ((flags & 0x8000) === 0) return undefined;
  return {
    rcode: flags & 0x0f,
    authoritative: (flags & 0x0400) !== 0,
    truncated: (flags & 0x0200) !== 0,
    answers: bytes.readUInt16BE(6),
  };
}

/** The text of the first answer when that is a TXT record that can be read. RFC 1035, sections 3.3.14 and 4.1.3. */
export function firstText(bytes: Buffer): string | undefined {
  if (bytes.length < HEADER_BYTES || bytes.readUInt16BE(6) === 0) return undefined;
  let at: number | undefined = HEADER_BYTES;
  for (let i = bytes.readUInt16BE(4); i > 0 && at !== undefined; i--) at = afterName(bytes, at, 4);
  const data = at === undefined ? undefined : afterName(bytes, at, 10);
  if (data === undefined || bytes.readUInt16BE(data - 10) !== TXT) return undefined;
  const end = data + bytes.readUInt16BE(data - 2);
  if (end > bytes.length || data >= end) return undefined;
  const textEnd = data + 1 + bytes.readUInt8(data);
  return textEnd > end ? undefined : bytes.toString('utf8', data + 1, textEnd);
}

/** How rcodes are called. RFC 1035, section 4.1.1. */
export function rcodeName(rcode: number): string {
  return ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'][rcode] ?? `RCODE${rcode}`;
}

function labelsOf(name: string): readonly string[] {
  return name === '.' ? [] : name.replace(/\.$/, '').split('.');
}

function encodeName(name: string): Buffer {
  const labels = labelsOf(name).flatMap((label) => [Buffer.of(label.length), Buffer.from(label, 'latin1')]);
  return Buffer.concat([...labels, Buffer.of(0)]);
}

/** Where what follows a name and `fixed` more bytes begins; undefined when the message ends before. A pointer ends a name. */
function afterName(bytes: Buffer, from: number, fixed: number): number | undefined {
  let at = from;
  for (;;) {
    const length = bytes[at];
    if (length === undefined) return undefined;
    at += length >= 0xc0 ? 2 : 1 + length;
    if (length === 0 || length >= 0xc0) break;
  }
  return at + fixed <= bytes.length ? at + fixed : undefined;
}
