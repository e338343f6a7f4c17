import { z } from 'zod';
import { formatDuration } from '../core/duration.ts';
import type { Check, Whither } from './check.ts';
import { checkHttp } from './http-check.ts';
import { HTTP_FAMILY_LIST, httpReport } from './http-families.ts';
import type { HttpOptions, HttpProxy } from './http-options.ts';
import { proxyFor } from './http-proxy-rules.ts';
import { HTTP_OPTION_NAMES, HTTP_SERVICE_OPTIONS, type HttpServiceOptions } from './http-service-options.ts';
import { urlOf } from './http-url.ts';

const SCHEMES = {
  http: { name: 'http', port: 80, inTls: false },
  https: { name: 'https', port: 443, inTls: true },
} as const;

/** What every check by HTTP has in common. */
const HTTP = {
  form: 'url',
  families: HTTP_FAMILY_LIST,
  report: httpReport,
  run: checkHttp,
  transport: ({ proxy }, to) => {
    if (proxy === undefined || !hasProxy(proxy, to)) return 'tcp';
    return proxy.skipResolve ? 'unresolved' : 'none';
  },
  applicationProtocols: ({ http2 }) => (http2 ? ['h2', 'http/1.1'] : ['http/1.1']),
  serverName: ({ headers }) => hostIn(headers),
  named: addressedTo,
} as const satisfies Partial<Check<HttpOptions>>;

/** Where that cannot be told, the dialogue itself will complain. */
function hasProxy(proxy: HttpProxy, { endpoint, inTls }: Whither): boolean {
  try {
    return proxyFor(urlOf(inTls ? 'https' : 'http', endpoint, '/'), proxy, process.env) !== undefined;
  } catch {
    return false;
  }
}

/** The same, asked of that host unless the headers name one. */
function addressedTo<Options extends HttpOptions>(options: Options, hostname: string): Options {
  const others = options.headers.filter(([name]) => name.toLowerCase() !== 'host');
  const isNamed = others.length < options.headers.length;
  return isNamed ? options : { ...options, headers: [...others, ['Host', { text: hostname }]] };
}

function hostIn(headers: HttpOptions['headers']): string | undefined {
  const value = headers.find(([name]) => name.toLowerCase() === 'host')?.[1];
  return value !== undefined && 'text' in value ? value.text.replace(/:\d+$/, '').replace(/^\[|\]$/g, '') : undefined;
}

const SUMMARY =
  '`GET /`, or what the options say, is answered with a status of 2xx, redirects followed where `probe.allow` lets them lead';

function neverTooSlow({ maxResponseMs }: HttpOptions, timeoutMs: number): string | undefined {
  if (maxResponseMs === undefined || maxResponseMs < timeoutMs) return undefined;
  const [most, timeout] = [formatDuration(maxResponseMs), formatDuration(timeoutMs)];
  return `a response time of ${most} is not shorter than the timeout, ${timeout}: no answer is ever too slow, it times out`;
}

/** A web server. Source: RFC 9110, HTTP Semantics. */
export const http: Check<HttpServiceOptions> = {
  ...HTTP,
  name: 'http',
  ports: [80, 8080],
  summary: SUMMARY,
  tls: { direct: true },
  schemes: [SCHEMES.http],
  options: HTTP_SERVICE_OPTIONS,
  optionNames: HTTP_OPTION_NAMES,
  written: ({ written }) => written,
  advice: neverTooSlow,
};

/** The same in TLS. */
export const https: Check<HttpServiceOptions> = {
  ...http,
  name: 'https',
  ports: [443, 8443],
  summary: `in TLS ${SUMMARY}`,
  tls: { direct: true, unasked: 'direct' },
  schemes: [SCHEMES.https],
};

/** HTTP as the configuration of modules writes it. It is no service of its own. Source: blackbox_exporter, CONFIGURATION.md, <http_probe>. */
export const httpProbe: Check<HttpOptions> = {
  ...HTTP,
  name: 'http',
  ports: [],
  summary: 'what `http` says',
  tls: { direct: true },
  schemes: [SCHEMES.http, SCHEMES.https],
  // Made by whoever reads the configuration, never written under `options:`.
  options: z.custom<HttpOptions>((value) => typeof value === 'object' && value !== null && 'statuses' in value),
};
