/** A literal address: 4 bytes for IPv4, 16 for IPv6. `text` is what may be dialled, a zone such as %eth0 included. */
export type IpAddress = { readonly text: string; readonly family: 4 | 6; readonly bytes: Uint8Array };

/** An address block, such as 10.0.0.0/8. */
export type Cidr = { readonly bytes: Uint8Array; readonly bits: number };

const MAPPED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];
/** 64:ff9b::/96 and the first block of 64:ff9b:1::/48. 2002::/16 (6to4) has the IPv4 address right behind the prefix. */
const NAT64 = [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0];
const NAT64_LOCAL = [0, 0x64, 0xff, 0x9b, 0, 1, 0, 0, 0, 0, 0, 0];

/** The address that a text is, or undefined: names, ports and brackets are none. Octal and short forms ("010.1", "127.1") are refused. */
export function parseIp(text: string): IpAddress | undefined {
  const zoneAt = text.indexOf('%');
  const plain = zoneAt < 0 ? text : text.slice(0, zoneAt);
  const four = zoneAt < 0 ? parseIp4(plain) : undefined;
  if (four !== undefined) return { text, family: 4, bytes: Uint8Array.from(four) };
  if ((zoneAt >= 0 && !/^%[\w.:-]+$/.test(text.slice(zoneAt))) || !plain.includes(':')) return undefined;
  const six = parseIp6(plain);
  return six === undefined ? undefined : { text, family: 6, bytes: Uint8Array.from(six) };
}

/** One expression, as every request of a scraper comes by here. */
const DOTTED = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

function parseIp4(text: string): number[] | undefined {
  const found = DOTTED.exec(text);
  if (found === null || /(?:^|\.)0\d/.test(text)) return undefined;
  const bytes = [Number(found[1]), Number(found[2]), Number(found[3]), Number(found[4])];
  return bytes.some((byte) => byte > 255) ? undefined : bytes;
}

function parseIp6(text: string): number[] | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  // An IPv4 address may only be the end of the whole.
  const [head, tail] = halves.map((half, i) => parseGroups(half, i === halves.length - 1));
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined;
  if (tail === undefined) return head.length === 16 ? head : undefined;
  const gap = 16 - head.length - tail.length;
  return gap < 2 ? undefined : [...head, ...new Array<number>(gap).fill(0), ...tail];
}

function parseGroups(text: string, last: boolean): number[] | undefined {
  if (text === '') return [];
  const groups = text.split(':');
  const bytes: number[] = [];
  for (const [i, group] of groups.entries()) {
    const four = last && i === groups.length - 1 ? parseIp4(group) : undefined;
    if (four !== undefined) bytes.push(...four);
    else if (/^[0-9a-f]{1,4}$/i.test(group))
      bytes.push(Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255);
    else return undefined;
  }
  return bytes;
}

/** The address of 4 or 16 bytes. An IPv4 address wrapped as IPv6 (::ffff:127.0.0.1) is the IPv4 address. */
export function toIp(bytes: Uint8Array): IpAddress {
  const plain = MAPPED.every((byte, i) => byte === bytes[i]) && bytes.length === 16 ? bytes.subarray(12) : bytes;
  return { text: formatIp(plain), family: plain.length === 4 ? 4 : 6, bytes: plain };
}

/** The address in its canonical form. Source: RFC 5952. */
export function formatIp(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, i) =>
    (((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0)).toString(16),
  );
  const text = groups.join(':');
  // The longest run of zero groups, the first of equals, becomes "::"; a single zero group does not.
  const runs = Array.from(text.matchAll(/\b0(?::0)+\b/g), (run) => ({ at: run.index, length: run[0].length }));
  const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), { at: 0, length: 0 });
  if (longest.length === 0) return text;
  return `${text.slice(0, longest.at)}::${text.slice(longest.at + longest.length)}`.replace(/:{3,}/, '::');
}

/** The block that a text is: "10.0.0.0/8", "fd00::/8" or a bare address (then the whole of it must match). */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/');
  const address = parseIp(slash < 0 ? text : text.slice(0, slash));
  if (address === undefined || address.text.includes('%')) return undefined;
  const width = address.bytes.length * 8;
  if (slash < 0) return { bytes: address.bytes, bits: width };
  const bits = text.slice(slash + 1);
  return /^\d{1,3}$/.test(bits) && Number(bits) <= width ? { bytes: address.bytes, bits: Number(bits) } : undefined;
}

/** Whether the block holds the address. An IPv4 address written as IPv6 (mapped, NAT64) is judged as the IPv4 address that it reaches. */
export function cidrContains(block: Cidr, address: IpAddress): boolean {
  return holds(block, address.bytes) || holds(block, reached(address.bytes));
}

function holds(block: Cidr, bytes: Uint8Array): boolean {
  if (block.bytes.length !== bytes.length) return false;
  const whole = block.bits >> 3;
  for (let i = 0; i < whole; i++) if (block.bytes[i] !== bytes[i]) return false;
  const mask = (0xff00 >> (block.bits & 7)) & 0xff;
  return ((block.bytes[whole] ?? 0) & mask) === ((bytes[whole] ?? 0) & mask);
}

function reached(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 16 && bytes[0] === 0x20 && bytes[1] === 0x02) return bytes.subarray(2, 6);
  const wrapped =
    bytes.length === 16 && [MAPPED, NAT64, NAT64_LOCAL].some((prefix) => prefix.every((byte, i) => byte === bytes[i]));
  return wrapped ? bytes.subarray(12) : bytes;
}

const LINK_LOCAL_6 = ['fe80::/10'].flatMap((text) => parseCidr(text) ?? []);
const METADATA = [
  '169.254.0.0/16',
  'fe80::/10',
  'fd00:ec2::254', // AWS
  'fd00:ec2::23', // AWS, pods of EKS
  'fd20:ce::254', // Google Cloud
  'fd00:c1::a9fe:a9fe', // Oracle Cloud
  '100.100.100.200', // Alibaba Cloud
  '168.63.129.16', // Azure
  '192.0.0.192', // Oracle Cloud
].flatMap((text) => parseCidr(text) ?? []);

/** Link-local addresses and the other well-known addresses of cloud metadata services: where a probe must be asked for by name. */
export function isMetadataAddress(address: IpAddress): boolean {
  return METADATA.some((block) => cidrContains(block, address));
}

/** 32-bit FNV-1a of the address bytes, so that a change of address shows in a gauge. Source: blackbox_exporter, probe_ip_addr_hash. */
export function ipHash(address: IpAddress): number {
  let hash = 0x811c9dc5;
  for (const byte of reached(address.bytes)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

/** An IPv6 link-local address without its zone: nothing can be dialled there, as every interface has such addresses. */
export function lacksZone(address: IpAddress): boolean {
  return (
    address.family === 6 && !address.text.includes('%') && LINK_LOCAL_6.some((block) => holds(block, address.bytes))
  );
}

/** Whether a block lies wholly within the metadata addresses: only such a rule names them explicitly, 0.0.0.0/0 does not. */
export function isMetadataBlock(block: Cidr): boolean {
  return METADATA.some((known) => known.bits <= block.bits && holds(known, block.bytes));
}
