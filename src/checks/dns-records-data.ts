import { formatIp } from '../core/ip.ts';
import { type Cursor, malformed } from './dns-records-cursor.ts';
import { TYPES, typeName } from './dns-records-names.ts';

const READERS = {
  u8: (data: Cursor) => String(data.u8()),
  u16: (data: Cursor) => String(data.u16()),
  u32: (data: Cursor) => String(data.u32()),
  name: (data: Cursor) => data.name(),
  ip4: (data: Cursor) => formatIp(data.bytes(4)),
  ip6: (data: Cursor) => ip6(data.bytes(16)),
  /** One string with its length before it. */
  text: (data: Cursor) => `"${data.text(data.u8())}"`,
  word: (data: Cursor) => data.text(data.u8()),
  /** As many as there are. */
  texts: (data: Cursor) => list(data, () => `"${data.text(data.u8())}"`).join(' '),
  quotedRest: (data: Cursor) => `"${data.textToEnd()}"`,
  hex: (data: Cursor) => data.rest().toString('hex'),
  capitalHex: (data: Cursor) => data.rest().toString('hex').toUpperCase(),
  base64: (data: Cursor) => data.rest().toString('base64'),
  hyphens: (data: Cursor) => Array.from(data.rest(), (byte) => byte.toString(16).padStart(2, '0')).join('-'),
  type: (data: Cursor) => typeName(data.u16()),
  moment: (data: Cursor) => new Date(data.u32() * 1000).toISOString().replace(/\..*|\D/g, ''),
  salt: (data: Cursor) => data.bytes(data.u8()).toString('hex').toUpperCase() || '-',
  hash: (data: Cursor) => base32(data.bytes(data.u8())),
  types: (data: Cursor) => list(data, () => typesOf(data)).join(' '),
  params: (data: Cursor) => list(data, () => param(data)).join(' '),
} as const;

type Field = keyof typeof READERS;

const KEY: readonly Field[] = ['u16', 'u8', 'u8', 'base64'];
const DIGEST: readonly Field[] = ['u16', 'u8', 'u8', 'capitalHex'];
const ASSOCIATION: readonly Field[] = ['u8', 'u8', 'u8', 'hex'];
const RANKED: readonly Field[] = ['u16', 'name'];
const SIGNATURE: readonly Field[] = ['type', 'u8', 'u8', 'u32', 'moment', 'moment', 'u16', 'name', 'base64'];

/** What the data of a record consists of. Source: RFC 1035, section 3.3, and the RFC of each type. */
const LAYOUTS: Readonly<Record<string, readonly Field[]>> = {
  ...{ A: ['ip4'], AAAA: ['ip6'], NS: ['name'], CNAME: ['name'], PTR: ['name'], DNAME: ['name'], MB: ['name'] },
  ...{ MD: ['name'], MF: ['name'], MG: ['name'], MR: ['name'], 'NSAP-PTR': ['name'] },
  SOA: ['name', 'name', 'u32', 'u32', 'u32', 'u32', 'u32'],
  ...{ MX: RANKED, KX: RANKED, RT: RANKED, AFSDB: RANKED, LP: RANKED, PX: ['u16', 'name', 'name'] },
  ...{ RP: ['name', 'name'], MINFO: ['name', 'name'], TALINK: ['name', 'name'] },
  ...{ TXT: ['texts'], SPF: ['texts'], AVC: ['texts'], NINFO: ['texts'], HINFO: ['text', 'text'] },
  SRV: ['u16', 'u16', 'u16', 'name'],
  NAPTR: ['u16', 'u16', 'text', 'text', 'text', 'name'],
  ...{ CAA: ['u8', 'word', 'quotedRest'], URI: ['u16', 'u16', 'quotedRest'] },
  ...{ DS: DIGEST, CDS: DIGEST, DLV: DIGEST, TA: DIGEST, SSHFP: ['u8', 'u8', 'capitalHex'] },
  ...{ TLSA: ASSOCIATION, SMIMEA: ASSOCIATION, ZONEMD: ['u32', 'u8', 'u8', 'hex'] },
  ...{ DNSKEY: KEY, CDNSKEY: KEY, KEY, RKEY: KEY, OPENPGPKEY: ['base64'], DHCID: ['base64'] },
  ...{ RRSIG: SIGNATURE, SIG: SIGNATURE, NSEC: ['name', 'types'] },
  NSEC3: ['u8', 'u8', 'u16', 'salt', 'hash', 'types'],
  ...{ NSEC3PARAM: ['u8', 'u8', 'u16', 'salt'], CSYNC: ['u32', 'u16', 'types'] },
  ...{ SVCB: ['u16', 'name', 'params'], HTTPS: ['u16', 'name', 'params'] },
  ...{ EUI48: ['hyphens'], EUI64: ['hyphens'] },
};

const BY_TYPE = new Map(Object.entries(LAYOUTS).map(([name, layout]) => [TYPES[name], layout]));

/** The data of a record as zone files have it; undefined for types whose form is not known here. */
export function recordData(type: number, data: Cursor): string | undefined {
  const layout = BY_TYPE.get(type);
  if (layout === undefined) return undefined;
  // Nothing at all is allowed: updates have such records.
  if (data.isAtEnd) return '';
  const text = layout.map((field) => READERS[field](data)).filter((part) => part !== '');
  if (!data.isAtEnd) throw malformed('a record is longer than its type has it');
  return text.join(' ');
}

/** IPv4 within IPv6 as RFC 5952, section 5, has it. */
function ip6(bytes: Buffer): string {
  const isMapped = bytes.subarray(0, 12).equals(Buffer.from('00000000000000000000ffff', 'hex'));
  return isMapped ? `::ffff:${formatIp(bytes.subarray(12))}` : formatIp(bytes);
}

function list(data: Cursor, next: () => string): string[] {
  const found: string[] = [];
  while (!data.isAtEnd) found.push(next());
  return found;
}

/** One window of a bitmap of types. RFC 4034, section 4.1.2. */
function typesOf(data: Cursor): string {
  const [window, length] = [data.u8(), data.u8()];
  if (length === 0 || length > 32) throw malformed('a list of types has a window of a wrong size');
  const found: string[] = [];
  data.bytes(length).forEach((byte, i) => {
    for (let bit = 0; bit < 8; bit++) if (byte & (0x80 >> bit)) found.push(typeName(window * 256 + i * 8 + bit));
  });
  return data.spend(found.join(' '));
}

/** The keys of the parameters of a service, by number. */
const PARAMS = ['mandatory', 'alpn', 'no-default-alpn', 'port', 'ipv4hint', 'ech', 'ipv6hint'];

const PARAM_VALUES: Readonly<Record<string, (value: Cursor) => string>> = {
  mandatory: (value) => list(value, () => paramName(value.u16())).join(','),
  alpn: (value) => list(value, () => value.text(value.u8())).join(','),
  port: READERS.u16,
  ipv4hint: (value) => list(value, () => READERS.ip4(value)).join(','),
  ech: READERS.base64,
  ipv6hint: (value) => list(value, () => READERS.ip6(value)).join(','),
};

/** One parameter of a service. RFC 9460, section 2.2. */
function param(data: Cursor): string {
  const name = paramName(data.u16());
  const value = data.part(data.u16());
  const text = PARAM_VALUES[name]?.(value) ?? '';
  return `${name}="${text}${value.textToEnd()}"`;
}

function paramName(key: number): string {
  return PARAMS[key] ?? `key${key}`;
}

const BASE32 = '0123456789ABCDEFGHIJKLMNOPQRSTUV';

/** RFC 4648, section 7, without padding. */
function base32(bytes: Buffer): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{1,5}/g) ?? []).map((five) => BASE32[Number.parseInt(five.padEnd(5, '0'), 2)]).join('');
}
