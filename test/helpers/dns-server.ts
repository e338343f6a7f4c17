import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** What the server says for a name and type: addresses, an error, or nothing at all. */
export type DnsReply = readonly string[] | 'NXDOMAIN' | 'SERVFAIL' | 'REFUSED' | 'silence';

const RCODE = { NXDOMAIN: 3, SERVFAIL: 2, REFUSED: 5 };
const TYPE_A = 1;

export type DnsServer = AsyncDisposable & {
  /** ip:port, as resolv.conf of the tests may write it. */
  readonly address: string;
  /** Every question so far: "A name" or "AAAA name". */
  readonly questions: string[];
};

/** A DNS server on loopback that answers as told. Source: RFC 1035, 4.1. */
export async function dnsServer(answer: (type: 'A' | 'AAAA', name: string) => DnsReply, ttl = 0): Promise<DnsServer> {
  const socket = createSocket('udp4');
  const questions: string[] = [];
  socket.on('message', (query, from) => {
    const { name, type, end } = readQuestion(query);
    const kind = type === TYPE_A ? 'A' : 'AAAA';
    questions.push(`${kind} ${name}`);
    const reply = answer(kind, name);
    if (reply !== 'silence') socket.send(encode(query.subarray(0, end), reply, type, ttl), from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    address: `127.0.0.1:${socket.address().port}`,
    questions,
    [Symbol.asyncDispose]: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

function readQuestion(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function encode(question: Buffer, reply: Exclude<DnsReply, 'silence'>, type: number, ttl: number): Buffer {
  const head = Buffer.from(question);
  const records = typeof reply === 'string' ? [] : reply.map((address) => record(address, type, ttl));
  head.writeUInt16BE(0x8180 | (typeof reply === 'string' ? RCODE[reply] : 0), 2);
  head.writeUInt16BE(records.length, 6);
  head.writeUInt16BE(0, 10);
  return Buffer.concat([head, ...records]);
}

function record(address: string, type: number, ttl: number): Buffer {
  const data =
    type === TYPE_A ? Buffer.from(address.split('.').map(Number)) : Buffer.concat([Buffer.alloc(15), Buffer.of(1)]);
  const fixed = Buffer.alloc(12);
  fixed.writeUInt16BE(0xc00c, 0);
  fixed.writeUInt16BE(type, 2);
  fixed.writeUInt16BE(1, 4);
  fixed.writeUInt32BE(ttl, 6);
  fixed.writeUInt16BE(data.length, 10);
  return Buffer.concat([fixed, data]);
}
