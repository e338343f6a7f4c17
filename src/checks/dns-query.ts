import { z } from 'zod';
import { ProbeFailure } from '../core/reason.ts';
import type { Check } from './check.ts';
import { newId } from './dns-message.ts';
import { QUERY_FAMILIES, QUERY_FAMILY_LIST, queryReport } from './dns-query-families.ts';
import { dnsQueryMessage, encodeDnsName } from './dns-query-message.ts';
import { judgeRecords, MOST_WORK, type Rules } from './dns-query-rules.ts';
import { type DnsReply, isReplyTo, readDnsReply, SECTIONS, type Section } from './dns-records.ts';
import { CLASSES, RCODES, replyCodeName, TYPES } from './dns-records-names.ts';
import { type Talk, unavailable, unexpected } from './talk.ts';

/** A query, and what its reply must be. Name as zone files have it; type, class and rcodes by name. */
export type DnsQueryOptions = {
  readonly transport: 'tcp' | 'udp';
  readonly name: string;
  readonly type: string;
  readonly class: string;
  readonly recursionDesired: boolean;
  readonly validRcodes: readonly string[];
  readonly validate: Readonly<Partial<Record<Section, Rules>>>;
};

/** When a query that may have been lost is sent again, as resolvers do, ms. */
const RESEND_MS = 1000;
/** A length, our id, and the flag that makes it a reply. */
const HEAD_BYTES = 5;

/** A DNS query as the configuration writes it. It is no service of its own. Source: blackbox_exporter, CONFIGURATION.md, <dns_probe>. */
export const dnsQuery: Check<DnsQueryOptions> = {
  name: 'dns',
  ports: [53],
  summary: 'the query of the module, whose reply must be as it says',
  tls: { direct: true },
  // Made by whoever reads the configuration, never written under `options:`.
  options: z.custom<DnsQueryOptions>((value) => typeof value === 'object' && value !== null && 'validRcodes' in value),
  transport: ({ transport }) => transport,
  families: QUERY_FAMILY_LIST,
  report: queryReport,
  run: async (talk, options) => {
    const startedAt = talk.now();
    const message = await ask(talk, options);
    // Before it is looked at: judging it is not the server's time.
    const tookMs = Math.max(0, talk.arrival() - startedAt);
    talk.sample(QUERY_FAMILIES.duration, tookMs / 1000, { phase: 'request' });
    const reply = readDnsReply(message);
    note(talk, options, reply);
    judge(options, reply);
  },
};

async function ask(talk: Talk, options: DnsQueryOptions): Promise<Buffer> {
  const name = encodeDnsName(options.name);
  const [type, of] = [TYPES[options.type], CLASSES[options.class]];
  if (!name.ok || type === undefined || of === undefined) throw new Error('the query was not checked');
  const id = newId();
  const { recursionDesired } = options;
  const query = dnsQueryMessage(id, { name: name.value, type, class: of, recursionDesired });
  if (options.transport === 'tcp') {
    talk.send(Buffer.concat([Buffer.of(query.length >> 8, query.length & 0xff), query]));
    return talk.take((unread) => framed(unread, id));
  }
  for (;;) {
    talk.send(query);
    // What is no reply to our query is somebody's lost one.
    const reply = await talk.takeWithin(RESEND_MS, (datagram) =>
      isReplyTo(id, datagram) ? { used: datagram.length, value: Buffer.from(datagram) } : undefined,
    );
    if (reply !== undefined) return reply;
  }
}

/** With its length before it. RFC 7766, section 8. */
function framed(unread: Buffer, id: Buffer): { readonly used: number; readonly value: Buffer } | undefined {
  if (unread.length < HEAD_BYTES) return undefined;
  const isReply = unread.subarray(2, 4).equals(id) && unread.readUInt8(4) >= 0x80;
  const end = 2 + unread.readUInt16BE(0);
  const message = unread.subarray(2, end);
  if (!isReply || (unread.length >= end && !isReplyTo(id, message))) throw unexpected('the reply to our query', unread);
  return unread.length >= end ? { used: end, value: Buffer.from(message) } : undefined;
}

function note(talk: Talk, { type }: DnsQueryOptions, reply: DnsReply): void {
  talk.sample(QUERY_FAMILIES.succeeded, 1);
  for (const section of SECTIONS) talk.sample(QUERY_FAMILIES[section], reply[section].length);
  if (type !== 'SOA') return;
  const serials = reply.answer.flatMap(({ serial }) => serial ?? []);
  talk.sample(QUERY_FAMILIES.serial, serials.at(-1) ?? 0);
}

function judge({ validRcodes, validate }: DnsQueryOptions, reply: DnsReply): void {
  if (!validRcodes.some((name) => RCODES[name] === reply.rcode)) {
    const said = replyCodeName(reply.rcode);
    throw said === 'SERVFAIL' ? unavailable(said) : unexpected(validRcodes.join(' or '), said);
  }
  const work = { left: MOST_WORK };
  for (const section of SECTIONS) {
    const problem = judgeRecords(reply[section], validate[section] ?? {}, work);
    if (problem !== undefined) throw new ProbeFailure('content_mismatch', `the ${section} section: ${problem}`);
  }
}
