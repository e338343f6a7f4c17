import { isUtf8 } from 'node:buffer';
import type { Endpoint } from '../core/endpoint.ts';
import type { IpAddress } from '../core/ip.ts';
import { ProbeFailure } from '../core/reason.ts';
import type { CheckSample, ProbeResult, ServiceFacts } from '../core/result.ts';
import type { Channel, Reader } from '../net/channel.ts';
import type { Wire, Wires } from './wire.ts';

/** Whether the talk is in TLS, and if not, what is wished: to change to it, or to do so where the server offers it. */
export type TlsWish = 'in tls' | 'wanted' | 'if offered' | 'no';

/** What a talk needs of the frame around it. */
export type TalkFrame = {
  /** Absent where the check is told an address only. */
  readonly channel?: Channel & {
    toEnd?(): Promise<Buffer>;
    hangUp?(): Promise<void>;
    lend?(): Omit<Wire, 'tookMs' | 'ownMs'>;
  };
  readonly endpoint: Endpoint;
  /** What the name of the endpoint stands for; undefined for a Unix socket, and where somebody else looks it up. */
  readonly address?: IpAddress | undefined;
  readonly resource?: string | undefined;
  readonly sourceIp?: string | undefined;
  readonly wires?: Wires;
  readonly tls: TlsWish;
  /** Monotonic, ms. */
  readonly now: () => number;
  /** When what has just come was delivered, monotonic ms; `now` without it. */
  readonly arrival?: () => number;
  /** How late that can be at the most, because this machine was busy, ms. */
  readonly arrivalError?: () => number;
  /** Changes to TLS; rejects when that fails or the certificate will not do. */
  readonly startTls: () => Promise<void>;
  readonly memory: Memory;
};

/** What a check has learnt of one target and wants to know next time: a small plain value. Forgotten at a restart. */
export type Memory = { value: unknown };

const LONGEST_LINE = 8192;
const MOST_NOTES = 20;
/** How much of a server's own words is kept. */
const LONGEST_WORDS = 200;

/** A dialogue with one server, as its check sees it. Every wait ends at the probe's deadline: a check needs no timeout of its own. */
export class Talk {
  readonly endpoint: Endpoint;
  readonly address: IpAddress | undefined;
  /** Path and query of the target, where it was written as a URL. */
  readonly resource: string | undefined;
  /** The local address to speak from, where that matters. */
  readonly sourceIp: string | undefined;
  /** What it means if time is over now: the server has answered, but not what was due. Undefined while it owes an answer. */
  doubt: ProbeFailure | undefined;
  readonly memory: Memory;
  readonly #frame: TalkFrame;
  #tls: TlsWish;
  /** How to leave, where that takes more than a farewell: done when the verdict is known. Never rejects. */
  goodbye: (() => Promise<void>) | undefined;
  /** What the dialogue took where somebody has measured it better than by its beginning and end, ms. */
  measuredMs: number | undefined;
  #facts: ServiceFacts = {};
  readonly #samples: CheckSample[] = [];
  readonly #notes: string[] = [];
  #farewell: Uint8Array | undefined;

  constructor(frame: TalkFrame) {
    this.#frame = frame;
    this.#tls = frame.tls;
    this.endpoint = frame.endpoint;
    this.address = frame.address;
    this.resource = frame.resource;
    this.sourceIp = frame.sourceIp;
    this.memory = frame.memory;
  }

  get tls(): TlsWish {
    return this.#tls;
  }

  /** Monotonic time, ms. */
  now(): number {
    return this.#frame.now();
  }

  /** When what has just come was delivered, monotonic ms: however long it has waited to be looked at. */
  arrival(): number {
    return this.#frame.arrival?.() ?? this.now();
  }

  /** How late `arrival` can be at the most, ms. */
  get arrivalError(): number {
    return this.#frame.arrivalError?.() ?? 0;
  }

  /** Text goes out as UTF-8. */
  send(bytes: Uint8Array | string): void {
    this.#channel.send(typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
  }

  /** What `reader` makes of the bytes that nobody has read yet, as soon as it can. */
  take<Value>(reader: Reader<Value>): Promise<Value> {
    return this.#stamped(reader, (stamped) => this.#channel.take(stamped));
  }

  /** The same, or undefined when that takes longer than `ms`. */
  takeWithin<Value>(ms: number, reader: Reader<Value>): Promise<Value | undefined> {
    return this.#stamped(reader, (stamped) => this.#channel.takeWithin(ms, stamped));
  }

  /** Exactly that many bytes. */
  read(count: number): Promise<Buffer> {
    return this.take((unread) =>
      unread.length < count ? undefined : { used: count, value: unread.subarray(0, count) },
    );
  }

  /** One line without its end (LF or CRLF). Fails when none ends within `longest` bytes. */
  line(longest: number = LONGEST_LINE): Promise<string> {
    return this.take((unread) => readLine(unread, longest));
  }

  /** Everything that is still to come, once the server has hung up. */
  async toEnd(): Promise<Buffer> {
    const channel = this.#channel;
    if (channel.toEnd === undefined) throw new Error('datagrams have no end');
    const rest = await channel.toEnd();
    this.arrival();
    return rest;
  }

  /** Hangs up and waits for the server to do so too; its RST counts. The talk is over then, and the server is proved to be more than a queue. */
  hangUp(): Promise<void> {
    const channel = this.#channel;
    if (channel.hangUp === undefined) throw new Error('datagrams cannot hang up');
    return channel.hangUp();
  }

  /** Changes to TLS, after the server has agreed to. Fails with the reason when the certificate will not do. */
  async startTls(): Promise<void> {
    await this.#frame.startTls();
    this.#tls = 'in tls';
  }

  /** Notes what happens on the way, for who wants to follow it; a server's own words are made printable. */
  note(text: string): void {
    if (this.#notes.length < MOST_NOTES) this.#notes.push(words(text));
  }

  /** Takes the connection over: the check speaks over its socket from now on, and not through the talk any more. */
  lend(): Wire {
    const channel = this.#channel;
    if (channel.lend === undefined) throw new Error('datagrams have no connection');
    return { ...channel.lend(), tookMs: { resolve: 0, connect: 0, tls: 0 }, ownMs: { queued: 0, error: 0 } };
  }

  /** Further connections. */
  get wires(): Wires {
    if (this.#frame.wires === undefined) throw new Error('there is nobody to connect');
    return this.#frame.wires;
  }

  /** What to say when leaving, however the talk ends; undefined to leave without a word. Set it as soon as the server would understand it. */
  set farewell(bytes: Uint8Array | string | undefined) {
    this.#farewell = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
  }

  /** Notes what the server says of itself; kept also when the check fails later. */
  knows(facts: ServiceFacts): void {
    const known = { ...this.#facts, ...facts };
    this.#facts = Object.fromEntries(Object.entries(known).map(([key, value]) => [key, words(value)]));
  }

  /** Notes a value of a family of the check's own. */
  sample(name: string, value: number, labels: CheckSample['labels'] = {}): void {
    this.#samples.push({ name, labels, value });
  }

  /** Notes when bytes come before they are looked at: what that takes is not the peer's time. */
  #stamped<Value, Taken>(reader: Reader<Value>, take: (stamped: Reader<Value>) => Taken): Taken {
    // What is there already came earlier, and between two polls of the loop a time stamp would be too early for what the next one delivers.
    let isWaiting = false;
    const taken = take((unread) => {
      if (isWaiting) this.arrival();
      return reader(unread);
    });
    isWaiting = true;
    return taken;
  }

  get #channel(): NonNullable<TalkFrame['channel']> {
    if (this.#frame.channel === undefined) throw new Error('there is an address only');
    return this.#frame.channel;
  }

  /** For the frame: what to say when leaving. */
  get lastWords(): Uint8Array | undefined {
    return this.#farewell;
  }

  /** For the frame: what was noted so far. */
  get noted(): Required<Pick<ProbeResult, 'service' | 'samples' | 'notes'>> {
    return { service: this.#facts, samples: this.#samples, notes: this.#notes };
  }
}

/** Reads one line without its end; undefined until there is one. */
function readLine(unread: Buffer, longest: number): { used: number; value: string } | undefined {
  const end = unread.indexOf(0x0a);
  if (end > longest || (end < 0 && unread.length > longest))
    throw new ProbeFailure('unexpected_response', `no line ends within ${longest} bytes: ${quote(unread)}`);
  if (end < 0) return undefined;
  const last = end > 0 && unread[end - 1] === 0x0d ? end - 1 : end;
  return { used: end + 1, value: unread.toString('utf8', 0, last) };
}

/** A server's own words, short and printable: one line, without what a terminal would obey. */
export function words(text: Uint8Array | string): string {
  const full = typeof text === 'string' ? text : Buffer.from(text.subarray(0, LONGEST_WORDS * 4)).toString('utf8');
  const clean = full
    .slice(0, LONGEST_WORDS * 4)
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
  return clean.length > LONGEST_WORDS ? `${clean.slice(0, LONGEST_WORDS)}...` : clean;
}

/** A server's own words in quotes, for messages. Bytes that are no text show as hex. */
export function quote(said: Uint8Array | string): string {
  if (typeof said === 'string') return JSON.stringify(words(said));
  const head = said.subarray(0, LONGEST_WORDS);
  const isText = isUtf8(said) && head.every((byte) => byte >= 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d);
  if (isText) return JSON.stringify(words(head));
  return `bytes ${Buffer.from(head.subarray(0, 32)).toString('hex')}${head.length > 32 ? '...' : ''}`;
}

/** Something else answers there, or the answer is wrong: `expected` what was due. */
export function unexpected(expected: string, said: Uint8Array | string): ProbeFailure {
  return new ProbeFailure('unexpected_response', `expected ${expected}, got ${quote(said)}`);
}

/** The service itself says that it is not able. */
export function unavailable(said: Uint8Array | string): ProbeFailure {
  return new ProbeFailure('service_unavailable', `the service says ${quote(said)}`);
}
