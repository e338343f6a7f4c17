/** How a field is written. Groups (3 and 4) have been gone since proto3. Source: Protocol Buffers, Encoding. */
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

const MOST_VARINT_BYTES = 10;

/** A field of text; empty text is left out, as proto3 does. */
export function textField(number: number, text: string): Buffer {
  const bytes = Buffer.from(text);
  if (bytes.length === 0) return bytes;
  return Buffer.concat([varint(number * 8 + BYTES), varint(bytes.length), bytes]);
}

/** The last number that a message has in that field, 0 where it has none; other fields are skipped. Undefined when it is no message. */
export function numberField(number: number, message: Buffer): number | undefined {
  let found = 0;
  for (let at = 0; at < message.length; ) {
    const key = readVarint(message, at);
    const value = key && readValue(message, key.end, key.value % 8);
    if (key === undefined || key.value < 8 || value === undefined) return undefined;
    if (key.value === number * 8 + VARINT) found = value.value;
    at = value.end;
  }
  return found;
}

type Read = { readonly value: number; readonly end: number };

/** A value of that type, and where it ends; only numbers have one that counts. */
function readValue(message: Buffer, at: number, type: number): Read | undefined {
  if (type === VARINT) return readVarint(message, at);
  const length = type === BYTES ? readVarint(message, at) : fixed(type, at);
  if (length === undefined) return undefined;
  const end = length.end + length.value;
  return end > message.length ? undefined : { value: 0, end };
}

function fixed(type: number, end: number): Read | undefined {
  if (type !== FIXED32 && type !== FIXED64) return undefined;
  return { value: type === FIXED32 ? 4 : 8, end };
}

/** Up to 64 bits, beyond 53 of them not exactly. */
function readVarint(message: Buffer, at: number): Read | undefined {
  let value = 0;
  for (let i = 0; i < MOST_VARINT_BYTES; i++) {
    const byte = message[at + i];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { value, end: at + i + 1 };
  }
  return undefined;
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.of(...bytes, rest);
}
