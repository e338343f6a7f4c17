import { addressTree } from './hidden.ts';
import { formatIp, lacksZone, parseIp } from './ip.ts';

/**
 * One place to connect to. `host` is a name or a literal address without brackets, or the path of a Unix socket. The port is 0 where there
 * is none: for such a socket, and for a host as a whole.
 */
export type Endpoint = { readonly host: string; readonly port: number };

/**
 * What an address text says: where, which service when it was written as service://host, and which resource there (path and query) when it
 * was a URL.
 */
export type Address = { readonly endpoint: Endpoint; readonly service?: string; readonly resource?: string };

/** What an address has to be: `url` may go on behind host and port, `host` has no port, `path` is that of a Unix socket. */
export type AddressForm = 'url' | 'host' | 'path';

/** The outcome of reading something that people write: the value, or one sentence that says what would be right. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

const FORM = 'host:port, [IPv6]:port or service://host';
const LONGEST_NAME = 253;
const LONGEST_RESOURCE = 2000;
/** What the kernel has room for, without the zero byte. Source: unix(7). */
const LONGEST_PATH = 107;
const SHOWN = 80;
const NO_PASSWORD = 'a password has no place in an address: write basic_auth';
const NO_USER = 'users and passwords have no place in it: leave out all before the last @';

/** The endpoint as text, brackets around IPv6: the canonical address and the `target` label. */
export function formatEndpoint({ host, port }: Endpoint): string {
  if (port === 0) return host;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Whether it is a Unix socket of this machine. */
export function isSocketPath({ host }: Endpoint): boolean {
  return host.startsWith('/');
}

/** The service of a name, its usual ports and how its addresses look, where there is such a service. */
export type FindService = (
  name: string,
) => { readonly name: string; readonly ports: readonly number[]; readonly form?: AddressForm } | undefined;

/**
 * Reads host:port, [v6]:port, service://host and service://host:port; a host alone where there is a default port. Names are lower-cased:
 * DNS does not tell them apart.
 */
export function readAddress(text: string, findService: FindService, defaultPort?: number): Parsed<Address> {
  const scheme = /^([a-z][a-z0-9-]*):\/\/(.*)$/is.exec(text);
  if (scheme === null) return parseHostPort(text, text, defaultPort);
  const service = findService((scheme[1] ?? '').toLowerCase());
  if (service === undefined) return bad(text, `"${clip(scheme[1] ?? '')}" is not a known service`);
  const read = readForm(text, scheme[2] ?? '', service.form, service.ports[0]);
  return read.ok ? { ok: true, value: { ...read.value, service: service.name } } : read;
}

/** Reads what stands behind the scheme, or an address for which somebody else has said what it is. `text`: the whole, for messages. */
export function readForm(
  text: string,
  rest: string,
  form: AddressForm | undefined,
  defaultPort: number | undefined,
): Parsed<Address> {
  if (form === 'path') return socketPath(text, rest);
  if (form === 'host') return wholeHost(text, rest);
  if (form !== 'url') return parseHostPort(text, rest, defaultPort);
  const [, place = '', resource = ''] = /^([^/?#]*)([^#]*)/s.exec(rest) ?? [];
  if (place.includes('@')) return bad(text, NO_PASSWORD);
  if (resource.length > LONGEST_RESOURCE) return bad(text, `its path is longer than ${LONGEST_RESOURCE} characters`);
  if (/[^\x21-\x7e]/.test(resource)) return bad(text, 'its path must be written in ASCII, other characters as %XX');
  const read = parseHostPort(text, place, defaultPort);
  // A password may have a slash in it.
  if (!read.ok && resource.includes('@')) return bad(text, NO_PASSWORD);
  if (!read.ok || resource === '') return read;
  return { ok: true, value: { ...read.value, resource: resource.startsWith('/') ? resource : `/${resource}` } };
}

function socketPath(text: string, path: string): Parsed<Address> {
  if (!path.startsWith('/') || path.endsWith('/') || /\p{Cc}/u.test(path))
    return wrong(text, 'a Unix socket is written as its whole path, such as /run/app.sock');
  // A rule for /run/** is not one for /run/../etc.
  if (/\/\.{0,2}\//.test(path) || /\/\.{1,2}$/.test(path))
    return wrong(text, 'the path of a Unix socket must not have //, /./ or /../ in it');
  if (Buffer.byteLength(path) > LONGEST_PATH)
    return wrong(text, `the path of a Unix socket has at most ${LONGEST_PATH} bytes`);
  return { ok: true, value: { endpoint: { host: path, port: 0 } } };
}

function wholeHost(text: string, rest: string): Parsed<Address> {
  const bare = parseIp(rest)?.family === 6 ? `[${rest}]` : rest;
  if (/:\d*$/.test(bare) && !bare.endsWith(']')) return bad(text, 'it is a host as a whole: leave out the port');
  const read = parseHostPort(text, bare, 1);
  return read.ok ? { ok: true, value: { endpoint: { host: read.value.endpoint.host, port: 0 } } } : read;
}

function parseHostPort(text: string, rest: string, defaultPort: number | undefined): Parsed<Address> {
  const read = plainHostPort(text, rest, defaultPort);
  return read.ok || !rest.includes('@') ? read : bad(text, NO_USER);
}

function plainHostPort(text: string, rest: string, defaultPort: number | undefined): Parsed<Address> {
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

/** The message does not show who logs in where: a password may be in it. */
function bad(text: string, problem: string): { ok: false; problem: string } {
  return wrong(addressTree(text), problem);
}

function wrong(text: string, problem: string): { ok: false; problem: string } {
  return { ok: false, problem: `"${clip(text)}" is not an address: ${problem} (write ${FORM})` };
}

function clip(text: string): string {
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}...` : text;
}
