import { isTelling } from '../core/hidden.ts';
import { ProbeFailure } from '../core/reason.ts';
import { withoutQuery } from './http-url.ts';
import { quote } from './talk.ts';

/** One request. `headers` has neither Host nor what the cookie jar adds. */
export type HttpRequest = {
  readonly method: string;
  readonly url: URL;
  readonly headers: readonly (readonly [name: string, value: string, kind?: 'secret'])[];
  /** What Host says, where that is not the host of the URL. */
  readonly host?: string;
  readonly body?: string | Uint8Array;
};

/** All requests so far, the first one first. */
export type Requests = readonly [HttpRequest, ...HttpRequest[]];

/** The part of an answer that redirects; the header as bytes, which is how Node.js gives it (latin1). */
export type Redirect = { readonly status: number; readonly location?: string };

/** As Go and browsers do. */
export const MOST_REDIRECTS = 10;
const KEEP_METHOD = new Set([307, 308]);
const REDIRECTS = new Set([301, 302, 303, ...KEEP_METHOD]);
const SECRETS = new Set([
  'authorization',
  'www-authenticate',
  'cookie',
  'cookie2',
  'proxy-authorization',
  'proxy-authenticate',
]);
const OF_BODY = /^content-/i;

/** Whether an answer sends us elsewhere. */
export function isRedirectTo(location: string, status: number): boolean {
  return REDIRECTS.has(status) && location !== '';
}

/**
 * What is asked next; undefined when the answer is the last one. Throws ProbeFailure (unexpected_response) when it redirects to what is no
 * URL of a web server, or once too often. Source: Go, net/http, Client.Do.
 */
export function nextRequest(requests: Requests, { status, location = '' }: Redirect): HttpRequest | undefined {
  if (!isRedirectTo(location, status)) return undefined;
  const [first] = requests;
  const last = requests.at(-1) ?? first;
  const url = target(location, last.url);
  if (requests.length > MOST_REDIRECTS)
    throw new ProbeFailure(
      'unexpected_response',
      `redirected ${MOST_REDIRECTS} times, then to ${quote(withoutQuery(url.href))}`,
    );
  const body = KEEP_METHOD.has(status) ? last.body : undefined;
  const host = keepsHost(location, last, url) ? last.host : undefined;
  return {
    method: KEEP_METHOD.has(status) || last.method === 'HEAD' ? last.method : 'GET',
    url,
    headers: headersFor(url, requests, body !== undefined),
    ...(host !== undefined && { host }),
    ...(body !== undefined && { body }),
  };
}

function target(location: string, base: URL): URL {
  const text = /^[\p{ASCII}\x80-\xff]*$/u.test(location) ? Buffer.from(location, 'latin1').toString('utf8') : location;
  if (!URL.canParse(text, base.href))
    throw new ProbeFailure('unexpected_response', `redirects to ${quote(withoutQuery(text))}, which is not a URL`);
  const url = new URL(text, base);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new ProbeFailure(
      'unexpected_response',
      `redirects to ${quote(withoutQuery(text))}, which is neither http nor https`,
    );
  url.hash = '';
  return url;
}

/** A Host of one's own is meant for the host that was asked, as long as it redirects within itself. */
function keepsHost(location: string, last: HttpRequest, url: URL): boolean {
  return !/^\s*[a-z][a-z\d+.-]*:/i.test(location) && url.host === last.url.host;
}

/**
 * Those of the first request, but no secrets once somebody else has been asked, whatever comes after it. Stricter than Go: also without what
 * is a secret by its name (X-Api-Key) or was written as one, and the Referer is the origin.
 */
function headersFor(url: URL, requests: Requests, hasBody: boolean): HttpRequest['headers'] {
  const [first] = requests;
  const last = requests.at(-1) ?? first;
  const isElsewhere = [...requests.map((request) => request.url), url].some((one) => !isWithin(one, first.url));
  const dropsBody = first.body !== undefined && !hasBody;
  const headers = first.headers.filter(
    ([name, , kind]) => !(isElsewhere && (kind === 'secret' || isSecret(name))) && !(dropsBody && OF_BODY.test(name)),
  );
  const hasReferer = headers.some(([name]) => name.toLowerCase() === 'referer');
  const isDowngrade = last.url.protocol === 'https:' && url.protocol === 'http:';
  return hasReferer || isDowngrade
    ? headers
    : [...headers, ['Referer', isElsewhere ? `${last.url.origin}/` : referer(last.url)]];
}

function isSecret(name: string): boolean {
  return SECRETS.has(name.toLowerCase()) || isTelling(name);
}

/** The same host or one below it, at the same port or from the usual port to that of TLS, and never out of TLS. */
function isWithin(url: URL, parent: URL): boolean {
  const isBelow = url.hostname === parent.hostname || url.hostname.endsWith(`.${parent.hostname}`);
  const isDowngrade = parent.protocol === 'https:' && url.protocol === 'http:';
  return isBelow && !isDowngrade && url.port === parent.port;
}

function referer(url: URL): string {
  const shown = new URL(url);
  shown.username = '';
  shown.password = '';
  shown.hash = '';
  return shown.href;
}
