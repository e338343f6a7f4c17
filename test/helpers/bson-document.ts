/** What the tests put into BSON: booleans, texts, `int`, `long` and `double` numbers, dates, object ids, lists and documents. */
export type BsonValue =
  | boolean
  | string
  | null
  | { readonly int: number }
  | { readonly long: number }
  | { readonly double: number }
  | { readonly date: number }
  | { readonly id: string }
  | { readonly list: readonly BsonValue[] }
  | { readonly document: Readonly<Record<string, BsonValue>> };

/** Writes a document. Source: bsonspec.org, version 1.1. */
export function bson(fields: Readonly<Record<string, BsonValue>>): Buffer {
  const elements = Object.entries(fields).map(([name, value]) => {
    const [type, bytes] = write(value);
    return Buffer.concat([Buffer.from([type]), Buffer.from(`${name}\0`), bytes]);
  });
  const body = Buffer.concat([...elements, Buffer.from([0])]);
  return Buffer.concat([int32(body.length + 4), body]);
}

/** Writes a message that a MongoDB server answers request `to` with. */
export function opMsg(document: Buffer, to = 1, { opcode = 2013, flags = 0, kind = 0 } = {}): Buffer {
  const size = 21 + document.length;
  const head = [size, 4711, to, opcode, flags].map(int32);
  return Buffer.concat([...head, Buffer.from([kind]), document]);
}

function write(value: BsonValue): readonly [number, Buffer] {
  if (value === null) return [0x0a, Buffer.alloc(0)];
  if (typeof value === 'boolean') return [0x08, Buffer.from([value ? 1 : 0])];
  if (typeof value === 'string') {
    const text = Buffer.from(`${value}\0`);
    return [0x02, Buffer.concat([int32(text.length), text])];
  }
  if ('int' in value) return [0x10, int32(value.int)];
  if ('long' in value) return [0x12, int64(value.long)];
  if ('date' in value) return [0x09, int64(value.date)];
  if ('id' in value) return [0x07, Buffer.from(value.id, 'hex')];
  if ('double' in value) {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(value.double);
    return [0x01, bytes];
  }
  if ('list' in value) return [0x04, bson(Object.fromEntries(value.list.map((one, i) => [`${i}`, one])))];
  return [0x03, bson(value.document)];
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

function int64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(value));
  return bytes;
}
