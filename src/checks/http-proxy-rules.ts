import { domainToASCII } from 'node:url';
import { cidrContains, formatIp, type IpAddress, parseCidr, parseIp, toIp } from '../core/ip.ts';
import { ProbeFailure } from '../core/reason.ts';
import type { HttpProxy } from './http-options.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Whom a URL is asked of. */
type Destination = { readonly host: string; readonly port: string; readonly ip: IpAddress | undefined };

/**
 * The proxy that a URL is asked through; undefined when it is asked directly. Throws ProbeFailure (exporter_error) when what the
 * configuration has is no URL; what the environment has is left alone then. Source: golang.org/x/net/http/httpproxy.
 */
export function proxyFor(url: URL, { url: text, noProxy }: HttpProxy, environment: Environment): URL | undefined {
  const proxy = text === undefined ? proxyOf(environment, url) : parseProxy(text);
  if (text !== undefined && proxy === undefined)
    throw new ProbeFailure('exporter_error', 'the proxy_url is not a URL, such as http://proxy.example.org:3128');
  const exceptions = text === undefined ? either(environment, 'NO_PROXY') : noProxy;
  // A proxy that is written down without exceptions is for all, this machine included.
  if (proxy === undefined || (text !== undefined && exceptions === '')) return proxy;
  return isDirect(destination(url), exceptions) ? undefined : proxy;
}

function proxyOf(environment: Environment, url: URL): URL | undefined {
  return parseProxy(either(environment, url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY'));
}

function either(environment: Environment, name: string): string {
  return environment[name] || environment[name.toLowerCase()] || '';
}

/** "proxy:3128" is http://proxy:3128. */
function parseProxy(text: string): URL | undefined {
  const full = /^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  return text !== '' && URL.canParse(full) ? new URL(full) : undefined;
}

function destination(url: URL): Destination {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const ip = parseIp(host);
  return {
    host,
    port: url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port,
    ip: ip && toIp(ip.bytes),
  };
}

function isDirect(to: Destination, noProxy: string): boolean {
  if (to.host === 'localhost' || (to.ip !== undefined && isLoopback(to.ip))) return true;
  const rules = noProxy
    .toLowerCase()
    .split(',')
    .map((rule) => rule.trim());
  return rules.some((rule) => rule === '*' || isMeant(rule, to));
}

function isLoopback({ family, bytes, text }: IpAddress): boolean {
  return family === 4 ? bytes[0] === 127 : text === '::1';
}

/** Whether one of the exceptions is for that destination: a block, or an address or domain, which may have a port. */
function isMeant(rule: string, to: Destination): boolean {
  const block = rule.includes('/') ? parseCidr(rule) : undefined;
  if (block !== undefined) return to.ip !== undefined && cidrContains(block, to.ip);
  const { name, port } = split(rule);
  if (name === '' || (port !== '' && port !== to.port)) return false;
  const ip = parseIp(name);
  if (ip !== undefined) return to.ip !== undefined && formatIp(toIp(ip.bytes).bytes) === formatIp(to.ip.bytes);
  return to.ip === undefined && isInDomain(to.host, name);
}

function split(rule: string): { readonly name: string; readonly port: string } {
  const [, bracketed, bare, port = ''] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d*))?$/.exec(rule) ?? [];
  return { name: bracketed ?? bare ?? rule, port };
}

/** example.org is for itself and what is below it, .example.org and *.example.org only for that. */
function isInDomain(host: string, rule: string): boolean {
  const domain = rule.replace(/^\*(?=\.)/, '');
  const isBelow = domain.startsWith('.');
  const name = ascii(isBelow ? domain.slice(1) : domain);
  return host.endsWith(`.${name}`) || (!isBelow && host === name);
}

/** As URLs have it. */
function ascii(name: string): string {
  return /^[\p{ASCII}]*$/u.test(name) ? name : domainToASCII(name) || name;
}
