import { z } from 'zod';
import type { Reader } from '../net/channel.ts';
import type { Check } from './check.ts';
import {
  CHAOS,
  cookieQuery,
  firstText,
  IN,
  isDomainName,
  NOERROR,
  newId,
  type Question,
  query,
  REFUSED,
  type Reply,
  rcodeName,
  readReply,
  SERVFAIL,
  SOA,
  TXT,
} from './dns-message.ts';
import { quote, type Talk, unavailable, unexpected } from './talk.ts';

const TRANSPORTS = ['tcp', 'udp'] as const;

/** `transport`: "tcp" unless said otherwise. `zone`: a zone that the server must be an authority for. */
export type DnsOptions = {
  readonly transport?: (typeof TRANSPORTS)[number] | undefined;
  readonly zone?: string | undefined;
};

/** When a query that may have been lost is sent again, as resolvers do, ms. */
const RESEND_MS = 1000;
/** How long a server may take for a question that is asked by the way, ms. */
const ASIDE_MS = 300;
/** A length, our id, and the flag that makes it a reply. */
const HEAD_BYTES = 5;
const VERSION: Question = { name: 'version.bind', type: TXT, class: CHAOS };

/**
 * What was learnt of a server that refuses to tell its version, and may log each time that it has: `greeted` when it takes a query
 * without a question instead. BIND does; Unbound leaves some of them unanswered.
 */
type Learnt = { readonly greeted: boolean };

/** DNS. Source: RFC 1035; RFC 7766 (TCP); RFC 4892 (version.bind); RFC 7873, section 5.4 (query without a question). */
export const dns: Check<DnsOptions> = {
  name: 'dns',
  ports: [53],
  summary:
    'any answer to `version.bind TXT CH`; with `zone`, an authoritative one to its `SOA` (never asked to look up anything elsewhere)',
  tls: {},
  options: z.strictObject({
    transport: z
      .enum(TRANSPORTS, { error: ({ input }) => `must be tcp or udp, not ${quote(String(input))}` })
      .optional(),
    zone: z
      .string({ error: ({ input }) => zoneProblem(input) })
      .refine(isDomainName, { error: ({ input }) => zoneProblem(input) })
      .optional(),
  }),
  transport: ({ transport = 'tcp' }) => transport,
  mostPerSecond: 2,
  run: async (talk, { transport = 'tcp', zone }) => {
    const wire = new Wire(talk, transport);
    if (zone === undefined) await greet(talk, wire);
    else judgeZone(zone, (await wire.ask((id) => query(id, { name: zone, type: SOA, class: IN }))).reply);
  },
};

function zoneProblem(input: unknown): string {
  return `must be a domain name such as example.org, not ${quote(String(input))}`;
}

async function greet(talk: Talk, wire: Wire): Promise<void> {
  const { memory } = talk;
  const learnt = memory.value as Learnt | undefined;
  if (learnt?.greeted === true) {
    // Forgotten until it has answered once more: another server may have taken its place.
    memory.value = undefined;
    const { reply } = await wire.ask(cookieQuery);
    if (reply.rcode === SERVFAIL) throw unavailable('SERVFAIL');
    if (reply.rcode === NOERROR) memory.value = learnt;
    return;
  }
  const { reply, version } = await wire.ask((id) => query(id, VERSION));
  if (version !== undefined) talk.knows({ version });
  if (reply.rcode === SERVFAIL) throw unavailable('SERVFAIL');
  if (reply.rcode !== REFUSED || learnt !== undefined) return;
  memory.value = { greeted: false } satisfies Learnt;
  const aside = await wire.askAside(cookieQuery);
  memory.value = { greeted: aside?.reply.rcode === NOERROR } satisfies Learnt;
}

function judgeZone(zone: string, { rcode, authoritative, truncated, answers }: Reply): void {
  if (rcode === SERVFAIL) throw unavailable(`SERVFAIL for ${zone}`);
  if (rcode === NOERROR && authoritative && (answers > 0 || truncated)) return;
  const lack = authoritative ? 'without an SOA record' : 'without authority';
  const said = rcode === NOERROR ? `NOERROR ${lack}` : rcodeName(rcode);
  throw unexpected(`an authoritative answer for ${zone}`, said);
}

/** `version`: the text of the first answer. */
type Heard = { readonly reply: Reply; readonly version: string | undefined };

/** Queries and their replies, each a datagram, or with its length before it. RFC 1035, section 4.2. */
class Wire {
  readonly #talk: Talk;
  readonly #isUdp: boolean;

  constructor(talk: Talk, transport: 'tcp' | 'udp') {
    this.#talk = talk;
    this.#isUdp = transport === 'udp';
  }

  /** The reply, however long it takes. A datagram may be lost: it is sent again until the probe's deadline. */
  async ask(queryOf: (id: Buffer) => Buffer): Promise<Heard> {
    const id = newId();
    const bytes = queryOf(id);
    const reader = this.#reader(id);
    this.#send(bytes);
    if (!this.#isUdp) return this.#talk.take(reader);
    for (;;) {
      const heard = await this.#talk.takeWithin(RESEND_MS, reader);
      if (heard !== undefined) return heard;
      this.#send(bytes);
    }
  }

  /** The reply to a question that does not decide anything: undefined without one. */
  async askAside(queryOf: (id: Buffer) => Buffer): Promise<Heard | undefined> {
    const id = newId();
    this.#send(queryOf(id));
    return this.#talk.takeWithin(ASIDE_MS, this.#reader(id)).catch(() => undefined);
  }

  #send(bytes: Buffer): void {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(bytes.length);
    this.#talk.send(this.#isUdp ? bytes : Buffer.concat([length, bytes]));
  }

  #reader(id: Buffer): Reader<Heard> {
    return this.#isUdp ? (datagram) => heardFrom(datagram, id) : (unread) => readFramed(unread, id);
  }
}

/** A datagram that is no reply to our query is somebody's lost one. */
function heardFrom(datagram: Buffer, id: Buffer): { readonly used: number; readonly value: Heard } | undefined {
  const reply = readReply(datagram, id);
  return reply && { used: datagram.length, value: { reply, version: firstText(datagram) } };
}

/** With its length before it. RFC 7766, section 8. */
function readFramed(unread: Buffer, id: Buffer): { readonly used: number; readonly value: Heard } | undefined {
  if (unread.length < HEAD_BYTES) return undefined;
  const isReply = unread.subarray(2, 4).equals(id) && unread.readUInt8(4) >= 0x80;
  const end = 2 + unread.readUInt16BE(0);
  const heard = isReply ? heardFrom(unread.subarray(2, end), id) : undefined;
  if (!isReply || (heard === undefined && unread.length >= end)) throw unexpected('the reply to our query', unread);
  return heard && unread.length >= end ? { ...heard, used: end } : undefined;
}
