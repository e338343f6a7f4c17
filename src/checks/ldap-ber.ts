import { unexpected } from './talk.ts';

/** One element of BER: its tag, of one byte, and what it holds. */
export type Element = { readonly tag: number; readonly content: Buffer };

export const INTEGER = 0x02;
export const OCTETS = 0x04;
export const ENUMERATED = 0x0a;
export const SEQUENCE = 0x30;
export const SET = 0x31;

/** Longer than any root DSE, and short enough for what the frame keeps unread. */
const LONGEST = 60_000;
/** Tags of more than one byte, which LDAP does not have. */
const HIGH_TAG = 0x1f;

/** Writes an element. What we send is short: its length always fits one byte. */
export function element(tag: number, ...parts: readonly (Uint8Array | string)[]): Buffer {
  const content = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
  if (content.length > 0x7f) throw new RangeError('longer than the short form of a length');
  return Buffer.concat([Buffer.of(tag, content.length), content]);
}

/**
 * The element at the start of `bytes`, undefined when not all of it is there yet. Lengths are definite, in up to four bytes and not always
 * the shortest form: Active Directory pads them. Source: RFC 4511, section 5.1; X.690.
 */
export function readElement(bytes: Buffer): { readonly used: number; readonly value: Element } | undefined {
  if (bytes.length < 2) return undefined;
  const tag = bytes.readUInt8(0);
  const first = bytes.readUInt8(1);
  const more = first < 0x80 ? 0 : first - 0x80;
  if ((tag & HIGH_TAG) === HIGH_TAG || first === 0x80 || more > 4) throw unexpected('BER', bytes);
  if (bytes.length < 2 + more) return undefined;
  const length = more === 0 ? first : bytes.readUIntBE(2, more);
  if (length > LONGEST) throw unexpected(`a message of at most ${LONGEST} bytes`, bytes);
  const used = 2 + more + length;
  return bytes.length < used ? undefined : { used, value: { tag, content: bytes.subarray(2 + more, used) } };
}

/** The elements that `content` is made of, all of it. */
export function readElements(content: Buffer): readonly Element[] {
  const found: Element[] = [];
  for (let rest = content; rest.length > 0; ) {
    const next = readElement(rest);
    if (next === undefined) throw unexpected('whole elements of BER', content);
    found.push(next.value);
    rest = rest.subarray(next.used);
  }
  return found;
}

/** What an element of that tag holds. */
export function contentOf(found: Element | undefined, tag: number): Buffer {
  if (found?.tag !== tag) throw unexpected(`an element 0x${tag.toString(16)}`, found?.content ?? 'nothing');
  return found.content;
}

/** A small number that is not negative: message ids and result codes. */
export function numberOf(found: Element | undefined, tag: number): number {
  const content = contentOf(found, tag);
  if (content.length < 1 || content.length > 4 || content.readInt8(0) < 0) throw unexpected('a number', content);
  return content.readUIntBE(0, content.length);
}
