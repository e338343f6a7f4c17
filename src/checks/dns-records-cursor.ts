import { ProbeFailure } from '../core/reason.ts';

/** A message of 64 kB is less as text, unless its compression is made to be long: characters. */
const MOST_TEXT = 1_000_000;
/** A name has at most that many labels, and a pointer leads to one. RFC 1035, section 4.1.4. */
const MOST_POINTERS = 126;
/** On the wire, with the length of each label and the root's. RFC 1035, section 2.3.4. */
const LONGEST_NAME = 255;
const LONGEST_LABEL = 63;
/** Pointers have 14 bits. */
const POINTED_TO = 0x4000;

/** What has been read of a name: its text, how long it is on the wire, and how many pointers were followed. */
type Name = { readonly text: string; readonly size: number; readonly pointers: number };

/** What all parts of a message share: how much text they may still have, and the names that pointers can lead to, by where they begin. */
type Shared = { left: number; readonly names: Map<number, Name> };

const ROOT: Name = { text: '', size: 1, pointers: 0 };

const SPECIAL = /[^!#-&*-:<-?A-[\]-~]|\./g;
const UNPRINTABLE = /[^ -~]|["\\]/g;

/** The reply breaks the rules of RFC 1035. */
export function malformed(how: string): ProbeFailure {
  return new ProbeFailure('unexpected_response', `the reply is no DNS message: ${how}`);
}

/** Reads a part of a message, byte by byte, never beyond its end. Throws ProbeFailure when the part is too short. */
export class Cursor {
  readonly #message: Buffer;
  readonly #end: number;
  readonly #shared: Shared;
  #at: number;

  constructor(message: Buffer, at = 0, end = message.length, shared: Shared = { left: MOST_TEXT, names: new Map() }) {
    this.#message = message;
    this.#at = at;
    this.#end = end;
    this.#shared = shared;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#end;
  }

  bytes(count: number): Buffer {
    const from = this.#at;
    if (from + count > this.#end) throw malformed('it ends within a record');
    this.#at = from + count;
    return this.#message.subarray(from, this.#at);
  }

  rest(): Buffer {
    return this.bytes(this.#end - this.#at);
  }

  u8(): number {
    return this.bytes(1).readUInt8();
  }

  u16(): number {
    return this.bytes(2).readUInt16BE();
  }

  u32(): number {
    return this.bytes(4).readUInt32BE();
  }

  /** The next bytes as a message of their own, which names in it may point out of. */
  part(length: number): Cursor {
    const from = this.#at;
    this.bytes(length);
    return new Cursor(this.#message, from, this.#at, this.#shared);
  }

  /** A name as zone files have it, with the last dot. Pointers are followed, but not for ever. */
  name(): string {
    const { text } = this.#nameFrom(this.#at, 0, 0);
    let length = this.#byteAt(this.#at);
    for (; length !== 0 && length < 0xc0; length = this.#byteAt(this.#at)) this.#at += 1 + length;
    this.#at += length === 0 ? 1 : 2;
    if (this.#at > this.#end) throw malformed('a name goes on beyond its record');
    return text || '.';
  }

  /** Text as zone files have it between quotes, of the next bytes. */
  text(length: number): string {
    return this.spend(escaped(this.bytes(length).toString('latin1'), UNPRINTABLE));
  }

  /** The same of all that is left. */
  textToEnd(): string {
    return this.text(this.#end - this.#at);
  }

  /** Counts text that is longer than its bytes: that of a whole message has a bound. */
  spend(text: string): string {
    this.#shared.left -= text.length;
    if (this.#shared.left < 0) throw malformed('its text is too long altogether');
    return text;
  }

  /**
   * The name that begins there, behind so many bytes and pointers of it. Read once: thousands of records may point at one of a hundred
   * labels.
   */
  #nameFrom(at: number, size: number, pointers: number): Name {
    const known = this.#shared.names.get(at);
    if (known === undefined) {
      const name = this.#readName(at, size, pointers);
      if (at < POINTED_TO) this.#shared.names.set(at, name);
      return name;
    }
    if (size + known.size > LONGEST_NAME) throw malformed('a name is too long');
    if (pointers + known.pointers > MOST_POINTERS) throw malformed('a name points in circles');
    this.spend(known.text);
    return known;
  }

  #readName(at: number, size: number, pointers: number): Name {
    const length = this.#byteAt(at);
    if (length === 0) return ROOT;
    if (length >= 0xc0) {
      if (pointers === MOST_POINTERS) throw malformed('a name points in circles');
      const name = this.#nameFrom(((length & 0x3f) << 8) | this.#byteAt(at + 1), size, pointers + 1);
      return { ...name, pointers: name.pointers + 1 };
    }
    const label = this.#label(at + 1, length, size + 1 + length + ROOT.size);
    const rest = this.#nameFrom(at + 1 + length, size + 1 + length, pointers);
    return { text: label + rest.text, size: 1 + length + rest.size, pointers: rest.pointers };
  }

  #label(from: number, length: number, size: number): string {
    if (length > LONGEST_LABEL || size > LONGEST_NAME) throw malformed('a name is too long');
    if (from + length > this.#message.length) throw malformed('it ends within a name');
    return this.spend(`${escaped(this.#message.toString('latin1', from, from + length), SPECIAL)}.`);
  }

  #byteAt(at: number): number {
    const byte = this.#message[at];
    if (byte === undefined) throw malformed('it ends within a name');
    return byte;
  }
}

/** What `unfit` finds gets a backslash; what cannot be printed becomes \DDD. RFC 1035, section 5.1. */
function escaped(text: string, unfit: RegExp): string {
  return text.replace(unfit, (found) =>
    found >= ' ' && found <= '~' ? `\\${found}` : `\\${String(found.charCodeAt(0)).padStart(3, '0')}`,
  );
}
