import { BlockList, isIP, SocketAddress } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cidrContains,
  formatIp,
  type IpAddress,
  ipHash,
  isMetadataAddress,
  isMetadataBlock,
  parseCidr,
  parseIp,
  toIp,
} from '../../src/core/ip.ts';

function ip(text: string): IpAddress {
  const address = parseIp(text);
  if (address === undefined) throw new Error(`${text} is no address`);
  return address;
}

function block(text: string) {
  const cidr = parseCidr(text);
  if (cidr === undefined) throw new Error(`${text} is no block`);
  return cidr;
}

describe('parseIp', () => {
  it('agrees with node:net on what an address is', () => {
    const nearly = fc.stringMatching(/^[0-9a-f:.]{1,24}$/);
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), nearly, fc.string()), (text) => {
        fc.pre(!text.includes('%'));
        expect(parseIp(text)?.family ?? 0).toBe(isIP(text));
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '01.2.3.4',
    '256.1.1.1',
    ':',
    ':::',
    '1::2::3',
    '1.2.3.4::',
    '1:2:3:4:5:6:7',
    '12345::',
    '::1%',
    '::1%a b',
    '1.2.3.4%eth0',
    '[::1]',
    '::1/64',
  ])('refuses %j', (text) => {
    expect(parseIp(text)).toBeUndefined();
  });

  it.each([
    '::',
    '::1',
    '1::',
    '1:2:3:4:5:6:7::',
    '::ffff:1.2.3.4',
    '64:ff9b::1.2.3.4',
    'fe80::1%eth0',
    'fe80::1%eth0.10',
  ])('reads %s', (text) => {
    expect(parseIp(text)).toMatchObject({ text, family: 6 });
  });
});

describe('formatIp', () => {
  it.each([
    ['0:0:0:0:0:0:0:0', '::'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['1:0:0:0:0:0:0:0', '1::'],
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['10:0:0:5:0:0:0:1', '10:0:0:5::1'],
    ['192.0.2.1', '192.0.2.1'],
  ])('writes %s as %s', (text, canonical) => {
    expect(formatIp(ip(text).bytes)).toBe(canonical);
  });

  it('is read back as the same bytes, and written as node:net writes it', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const { bytes, family } = ip(text);
        const written = formatIp(bytes);
        expect(ip(written).bytes).toEqual(bytes);
        // Node writes addresses with an embedded IPv4 address half in dots.
        const node = new SocketAddress({ address: written, family: family === 4 ? 'ipv4' : 'ipv6' }).address;
        if (family === 4 || !node.includes('.')) expect(written).toBe(node);
      }),
    );
  });
});

describe('toIp', () => {
  it.each([
    ['::ffff:127.0.0.1', '127.0.0.1', 4],
    ['127.0.0.1', '127.0.0.1', 4],
    ['::127.0.0.1', '::7f00:1', 6],
    ['::1', '::1', 6],
  ])('takes the bytes of %s for %s', (text, plain, family) => {
    expect(toIp(ip(text).bytes)).toMatchObject({ text: plain, family });
  });
});

describe('parseCidr and cidrContains', () => {
  it('agree with node:net BlockList about IPv4', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.integer({ min: 0, max: 32 }), fc.ipV4(), fc.boolean(), (net, bits, other, inside) => {
        const list = new BlockList();
        list.addSubnet(net, bits, 'ipv4');
        const address = inside ? net : other;
        expect(cidrContains(block(`${net}/${bits}`), ip(address))).toBe(list.check(address, 'ipv4'));
      }),
    );
  });

  it('agree with node:net BlockList about IPv6', () => {
    const unwrapped = fc.ipV6().filter((text) => !text.includes('.'));
    fc.assert(
      fc.property(unwrapped, fc.integer({ min: 1, max: 128 }), fc.nat({ max: 127 }), (net, bits, flipped) => {
        const list = new BlockList();
        list.addSubnet(net, bits, 'ipv6');
        const bytes = Uint8Array.from(ip(net).bytes);
        bytes[flipped >> 3] = (bytes[flipped >> 3] ?? 0) ^ (0x80 >> (flipped & 7));
        const address = formatIp(bytes);
        expect(cidrContains(block(`${net}/${bits}`), ip(address))).toBe(list.check(address, 'ipv6'));
      }),
    );
  });

  it.each([
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '10/8',
    '/8',
    'fe80::%eth0/10',
    'host/8',
    '10.0.0.0/1e1',
  ])('refuse %s', (text) => {
    expect(parseCidr(text)).toBeUndefined();
  });

  it('take a bare address for a block of one', () => {
    expect(cidrContains(block('10.0.0.1'), ip('10.0.0.1'))).toBe(true);
    expect(cidrContains(block('10.0.0.1'), ip('10.0.0.2'))).toBe(false);
  });

  it('judge an IPv4 address that is written as IPv6 as what it reaches', () => {
    expect(cidrContains(block('10.0.0.0/8'), ip('::ffff:10.1.2.3'))).toBe(true);
    expect(cidrContains(block('10.0.0.0/8'), ip('64:ff9b::10.1.2.3'))).toBe(true);
    expect(cidrContains(block('::ffff:0:0/96'), ip('::ffff:10.1.2.3'))).toBe(true);
    expect(cidrContains(block('10.0.0.0/8'), ip('::10.1.2.3'))).toBe(false);
  });
});

describe('metadata addresses', () => {
  it.each([
    '169.254.169.254',
    '169.254.0.1',
    'fe80::1',
    'febf::1',
    'fe80::1%eth0',
    'fd00:ec2::254',
    'fd00:ec2::23',
    'fd20:ce::254',
    'fd00:c1::a9fe:a9fe',
    '100.100.100.200',
    '::ffff:169.254.169.254',
    '64:ff9b::a9fe:a9fe',
  ])('include %s', (text) => {
    expect(isMetadataAddress(ip(text))).toBe(true);
  });

  it.each(['169.253.1.1', '10.0.0.1', 'fec0::1', '::1', 'fd00:ec2::253', '100.100.100.201'])(
    'do not include %s',
    (text) => {
      expect(isMetadataAddress(ip(text))).toBe(false);
    },
  );

  it('are named only by a block that lies within them', () => {
    expect(isMetadataBlock(block('169.254.169.254'))).toBe(true);
    expect(isMetadataBlock(block('169.254.0.0/16'))).toBe(true);
    expect(isMetadataBlock(block('169.0.0.0/8'))).toBe(false);
    expect(isMetadataBlock(block('0.0.0.0/0'))).toBe(false);
    expect(isMetadataBlock(block('::/0'))).toBe(false);
  });
});

describe('ipHash', () => {
  it('is FNV-1a over the bytes, the same for an IPv4 address however it is wrapped', () => {
    expect(ipHash(ip('127.0.0.1'))).toBe(3668918509);
    expect(ipHash(ip('::ffff:127.0.0.1'))).toBe(3668918509);
    expect(ipHash(ip('10.0.0.1'))).not.toBe(ipHash(ip('10.0.0.2')));
  });
});
