import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { probeWith } from '../helpers/modules.ts';
import { listenOn, peer } from '../helpers/peers.ts';

const [NXDOMAIN, SERVFAIL] = [3, 2];
const A = (last: number) => `c00c000100010000003c0004c00002${last.toString(16).padStart(2, '0')}`;
const SOA = 'c00c000600010000003c00160000789abcde0000003c0000003c0000003c0000003c';

/** The reply to a query: its question, then these records of each section. */
function replyTo(query: Buffer, rcode: number, ...sections: readonly (readonly string[])[]): Buffer {
  const bytes = Buffer.concat([query, ...sections.flat().map((record) => Buffer.from(record, 'hex'))]);
  bytes.writeUInt16BE(0x8400 | rcode, 2);
  sections.forEach((records, i) => void bytes.writeUInt16BE(records.length, 6 + 2 * i));
  return bytes;
}

/** What a name server says to the nth query that it gets. */
type Answer = (query: Buffer, count: number) => readonly Buffer[];

async function byUdp(answer: Answer) {
  const socket = createSocket('udp4');
  let count = 0;
  socket.on('message', (query, from) => {
    count += 1;
    for (const said of answer(query, count)) socket.send(said, from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    port: socket.address().port,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => socket.close(() => resolve())),
  };
}

function framed(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.of(bytes.length >> 8, bytes.length & 255), bytes]);
}

const UDP = { preferred_ip_protocol: 'ip4', query_name: 'example.org', query_type: 'A' };
const TCP = { ...UDP, transport_protocol: 'tcp' };
const module = (dns: object) => ({ prober: 'dns', dns });

/** The samples of a probe as one object. */
function values(samples: readonly { name: string; value: number }[] = []): Record<string, number> {
  return Object.fromEntries(
    samples.filter(({ name }) => !name.includes('duration')).map((one) => [one.name, one.value]),
  );
}

describe('a DNS query', () => {
  test('counts the records of the reply, and tells the serial number of the zone', async () => {
    await using server = await byUdp((query) => [replyTo(query, 0, [SOA], [A(1), A(2)], [A(3), A(4), A(5)])]);
    const { failure, samples, phases } = await probeWith(module({ ...UDP, query_type: 'SOA' }), server.port);
    expect(failure).toBeUndefined();
    expect(values(samples)).toEqual({
      ...{ probe_dns_query_succeeded: 1, probe_dns_serial: 0x789abcde },
      ...{ probe_dns_answer_rrs: 1, probe_dns_authority_rrs: 2, probe_dns_additional_rrs: 3 },
    });
    expect(phases.handshake).toBeGreaterThan(0);
  });

  test('has the serial number 0 when the reply has none, as in blackbox_exporter', async () => {
    await using server = await byUdp((query) => [replyTo(query, 0)]);
    const { samples } = await probeWith(module({ ...UDP, query_type: 'SOA' }), server.port);
    expect(values(samples)).toMatchObject({ probe_dns_serial: 0 });
  });

  test('is sent again when its datagram was lost, and takes no other reply for its own', async () => {
    await using server = await byUdp((query, count) => {
      const other = replyTo(query, 0, [A(9)]);
      other.writeUInt16BE(other.readUInt16BE(0) ^ 1);
      return count === 1 ? [other, query, Buffer.from('x')] : [replyTo(query, 0, [A(1), A(2)])];
    });
    const { failure, samples } = await probeWith(module(UDP), server.port);
    expect(failure).toBeUndefined();
    expect(values(samples)).toMatchObject({ probe_dns_answer_rrs: 2 });
  });

  test('by TCP may be replied to byte by byte', async () => {
    await using server = await peer((socket) => {
      socket.once('data', (query) => {
        for (const byte of framed(replyTo(query.subarray(2), 0, [A(1)]))) socket.write(Buffer.of(byte));
      });
    });
    const { failure, samples } = await probeWith(module(TCP), server.port);
    expect(failure).toBeUndefined();
    expect(values(samples)).toMatchObject({ probe_dns_answer_rrs: 1 });
  });

  test('by TCP may be replied to at the greatest length that there is', async () => {
    await using server = await peer((socket) => {
      socket.once('data', (query) => {
        // Of a type that nobody knows, with whatever room is left: 12 bytes of a record come before it.
        const room = 0xffff - (query.length - 2) - 12;
        const record = `c00cff0000010000003c${room.toString(16)}${'00'.repeat(room)}`;
        socket.write(framed(replyTo(query.subarray(2), 0, [record])));
      });
    });
    const { failure, samples } = await probeWith(module(TCP), server.port);
    expect(failure).toBeUndefined();
    expect(values(samples)).toMatchObject({ probe_dns_answer_rrs: 1 });
  });

  test('goes through TLS', async () => {
    const file = (name: string) => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url));
    const material = { cert: file('self-signed.crt'), key: file('self-signed.key') };
    const server = createServer(material, (socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (query) => void socket.write(framed(replyTo(query.subarray(2), 0, [A(1)]))));
    });
    server.on('tlsClientError', () => undefined);
    const port = await listenOn(server);
    const inTls = { ...TCP, dns_over_tls: true };
    const trusting = await probeWith(module({ ...inTls, tls_config: { insecure_skip_verify: true } }), port);
    const wary = await probeWith(module(inTls), port);
    server.close();
    expect(trusting).toMatchObject({ tls: { version: 'TLS 1.3' }, phases: { tls: expect.any(Number) } });
    expect(trusting.failure).toBeUndefined();
    expect(wary.failure).toMatchObject({ reason: 'tls_certificate_untrusted', phase: 'tls' });
  });

  test.each([
    ['another service', Buffer.from('SSH-2.0-OpenSSH_9.2p1\r\n')],
    ['a message that is too short', Buffer.from('0003ffffff', 'hex')],
  ])('by TCP is not replied to by %s', async (_, said) => {
    await using server = await peer((socket) => void socket.write(said));
    expect((await probeWith(module(TCP), server.port)).failure).toMatchObject({
      ...{ reason: 'unexpected_response', phase: 'handshake' },
    });
  });

  test.each([
    ['NOERROR', undefined, 0, undefined],
    ['SERVFAIL', undefined, SERVFAIL, ['service_unavailable', 'the service says "SERVFAIL"']],
    ['NXDOMAIN', undefined, NXDOMAIN, ['unexpected_response', 'expected NOERROR, got "NXDOMAIN"']],
    ['an rcode without a name', undefined, 15, ['unexpected_response', 'expected NOERROR, got "RCODE15"']],
    ['SERVFAIL, which is wanted', ['SERVFAIL'], SERVFAIL, undefined],
    ['NXDOMAIN, which is wanted', ['NOERROR', 'NXDOMAIN'], NXDOMAIN, undefined],
    [
      'NOERROR, which is not',
      ['NXDOMAIN', 'REFUSED'],
      0,
      ['unexpected_response', 'expected NXDOMAIN or REFUSED, got "NOERROR"'],
    ],
  ] as const)('that is replied to with %s', async (_, valid_rcodes, rcode, expected) => {
    await using server = await byUdp((query) => [replyTo(query, rcode)]);
    const { failure, samples } = await probeWith(
      module({ ...UDP, ...(valid_rcodes && { valid_rcodes }) }),
      server.port,
    );
    expect(failure && [failure.reason, failure.detail]).toEqual(expected);
    expect(values(samples)).toMatchObject({ probe_dns_query_succeeded: 1 });
  });

  test('whose reply is no DNS message has not succeeded', async () => {
    await using server = await byUdp((query) => [replyTo(query, 0, ['c00c00010001'])]);
    const { failure, samples } = await probeWith(module(UDP), server.port);
    expect(failure).toMatchObject({ reason: 'unexpected_response', phase: 'handshake' });
    expect(values(samples)).toEqual({});
  });

  test('is held against no more than patterns of their size can be', async () => {
    const text = `c00c001000010000003cfa00${`f9${'61'.repeat(249)}`.repeat(256)}`;
    await using server = await peer((socket) => {
      socket.once('data', (query) => void socket.write(framed(replyTo(query.subarray(2), 0, [text]))));
    });
    const slow = { ...TCP, validate_answer_rrs: { fail_if_matches_regexp: ['(a?){500}b'] } };
    const { failure } = await probeWith(module(slow), server.port);
    expect(failure).toMatchObject({ reason: 'unexpected_response', detail: /patterns of this size/ });
  });
});

const MATCHES = 'fail_if_matches_regexp';
const NOT = 'fail_if_not_matches_regexp';
const NONE = 'fail_if_none_matches_regexp';
const ALL = 'fail_if_all_match_regexp';
const FIRST = '"example.org. 60 IN A 192.0.2.1"';
const SECOND = '"example.org. 60 IN A 192.0.2.2"';
const BOTH = ['192\\.0\\.2\\.\\d$', '^example\\.org\\.\\t60\\tIN\\tA\\t'];

describe('the records of a reply', () => {
  test.each([
    [MATCHES, ['Q', 'R'], 2, undefined],
    [MATCHES, ['Q', '2$'], 2, `${SECOND} matches "2$"`],
    [MATCHES, ['.'], 0, undefined],
    [NOT, BOTH, 2, undefined],
    [NOT, ['192', '2$'], 2, `${FIRST} does not match "2$"`],
    [NOT, ['Q', 'R'], 0, 'it has no record to match "Q" or "R"'],
    [NONE, ['Q', '2$'], 2, undefined],
    [NONE, ['Q', 'R'], 2, `no record matches "Q" or "R"; the first is ${FIRST}`],
    [NONE, ['.'], 0, 'it has no record to match "."'],
    [ALL, BOTH, 2, undefined],
    [ALL, ['1$'], 2, `${SECOND} does not match "1$"`],
    [ALL, ['Q'], 0, undefined],
  ] as const)('%s of %j', async (rule, patterns, count, problem) => {
    const records = [A(1), A(2)].slice(0, count);
    const sections = { answer: [records], authority: [[], records], additional: [[], [], records] };
    for (const [section, all] of Object.entries(sections)) {
      await using server = await byUdp((query) => [replyTo(query, 0, ...all)]);
      const { failure } = await probeWith(
        module({ ...UDP, [`validate_${section}_rrs`]: { [rule]: patterns } }),
        server.port,
      );
      const expected = problem && ['content_mismatch', 'handshake', `the ${section} section: ${problem} (${rule})`];
      expect(failure && [failure.reason, failure.phase, failure.detail]).toEqual(expected);
    }
  });
});
