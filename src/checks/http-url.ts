import { type Endpoint, formatEndpoint } from '../core/endpoint.ts';
import { urlTree } from '../core/hidden.ts';
import { parseIp } from '../core/ip.ts';
import { ProbeFailure } from '../core/reason.ts';
import { quote } from './talk.ts';

/** The ports that go without saying. */
const PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443, 'ws:': 80, 'wss:': 443 };

/** As long as a name may be. RFC 1035, section 2.3.4. */
const LONGEST_HOST = 253;

/** Where a URL leads to. Throws ProbeFailure (unexpected_response) for a host that is longer than any name. */
export function endpointOf({ hostname, protocol, port }: URL): Endpoint {
  const bare = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname.toLowerCase();
  if (bare.length > LONGEST_HOST)
    throw new ProbeFailure('unexpected_response', `redirects to ${quote(bare)}, which is too long for a name`);
  return { host: bare, port: port === '' ? (PORTS[protocol] ?? 0) : Number(port) };
}

/**
 * The URL of a resource at an endpoint. A zone (%eth0) is this machine's own affair and no part of it: RFC 6874 never came to be used.
 * Throws ProbeFailure (exporter_error) for the few names that DNS may have and URLs may not, such as app.1.
 */
export function urlOf(scheme: 'http' | 'https', { host, port }: Endpoint, resource: string): URL {
  const place = formatEndpoint({ host: parseIp(host)?.text.replace(/%.*/, '') ?? host, port });
  const text = `${scheme}://${place}${resource}`;
  if (!URL.canParse(text)) throw new ProbeFailure('exporter_error', `a URL cannot have the host ${host}`);
  return new URL(text);
}

/** A URL as it may be shown: without the query, the fragment and the password, which may be secrets. */
export function withoutQuery(url: string): string {
  return urlTree(url.replace(/[?#].*/s, ''));
}
