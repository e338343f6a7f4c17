import { type Endpoint, formatEndpoint } from '../core/endpoint.ts';
import { ProbeFailure } from '../core/reason.ts';
import { askHttp } from '../net/http-ask.ts';
import { readSecret } from '../net/secret.ts';
import { basic } from './http-basic.ts';
import type { HttpOptions, HttpProxy } from './http-options.ts';
import { proxyFor } from './http-proxy-rules.ts';
import { endpointOf } from './http-url.ts';
import type { Talk } from './talk.ts';
import type { Wire, WireRequest } from './wire.ts';

/** A connection that a URL is asked for over, what the request calls it there (a path, or the whole URL for a proxy), and what it adds. */
export type Route = {
  readonly wire: Wire;
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
};

/** Opens the way to a URL: the connection that the probe began with for the first one, a further one else, through a proxy where there is one. */
export async function openWire(talk: Talk, options: HttpOptions, url: URL, isFirst: boolean): Promise<Route> {
  const proxy = options.proxy && proxyFor(url, options.proxy, process.env);
  const path = url.pathname + url.search;
  if (proxy !== undefined) return throughProxy(talk, options, url, proxy, isFirst);
  if (isFirst) return { wire: talk.lend(), target: path, headers: [] };
  const there = { endpoint: endpointOf(url), inTls: url.protocol === 'https:', aside: false };
  return { wire: await openNamed(talk, there, `redirected to ${url.host}`), target: path, headers: [] };
}

async function throughProxy(talk: Talk, options: HttpOptions, url: URL, proxy: URL, isFirst: boolean): Promise<Route> {
  const endpoint = endpointOf(url);
  const known = isFirst ? talk.address : await talk.wires.judge(endpoint, options.proxy?.skipResolve !== true);
  // Where its address is known, the proxy is not left to look up another one.
  const there = { ...endpoint, host: known?.text ?? endpoint.host };
  const toProxy = { endpoint: endpointOf(proxy), inTls: proxy.protocol === 'https:', aside: true };
  const wire = await openNamed(talk, toProxy, `proxy ${proxy.host}`);
  const path = url.pathname + url.search;
  if (url.protocol === 'http:')
    return { wire, target: `http://${formatEndpoint(there)}${path}`, headers: proxyAuthorization(proxy) };
  await connectThrough(wire, there, proxy, options.proxy);
  return { wire: await talk.wires.secure(wire, endpoint), target: path, headers: [] };
}

/** Whoever reads that a connection failed wants to know which. */
async function openNamed(talk: Talk, request: WireRequest, what: string): Promise<Wire> {
  try {
    return await talk.wires.open(request);
  } catch (error) {
    if (error instanceof Error) error.message = `${what}: ${error.message}`;
    throw error;
  }
}

/** RFC 9110, section 9.3.6. */
async function connectThrough(wire: Wire, there: Endpoint, proxy: URL, options: HttpProxy | undefined): Promise<void> {
  const authority = formatEndpoint(there);
  const configured = options?.connectHeaders.map(
    ([name, value]) => [name, readSecret(value, `the header ${name}`)] as const,
  );
  const headers = [...proxyAuthorization(proxy), ...(configured ?? [])];
  const request = {
    method: 'CONNECT',
    target: authority,
    authority,
    scheme: 'http' as const,
    headers,
    body: undefined,
  };
  const { status } = await askHttp(wire, request, { firstByte: () => {} });
  if (status === 200) return;
  throw new ProbeFailure('unexpected_response', `the proxy ${proxy.host} answers CONNECT ${authority} with ${status}`);
}

/** Who we are to the proxy, where its URL says so. */
function proxyAuthorization({ username, password }: URL): readonly (readonly [string, string])[] {
  if (username === '' && password === '') return [];
  return [['Proxy-Authorization', basic(decodeURIComponent(username), decodeURIComponent(password))]];
}
