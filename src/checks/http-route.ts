import { type Endpoint, formatEndpoint } from '../core/endpoint.ts';
import { ProbeFailure } from '../core/reason.ts';
import { askHttp } from '../net/http-ask.ts';
import { readSecret } from '../net/secret.ts';
import { basic } from './http-basic.ts';
import { blaming } from './http-blame.ts';
import type { HttpOptions, HttpProxy } from './http-options.ts';
import { proxyFor } from './http-proxy-rules.ts';
import { endpointOf } from './http-url.ts';
import type { Talk } from './talk.ts';
import type { Wire } from './wire.ts';

/** A connection that a URL is asked for over, what the request calls it there (a path, or the whole URL for a proxy), and what it adds. */
export type Route = {
  readonly wire: Wire;
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** With whom it may fail, where that is not the target itself. */
  readonly where?: string;
};

/** Opens the way to a URL: the connection that the probe began with for the first one, a further one else, through a proxy where there is one. */
export async function openWire(talk: Talk, options: HttpOptions, url: URL, isFirst: boolean): Promise<Route> {
  const proxy = options.proxy && proxyFor(url, options.proxy, process.env);
  if (proxy !== undefined) return await throughProxy(talk, { options: options.proxy, proxy, url, isFirst });
  const target = url.pathname + url.search;
  if (isFirst) return { wire: talk.lend(), target, headers: [] };
  const there = { endpoint: endpointOf(url), inTls: url.protocol === 'https:' };
  const where = redirected(url);
  return { wire: await blaming(where, talk.wires.open(there)), target, headers: [], where };
}

function redirected({ host }: URL): string {
  return `redirected to ${host}`;
}

/** A URL that is asked for through a proxy. */
type Detour = {
  readonly options: HttpProxy | undefined;
  readonly proxy: URL;
  readonly url: URL;
  readonly isFirst: boolean;
};

async function throughProxy(talk: Talk, detour: Detour): Promise<Route> {
  const { options, proxy, url, isFirst } = detour;
  const endpoint = endpointOf(url);
  const lookUp = options?.skipResolve !== true;
  // What was judged first is the host as it was written: a URL may read it as an address (0xa9fea9fe).
  const known =
    (isFirst ? talk.address : undefined) ??
    (await blaming(isFirst ? undefined : redirected(url), talk.wires.judge(endpoint, lookUp)));
  // Where its address is known, the proxy is not left to look up another one.
  const there = { ...endpoint, host: known?.text ?? endpoint.host };
  const where = `proxy ${proxy.host}`;
  const toProxy = { endpoint: endpointOf(proxy), inTls: proxy.protocol === 'https:', aside: true, begins: isFirst };
  const wire = await blaming(where, talk.wires.open(toProxy));
  const path = url.pathname + url.search;
  if (url.protocol === 'http:')
    return { wire, target: `http://${formatEndpoint(there)}${path}`, headers: proxyAuthorization(proxy), where };
  await blaming(where, connectThrough(wire, there, detour));
  const beyond = isFirst ? undefined : redirected(url);
  const secure = await blaming(beyond, talk.wires.secure(wire, endpoint, isFirst));
  return { wire: secure, target: path, headers: [], ...(beyond !== undefined && { where: beyond }) };
}

/** RFC 9110, section 9.3.6. */
async function connectThrough(wire: Wire, there: Endpoint, { options, proxy }: Detour): Promise<void> {
  const authority = formatEndpoint(there);
  const configured = (options?.connectHeaders ?? []).map(
    ([name, value]) => [name, readSecret(value, `the header ${name}`)] as const,
  );
  const headers = [...proxyAuthorization(proxy), ...configured];
  const way = { method: 'CONNECT', target: authority, authority, scheme: 'http' as const };
  const { status } = await askHttp(wire, { ...way, headers, body: undefined }, { firstByte: () => {} });
  if (status < 200 || status > 299)
    throw new ProbeFailure('unexpected_response', `it answers CONNECT ${authority} with ${status}`);
}

/** Who we are to the proxy, where its URL says so. */
function proxyAuthorization({ username, password }: URL): readonly (readonly [string, string])[] {
  if (username === '' && password === '') return [];
  return [['Proxy-Authorization', basic(decoded(username), decoded(password))]];
}

/** A lone % stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replace(/%(?![\da-f]{2})/gi, '%25'));
  } catch {
    return text;
  }
}
