import { ProbeFailure } from '../core/reason.ts';

/** A message of 64 kB is less as text, unless its compression is made to be long: characters. */
const MOST_TEXT = 1_000_000;
/** A name has at most that many labels, and a pointer leads to one. RFC 1035, section 4.1.4. */
const MOST_POINTERS = 126;
/** On the wire, with the length of each label and the root's. RFC 1035, section 2.3.4. */
const LONGEST_NAME = 255;
const LONGEST_LABEL = 63;

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
  readonly #budget: { left: number };
  #at: number;

  constructor(message: Buffer, at = 0, end = message.length, budget = { left: MOST_TEXT }) {
    this.#message = message;
    this.#at = at;
    this.#end = end;
    this.#budget = budget;
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
    return new Cursor(this.#message, from, this.#at, this.#budget);
  }

  /** A name as zone files have it, with the last dot. Pointers are followed, but not for ever. */
  name(): string {
    let [text, size, pointers, at] = ['', 1, 0, this.#at];
    let after: number | undefined;
    for (let length = this.#byteAt(at); length !== 0; length = this.#byteAt(at)) {
      if (length >= 0xc0) {
        after ??= at + 2;
        pointers += 1;
        at = this.#pointed(at, pointers);
      } else {
        size += 1 + length;
        text += this.#label(at + 1, length, size);
        at += 1 + length;
      }
    }
    this.#at = after ?? at + 1;
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
    this.#budget.left -= text.length;
    if (this.#budget.left < 0) throw malformed('its text is too long altogether');
    return text;
  }

  #pointed(at: number, pointers: number): number {
    if (pointers > MOST_POINTERS) throw malformed('a name points in circles');
    return ((this.#byteAt(at) & 0x3f) << 8) | this.#byteAt(at + 1);
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
