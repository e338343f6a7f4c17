import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { dnsQueryMessage, encodeDnsName } from '../../src/checks/dns-query-message.ts';
import { readDnsReply } from '../../src/checks/dns-records.ts';
import { ProbeFailure } from '../../src/core/reason.ts';

/** Each run of the tests tries the same: fast-check prints the seed with what it found. */
const REPRODUCIBLE = { seed: 20_261_122, numRuns: 2000 };

const u16 = (value: number) => Buffer.of(value >> 8, value & 255);
const wire = (name: string): Buffer => {
  const encoded = encodeDnsName(name);
  if (!encoded.ok) throw new Error(encoded.problem);
  return encoded.value;
};

/** A reply to a query of example.org with these answers; each record may say that its data is longer or shorter than it is. */
function reply(...answers: { type: number; data: string | Buffer; length?: number; owner?: string; of?: number }[]) {
  const head = Buffer.from('1234818000010000000000000765786d61706c65036f72670000ff0001', 'hex');
  const named = Buffer.concat([head.subarray(0, 12), wire('example.org'), Buffer.from('00ff0001', 'hex')]);
  named.writeUInt16BE(answers.length, 6);
  const records = answers.map(({ type, data, length, owner = 'c00c', of = 1 }) => {
    const bytes = Buffer.from(data as string, 'hex');
    return Buffer.concat([
      ...[Buffer.from(owner, 'hex'), u16(type), u16(of), Buffer.from('0000003c', 'hex')],
      ...[u16(length ?? bytes.length), bytes],
    ]);
  });
  return Buffer.concat([named, ...records]);
}

function textOf(type: number, data: string | Buffer): string | undefined {
  return readDnsReply(reply({ type, data })).answer[0]?.text.split('\t').slice(2).join(' ');
}

const ascii = (text: string) => Buffer.concat([Buffer.of(text.length), Buffer.from(text)]).toString('hex');
const ORG = 'c014';
/** Where the data of the first answer begins: behind the header, the question, and the head of the record. */
const FIRST_DATA = 12 + 17 + 12;

/** Types that the name server of the difference test has not, or not in a form that its zone would take. */
const TEXTS: readonly (readonly [number, string, string])[] = [
  [28, '00000000000000000000ffffc0000207', 'IN AAAA ::ffff:192.0.2.7'],
  [28, '20010db8000000000000000000000001', 'IN AAAA 2001:db8::1'],
  [
    46,
    `00010803000151805e0be1005e0be10004d2${ORG}010203`,
    'IN RRSIG A 8 3 86400 20200101000000 20200101000000 1234 org. AQID',
  ],
  [47, `${ORG}0006400000000003`, 'IN NSEC org. A RRSIG NSEC'],
  [50, '0100000502aabb050001020304000140', 'IN NSEC3 1 0 5 AABB 000G40O4 A'],
  [51, '0100000500', 'IN NSEC3PARAM 1 0 5 -'],
  [52, '030101abcd', 'IN TLSA 3 1 1 abcd'],
  [61, '010203', 'IN OPENPGPKEY AQID'],
  [63, '0000000a0101ff00', 'IN ZONEMD 10 1 1 ff00'],
  [64, `0001${ORG}0000000400010003ff00000141`, 'IN SVCB 1 org. mandatory="alpn,port" key65280="A"'],
  [
    65,
    '00010000020000000500020101000600' + '1020010db8000000000000000000000001',
    'IN HTTPS 1 . no-default-alpn="" ech="AQE=" ipv6hint="2001:db8::1"',
  ],
  [1, '', 'IN A '],
  [99, ascii('v=spf1'), 'IN SPF "v=spf1"'],
  [257, `8005${ascii('issue').slice(2)}22003b`, 'IN CAA 128 issue "\\"\\000;"'],
  [65_280, '', 'CLASS1 TYPE65280 \\# 0 '],
];

describe('a record', () => {
  test.each(TEXTS)('of type %i with the data %s', (type, data, text) => {
    expect(textOf(type, data)).toBe(text);
  });

  test('of another class keeps it, and one without a name its number', () => {
    const { answer } = readDnsReply(
      reply({ type: 16, data: ascii('x'), of: 3 }, { type: 16, data: ascii('x'), of: 77 }),
    );
    expect(answer.map(({ text }) => text)).toEqual([
      'example.org.\t60\tCH\tTXT\t"x"',
      'example.org.\t60\tCLASS77\tTXT\t"x"',
    ]);
  });

  test('has its name as zone files have it', () => {
    const owner = wire('a\\.b\\ "@.\\000é.org').toString('hex');
    expect(readDnsReply(reply({ type: 1, data: '7f000001', owner })).answer[0]?.text).toBe(
      'a\\.b\\ \\"\\@.\\000\\195\\169.org.\t60\tIN\tA\t127.0.0.1',
    );
    expect(readDnsReply(reply({ type: 1, data: '7f000001', owner: '00' })).answer[0]?.text).toMatch(/^\.\t/);
  });

  test('that is an OPT has the upper half of the rcode', () => {
    const opt = Buffer.concat([reply(), Buffer.from('0000290200010000000000', 'hex')]);
    opt.writeUInt16BE(1, 10);
    expect(readDnsReply(opt)).toMatchObject({ rcode: 16, additional: [{ type: 41 }] });
  });
});

describe('a reply', () => {
  test('that was cut between two records is what is left of it', () => {
    const cut = reply({ type: 1, data: '7f000001' });
    cut.writeUInt16BE(3, 6);
    cut.writeUInt16BE(1, 8);
    expect(readDnsReply(cut)).toMatchObject({ answer: [{ type: 1 }], authority: [] });
  });

  test.each([
    ['its data is shorter than its type', reply({ type: 1, data: '7f0001' })],
    ['its data is longer than its type', reply({ type: 1, data: '7f00000101' })],
    ['its data ends after the message', reply({ type: 1, data: '7f000001', length: 5 })],
    ['its name points at itself', reply({ type: 1, data: '7f000001', owner: 'c01d' })],
    ['its name points at another that points back', reply({ type: 1, data: '7f000001', owner: '0161c01d' })],
    ['its name points beyond the message', reply({ type: 1, data: '7f000001', owner: 'ffff' })],
    ['its name has a label of an unknown kind', reply({ type: 1, data: '7f000001', owner: '40c00c' })],
    [
      'its name is longer than 255 bytes',
      reply({ type: 1, data: '7f000001', owner: `${`3f${'61'.repeat(63)}`.repeat(4)}00` }),
    ],
    ['a name in its data goes on beyond it', reply({ type: 2, data: 'c00c', length: 1 })],
    ['its text is longer than its data', reply({ type: 16, data: '0561' })],
    ['its types are in no window', reply({ type: 47, data: '000000' })],
  ])('is none when of a record %s', (_, bytes) => {
    expect(() => readDnsReply(bytes)).toThrow(ProbeFailure);
  });

  test('is not unfolded without end', () => {
    const label = `3f${'00'.repeat(63)}`;
    const long = reply({ type: 10, data: `${label.repeat(3)}00` });
    const pointer = Buffer.from(
      `c0${(long.length - 193).toString(16).padStart(2, '0')}000a000100000000${'0000'}`,
      'hex',
    );
    const bomb = Buffer.concat([long, ...Array.from({ length: 5000 }, () => pointer)]);
    bomb.writeUInt16BE(5001, 6);
    expect(() => readDnsReply(bomb)).toThrow('too long altogether');
  });

  test('has the labels of a name read once, however many records point at them', () => {
    const long = 'a.'.repeat(126);
    const owner = (i: number) => u16(0xc000 | (FIRST_DATA + 2 * (i % 126))).toString('hex');
    const records = Array.from({ length: 3000 }, (_, i) => ({ type: 1, data: '', owner: owner(i) }));
    const bytes = reply({ type: 2, data: wire(long) }, ...records);
    const decoded = vi.spyOn(bytes, 'toString');
    const { answer } = readDnsReply(bytes);
    expect(decoded.mock.calls.length).toBeLessThan(200);
    expect(answer[0]?.text).toBe(`example.org.\t60\tIN\tNS\t${long}`);
    expect(answer.slice(1).map(({ text }) => text)).toEqual(
      records.map((_, i) => `${long.slice(2 * (i % 126))}\t60\tIN\tA\t`),
    );
  });

  test('has names as long as they may be also where they point at others', () => {
    const end = wire('b'.repeat(63)).subarray(0, -1);
    const tail = { type: 2, data: Buffer.concat([end, end, end, Buffer.of(0)]) };
    const ledBy = (size: number) => ({
      type: 1,
      data: '7f000001',
      owner: `${wire('c'.repeat(size)).subarray(0, -1).toString('hex')}c029`,
    });
    expect(readDnsReply(reply(tail, ledBy(61))).answer[1]?.text).toMatch(/^c{61}\.(b{63}\.){3}\t/);
    expect(() => readDnsReply(reply(tail, ledBy(62)))).toThrow('a name is too long');
  });

  test('has names that lead to others 126 times, and no further', () => {
    const chain = (length: number) => {
      const pointers = Array.from({ length }, (_, i) => u16(0xc000 | (i === 0 ? 12 : FIRST_DATA + 2 * (i - 1))));
      const last = u16(0xc000 | (FIRST_DATA + 2 * (length - 1))).toString('hex');
      const answers = [
        { type: 10, data: Buffer.concat(pointers) },
        { type: 1, data: '7f000001', owner: last },
      ];
      return readDnsReply(reply(...answers)).answer[1]?.text;
    };
    expect(chain(125)).toBe('example.org.\t60\tIN\tA\t127.0.0.1');
    expect(() => chain(126)).toThrow('points in circles');
  });

  test('is not unfolded without end by lists of types either', () => {
    const windows = Array.from({ length: 200 }, (_, i) => `${i.toString(16).padStart(2, '0')}20${'ff'.repeat(32)}`);
    const nsec = { type: 47, data: `${ORG}${windows.join('')}` };
    expect(() => readDnsReply(reply(nsec, nsec, nsec))).toThrow('too long altogether');
  });

  test('is read or refused, whatever the bytes are', () => {
    const good = reply(...TEXTS.map(([type, data]) => ({ type, data })));
    const anything = fc.oneof(
      fc.uint8Array({ minLength: 12, maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      fc
        .array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 })
        .map((changes) => changes.reduce((bytes, [at, byte]) => bytes.fill(byte, at, at + 1), Buffer.from(good))),
      fc.nat(good.length).map((length) => good.subarray(0, Math.max(12, length))),
    );
    const property = fc.property(anything, (bytes) => {
      try {
        readDnsReply(bytes);
      } catch (error) {
        if (!(error instanceof ProbeFailure)) throw error;
      }
    });
    fc.assert(property, REPRODUCIBLE);
  });
});

describe('a query', () => {
  test('has one question and the wish for recursion', () => {
    const question = { name: wire('example.org'), type: 257, class: 3, recursionDesired: true };
    const head = `12340100000100000000000007${Buffer.from('example').toString('hex')}036f7267000101`;
    expect(dnsQueryMessage(Buffer.from('1234', 'hex'), question).toString('hex')).toBe(`${head}0003`);
    expect(dnsQueryMessage(Buffer.from('1234', 'hex'), { ...question, recursionDesired: false })[2]).toBe(0);
  });

  test.each([
    ['.', '00'],
    ['a', '016100'],
    ['a.', '016100'],
    ['a\\.b.c', '03612e62016300'],
    ['\\007\\\\.', '02075c00'],
    ['é', '02c3a900'],
  ])('asks for %s as %s', (name, bytes) => {
    expect(wire(name).toString('hex')).toBe(bytes);
  });

  test.each(['', '..', '.a', 'a..', 'a'.repeat(64), `${'a'.repeat(63)}.`.repeat(4)])('cannot ask for "%s"', (name) => {
    expect(encodeDnsName(name).ok).toBe(false);
  });
});
