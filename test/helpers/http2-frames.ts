/** Frames of HTTP/2 as they go over the wire, for peers that break its rules. Source: RFC 9113, section 4.1 and 6; RFC 7541, section 6.2.2. */
export function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

export const END_STREAM = 0x01;
const END_HEADERS = 0x04;

export const SETTINGS: Buffer = frame(4, 0, 0, Buffer.alloc(0));
export const PING: Buffer = frame(6, 0, 0, Buffer.alloc(8));

export function data(bytes: Buffer, flags = 0): Buffer {
  return frame(0, flags, 1, bytes);
}

export function headers(list: Readonly<Record<string, string>>, flags = 0): Buffer {
  return frame(1, flags | END_HEADERS, 1, headerBlock(list));
}

/** Headers that have not ended. */
export function unendedHeaders(list: Readonly<Record<string, string>>): Buffer {
  return frame(1, 0, 1, headerBlock(list));
}

export function continuation(list: Readonly<Record<string, string>>): Buffer {
  return frame(9, 0, 1, headerBlock(list));
}

export function reset(code: number): Buffer {
  return frame(3, 0, 1, numbers(code));
}

export function goAway(lastStream: number, code: number): Buffer {
  return frame(7, 0, 0, numbers(lastStream, code));
}

/** Of a type that is none. */
export function unknown(bytes: Buffer): Buffer {
  return frame(99, 0, 0, bytes);
}

/** The types of the frames in what a client has sent, its preface left out. */
export function frameTypes(sent: Buffer): readonly number[] {
  const types: number[] = [];
  for (let at = 24; at + 9 <= sent.length; at += 9 + sent.readUIntBE(at, 3)) types.push(sent.readUInt8(at + 3));
  return types;
}

/** Literals that nobody need remember; names and values are short. */
function headerBlock(list: Readonly<Record<string, string>>): Buffer {
  const text = (value: string) => [Buffer.of(value.length), Buffer.from(value)];
  return Buffer.concat(Object.entries(list).flatMap(([name, value]) => [Buffer.of(0), ...text(name), ...text(value)]));
}

function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) bytes.writeUInt32BE(value, 4 * i);
  return bytes;
}
