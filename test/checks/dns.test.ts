import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dns } from '../../src/checks/dns.ts';
import { firstText, isDomainName, readReply } from '../../src/checks/dns-message.ts';
import { Visitor, visit } from '../helpers/checks.ts';
import { peer } from '../helpers/peers.ts';

const [NOERROR, FORMERR, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED] = [0, 1, 2, 3, 4, 5] as const;
const AA = 0x0400;
const TC = 0x0200;

/** A header of a reply to that query, then its question, then `rest`. */
function reply(query: Buffer, flags: number, answers = 0, rest = ''): Buffer {
  const bytes = Buffer.concat([query, Buffer.from(rest, 'hex')]);
  bytes.writeUInt16BE(0x8000 | flags, 2);
  bytes.writeUInt16BE(answers, 6);
  return bytes;
}

/** What a query asks: version, cookie or another name. */
function kind(query: Buffer): 'version' | 'cookie' | 'zone' {
  if (query.readUInt16BE(4) === 0) return 'cookie';
  return query.includes('version') ? 'version' : 'zone';
}

type Answer = (query: Buffer) => readonly Buffer[];

/** A name server by TCP; it notes what it is asked. */
async function byTcp(answer: Answer) {
  const asked: string[] = [];
  const server = await peer((socket) => {
    let unread = Buffer.alloc(0);
    socket.on('data', (bytes) => {
      unread = Buffer.concat([unread, bytes]);
      while (unread.length >= 2 && unread.length >= 2 + unread.readUInt16BE(0)) {
        const query = Buffer.from(unread.subarray(2, 2 + unread.readUInt16BE(0)));
        unread = unread.subarray(2 + query.length);
        asked.push(kind(query));
        for (const said of answer(query))
          socket.write(Buffer.concat([Buffer.of(said.length >> 8, said.length & 255), said]));
      }
    });
  });
  return Object.assign(server, { asked });
}

/** The same by UDP. */
async function byUdp(answer: Answer) {
  const socket = createSocket('udp4');
  const asked: string[] = [];
  socket.on('message', (query, from) => {
    asked.push(kind(query));
    for (const said of answer(query)) socket.send(said, from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    address: `127.0.0.1:${socket.address().port}`,
    asked,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => socket.close(() => resolve())),
  };
}

describe.each([
  ['tcp', byTcp],
  ['udp', byUdp],
] as const)('by %s', (transport, start) => {
  const how = { service: 'dns', options: { transport } };

  test.each([NOERROR, FORMERR, NXDOMAIN, NOTIMP, TC])('any reply proves the server: %i', async (flags) => {
    await using server = await start((query) => [reply(query, flags)]);
    const { failure, service } = await visit(server.address, how);
    expect({ failure, service }).toEqual({});
  });

  test.each([
    [AA | NOERROR, 1, 'up'],
    [AA | TC, 0, 'up'],
    [SERVFAIL, 0, 'service_unavailable: the service says "SERVFAIL for example.org"'],
    [REFUSED, 0, wrong('REFUSED')],
    [AA | NXDOMAIN, 0, wrong('NXDOMAIN')],
    [NOERROR, 1, wrong('NOERROR without authority')],
    [AA, 0, wrong('NOERROR without an SOA record')],
    [11, 0, wrong('RCODE11')],
  ])('of a zone the reply with flags %i and %i answers is: %s', async (flags, answers, verdict) => {
    await using server = await start((query) => [reply(query, flags, answers)]);
    const { failure } = await visit(server.address, { service: 'dns', options: { transport, zone: 'example.org' } });
    expect(failure === undefined ? 'up' : `${failure.reason}: ${failure.detail}`).toBe(verdict);
    expect(server.asked).toEqual(['zone']);
  });

  test('one that refuses to tell its version is asked without a question from then on, if it takes that', async () => {
    await using server = await start((query) => [reply(query, kind(query) === 'version' ? REFUSED : NOERROR)]);
    expect(await new Visitor(server.address, how).probes(4)).toEqual({ up: 4 });
    expect(server.asked).toEqual(['version', 'cookie', 'cookie', 'cookie', 'cookie']);
  });

  test.each([
    ['refuses that too', [REFUSED]],
    ['cannot read that', [FORMERR]],
    ['does not answer that', []],
  ])('one that %s is asked for its version again', async (_what, codes) => {
    await using server = await start((query) =>
      kind(query) === 'version' ? [reply(query, REFUSED)] : codes.map((code) => reply(query, code)),
    );
    expect(await new Visitor(server.address, how).probes(3)).toEqual({ up: 3 });
    expect(server.asked).toEqual(['version', 'cookie', 'version', 'version']);
  });

  test('one that is replaced by another is asked for its version again', async () => {
    let old = true;
    await using server = await start((query) => {
      if (kind(query) === 'version') return [reply(query, old ? REFUSED : NOERROR)];
      return [reply(query, old ? NOERROR : FORMERR)];
    });
    const visitor = new Visitor(server.address, how);
    await visitor.probes(2);
    old = false;
    expect(await visitor.probes(3)).toEqual({ up: 3 });
    expect(server.asked.slice(-3)).toEqual(['cookie', 'version', 'version']);
  });
});

test('a lost datagram is sent again after a second', async () => {
  let count = 0;
  await using server = await byUdp((query) => (++count === 1 ? [] : [reply(query, NOERROR)]));
  const { failure, phases } = await visit(server.address, { service: 'dns', options: { transport: 'udp' } });
  expect(failure).toBeUndefined();
  expect(phases.handshake).toBeGreaterThan(900);
  expect(server.asked).toEqual(['version', 'version']);
});

test('datagrams that are no reply to the query are ignored', async () => {
  await using server = await byUdp((query) => {
    const forged = reply(query, SERVFAIL);
    forged.writeUInt16BE(forged.readUInt16BE(0) ^ 1, 0);
    return [Buffer.alloc(0), Buffer.from('hello'), query, forged, reply(query, AA, 1)];
  });
  const options = { transport: 'udp', zone: 'example.org' };
  expect((await visit(server.address, { service: 'dns', options })).failure).toBeUndefined();
});

test.each([
  ['text', (_: Buffer) => Buffer.from('220 mail.example.org ESMTP\r\n')],
  [
    'a reply to another query',
    (query: Buffer) => framed(Buffer.concat([Buffer.of((query[0] ?? 0) ^ 1), query.subarray(1)])),
  ],
  ['the query itself', (query: Buffer) => framed(query)],
  ['too short a reply', (query: Buffer) => framed(reply(query, NOERROR).subarray(0, 11))],
])('by tcp %s is unexpected', async (_what, answer) => {
  await using server = await peer((socket) => {
    socket.on('data', (bytes) => socket.write(answer(bytes.subarray(2))));
  });
  const { failure } = await visit(server.address, { service: 'dns' });
  expect(failure).toMatchObject({ reason: 'unexpected_response', phase: 'handshake' });
});

test.each([
  ['example.org', true],
  ['example.org.', true],
  ['.', true],
  ['0/25.2.0.192.in-addr.arpa', true],
  ['_tcp.example.org', true],
  ['xn--bcher-kva.example', true],
  ['', false],
  ['..', false],
  ['example..org', false],
  ['bücher.example', false],
  ['-a.example', false],
  ['example.org/SOA?', false],
  [`${'a'.repeat(64)}.example`, false],
  [Array.from({ length: 64 }, () => 'abc').join('.'), false],
])('%j as a zone: %s', (name, may) => {
  expect(isDomainName(name)).toBe(may);
});

test('an option that is wrong is told with what it must be', () => {
  const read = dns.options.safeParse({ transport: 'tls', zone: 'http://example.org' });
  expect(read.error?.issues.map(({ message }) => message)).toEqual([
    'must be tcp or udp, not "tls"',
    'must be a domain name such as example.org, not "http://example.org"',
  ]);
});

test('whatever the bytes, reading a reply never throws', () => {
  const id = Buffer.of(1, 2);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      const message = Buffer.concat([id, Buffer.of(0x80, 0, 0, 1, 0, 1), Buffer.from(bytes)]);
      readReply(message, id);
      expect(firstText(message)?.length ?? 0).toBeLessThan(256);
    }),
  );
});

function wrong(what: string): string {
  return `unexpected_response: expected an authoritative answer for example.org, got "${what}"`;
}

function framed(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.of(0, bytes.length), bytes]);
}
