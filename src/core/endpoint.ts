import { formatIp, lacksZone, parseIp } from './ip.ts';

/** One place to connect to. `host` is a name or a literal address without brackets. */
export type Endpoint = { readonly host: string; readonly port: number };

/** What an address text says: where, and which service when it was written as service://host. */
export type Address = { readonly endpoint: Endpoint; readonly service?: string };

/** The outcome of reading something that people write: the value, or one sentence that says what would be right. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

const FORM = 'host:port, [IPv6]:port or service://host';
const LONGEST_NAME = 253;
const SHOWN = 80;

/** The endpoint as text, brackets around IPv6: the canonical address and the `target` label. */
export function formatEndpoint(endpoint: Endpoint): string {
  return endpoint.host.includes(':') ? `[${endpoint.host}]:${endpoint.port}` : `${endpoint.host}:${endpoint.port}`;
}

/** The service of a name and its usual ports, where there is such a service. */
export type FindService = (name: string) => { readonly name: string; readonly ports: readonly number[] } | undefined;

/**
 * Reads host:port, [v6]:port, service://host and service://host:port; a host alone where there is a default port. Names are lower-cased:
 * DNS does not tell them apart.
 */
export function readAddress(text: string, findService: FindService, defaultPort?: number): Parsed<Address> {
  const scheme = /^([a-z][a-z0-9-]*):\/\/(.*)$/is.exec(text);
  if (scheme === null) return parseHostPort(text, text, defaultPort);
  const service = findService((scheme[1] ?? '').toLowerCase());
  if (service === undefined) return bad(text, `"${clip(scheme[1] ?? '')}" is not a known service`);
  const read = parseHostPort(text, scheme[2] ?? '', service.ports[0]);
  return read.ok ? { ok: true, value: { ...read.value, service: service.name } } : read;
}

function parseHostPort(text: string, rest: string, defaultPort: number | undefined): Parsed<Address> {
  const found = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(.*))?$/s.exec(rest);
  if (found === null || looksLikeIp6(rest)) return bad(text, complaint(rest));
  const [, bracketed, bare, portText] = found;
  const port = portText === undefined ? defaultPort : parsePort(portText);
  if (port === undefined) {
    return bad(
      text,
      portText === undefined ? 'the port is missing' : `the port must be 1 to 65535, not "${clip(portText)}"`,
    );
  }
  const host = bracketed === undefined ? nameOrIp4(bare ?? '') : ip6(bracketed);
  return host !== undefined
    ? { ok: true, value: { endpoint: { host, port } } }
    : bad(text, hostComplaint(bracketed ?? bare ?? '', bracketed !== undefined));
}

/** Two colons and nothing that a name or a port has: otherwise ::1 would be complained about as port ":1". */
function looksLikeIp6(rest: string): boolean {
  return /^[\da-f.]*:[\da-f.]*:[\da-f.:]*$/i.test(rest);
}

function nameOrIp4(text: string): string | undefined {
  const host = text.toLowerCase();
  return isHost(host) ? host : undefined;
}

/** One spelling for each address, so that [::1] and [0:0:0:0:0:0:0:1] are one place. A zone (%eth0) stays: interface names have case. */
function ip6(text: string): string | undefined {
  const address = parseIp(text);
  if (address?.family !== 6 || lacksZone(address)) return undefined;
  const zoneAt = text.indexOf('%');
  return formatIp(address.bytes) + (zoneAt < 0 ? '' : text.slice(zoneAt));
}

function parsePort(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65535 ? port : undefined;
}

/** Whether a text can be a host: an IPv4 address or a DNS name (underscores allowed, as in service names). */
function isHost(host: string): boolean {
  if (/^[\d.]+$/.test(host)) return parseIp(host)?.family === 4;
  return (
    host.length <= LONGEST_NAME &&
    /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.?$/.test(host)
  );
}

function hostComplaint(host: string, bracketed: boolean): string {
  if (host === '') return 'the host is missing';
  const address = parseIp(host);
  if (bracketed && address !== undefined && lacksZone(address)) {
    return 'a link-local address needs its interface, such as [fe80::1%eth0]';
  }
  return `"${clip(host)}" is not ${bracketed ? 'an IPv6 address' : 'a host name or an IPv4 address'}`;
}

function complaint(rest: string): string {
  if (rest.startsWith('['))
    return 'the bracket of the IPv6 address is not closed, or something else than :port follows it';
  return 'an IPv6 address needs brackets';
}

function bad(text: string, problem: string): { ok: false; problem: string } {
  return { ok: false, problem: `"${clip(text)}" is not an address: ${problem} (write ${FORM})` };
}

function clip(text: string): string {
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}...` : text;
}
