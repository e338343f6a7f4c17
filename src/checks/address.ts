import { type Address, type Parsed, readAddress, readForm } from '../core/endpoint.ts';
import { parseIp } from '../core/ip.ts';
import type { Check } from './check.ts';
import { serviceByName } from './registry.ts';

/** Reads host:port, [v6]:port, service://host and service://host:port, with the services there are; a host alone where there is a default port. */
export function parseAddress(text: string, defaultPort?: number): Parsed<Address> {
  return readAddress(text, serviceByName, defaultPort);
}

/** Where a module is to look: an address, and whether it was written as one in TLS (https://). */
export type Place = Omit<Address, 'service'> & { readonly inTls: boolean };

/**
 * Reads what a module is to look at: a URL, a host or the path of a socket where its check has such addresses, else host:port. With a
 * default port a host alone will do, an IPv6 address without its brackets too.
 */
export function parsePlace(text: string, check: Check | undefined, defaultPort: number | undefined): Parsed<Place> {
  const { form, schemes } = check ?? {};
  if (schemes !== undefined) return parseUrl(text, schemes);
  if (form !== undefined) return placed(readForm(text, withoutScheme(text, form), form, defaultPort), false);
  const isBare = defaultPort !== undefined && parseIp(text)?.family === 6;
  const read = parseAddress(isBare ? `[${text}]` : text, defaultPort);
  if (read.ok && read.value.resource !== undefined)
    return {
      ok: false,
      problem: `"${text.slice(0, 80)}" has a path, which ${check?.name ?? 'a connect'} does not ask for`,
    };
  return placed(read, false);
}

function parseUrl(text: string, schemes: NonNullable<Check['schemes']>): Parsed<Place> {
  const [, name, behind = ''] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(text) ?? [];
  const scheme = schemes.find((one) => one.name === (name?.toLowerCase() ?? schemes[0]?.name));
  if (scheme === undefined) {
    const known = schemes.map((one) => `${one.name}://`).join(' or ');
    return { ok: false, problem: `"${text.slice(0, 80)}" must begin with ${known}` };
  }
  return placed(readForm(text, name === undefined ? text : behind, 'url', scheme.port), scheme.inTls);
}

/** unix:///run/app.sock is /run/app.sock, and icmp://host is host. */
function withoutScheme(text: string, form: 'url' | 'host' | 'path'): string {
  const scheme = form === 'path' ? 'unix://' : 'icmp://';
  return text.startsWith(scheme) ? text.slice(scheme.length) : text;
}

function placed(read: Parsed<Address>, inTls: boolean): Parsed<Place> {
  if (!read.ok) return read;
  const { service: _, ...place } = read.value;
  return { ok: true, value: { ...place, inTls } };
}
