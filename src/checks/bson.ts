/**
 * What stands at the top level of a document: numbers (64-bit integers lose what a double cannot hold), texts and booleans by name. All
 * else is known to be there, as undefined. The first of equal names counts.
 */
export type BsonFields = ReadonlyMap<string, number | string | boolean | undefined>;

/** An element: how many bytes it takes, and its value where that is a plain one. */
type Element = { readonly size: number; readonly value?: number | string | boolean };
/** Undefined when the bytes are none of that kind. `at` is within the document or at its end. */
type ElementReader = (bytes: Buffer, at: number) => Element | undefined;

/** Types and what they look like. The deprecated ones are there: a server may send what is stored. */
const READERS: Readonly<Record<number, ElementReader>> = {
  1: (bytes, at) => (at + 8 > bytes.length ? undefined : { size: 8, value: bytes.readDoubleLE(at) }),
  2: readText,
  3: readNested,
  4: readNested,
  5: (bytes, at) => sized(bytes, at, 5),
  6: fixed(0),
  7: fixed(12),
  8: readBoolean,
  9: fixed(8),
  10: fixed(0),
  11: readPattern,
  12: (bytes, at) => followed(readText(bytes, at), 12),
  13: readText,
  14: readText,
  15: readScoped,
  16: (bytes, at) => (at + 4 > bytes.length ? undefined : { size: 4, value: bytes.readInt32LE(at) }),
  17: fixed(8),
  18: (bytes, at) => (at + 8 > bytes.length ? undefined : { size: 8, value: Number(bytes.readBigInt64LE(at)) }),
  19: fixed(16),
  127: fixed(0),
  255: fixed(0),
};

/** The shortest document: its length and its end. */
const EMPTY = 5;

/**
 * Reads a document that takes all of the bytes; undefined when they are none. Documents within it are measured, not read: no depth can
 * hurt. Source: bsonspec.org, version 1.1.
 */
export function readBson(bytes: Buffer): BsonFields | undefined {
  if (bytes.length < EMPTY || bytes.readInt32LE() !== bytes.length || bytes.at(-1) !== 0) return undefined;
  const elements = bytes.subarray(0, -1);
  const fields = new Map<string, number | string | boolean | undefined>();
  let at = 4;
  while (at < elements.length) {
    const nameEnd = elements.indexOf(0, at + 1);
    if (nameEnd < 0) return undefined;
    const name = elements.toString('utf8', at + 1, nameEnd);
    const element = READERS[elements.readUInt8(at)]?.(elements, nameEnd + 1);
    if (element === undefined) return undefined;
    at = nameEnd + 1 + element.size;
    if (!fields.has(name)) fields.set(name, element.value);
  }
  return at === elements.length ? fields : undefined;
}

function fixed(size: number): ElementReader {
  return () => ({ size });
}

/** A length that does not count what goes before the content: `beside` bytes. */
function sized(bytes: Buffer, at: number, beside: number): Element | undefined {
  if (at + beside > bytes.length) return undefined;
  const length = bytes.readInt32LE(at);
  return length < 0 || at + beside + length > bytes.length ? undefined : { size: beside + length };
}

function readText(bytes: Buffer, at: number): Element | undefined {
  const found = sized(bytes, at, 4);
  if (found === undefined || found.size < EMPTY || bytes[at + found.size - 1] !== 0) return undefined;
  return { size: found.size, value: bytes.toString('utf8', at + 4, at + found.size - 1) };
}

/** A document within the document. */
function readNested(bytes: Buffer, at: number): Element | undefined {
  const found = counted(bytes, at, EMPTY);
  return found === undefined || bytes[at + found.size - 1] !== 0 ? undefined : found;
}

/** Code with its scope: a text and a document. */
function readScoped(bytes: Buffer, at: number): Element | undefined {
  return counted(bytes, at, 14);
}

/** A length that counts itself. */
function counted(bytes: Buffer, at: number, least: number): Element | undefined {
  if (at + 4 > bytes.length) return undefined;
  const size = bytes.readInt32LE(at);
  return size < least || at + size > bytes.length ? undefined : { size };
}

function readBoolean(bytes: Buffer, at: number): Element | undefined {
  const value = bytes[at];
  return value === 0 || value === 1 ? { size: 1, value: value === 1 } : undefined;
}

/** A regular expression: two texts that end with 0. */
function readPattern(bytes: Buffer, at: number): Element | undefined {
  const first = bytes.indexOf(0, at);
  const second = first < 0 ? -1 : bytes.indexOf(0, first + 1);
  return second < 0 ? undefined : { size: second + 1 - at };
}

function followed(element: Element | undefined, more: number): Element | undefined {
  return element && { size: element.size + more };
}
