import type { z } from 'zod';
import type { HttpProxy } from '../checks/http-options.ts';
import { HIDDEN, urlTree } from '../core/hidden.ts';
import { goFlag, goText, orNone, textOrNone } from './go-values.ts';
import { isWebUrl } from './http-client.ts';
import { type Headers, headerLists } from './http-headers.ts';
import type { Path } from './path.ts';
import type { Report } from './problems.ts';
import type { Tree } from './yaml.ts';

/** Through whom we ask, in the keys of Prometheus. Source: Prometheus, configuration, <http_config>. */
export const PROXY = {
  proxy_url: orNone(proxyUrl()),
  no_proxy: textOrNone('hosts, separated by commas').optional(),
  proxy_from_environment: goFlag().optional(),
  proxy_connect_header: headerLists().optional(),
  skip_resolve_phase_with_proxy: goFlag().optional(),
};

type Written = Partial<z.output<z.ZodObject<typeof PROXY>>>;

/** The message does not show the URL: it may have a password in it. */
function proxyUrl() {
  return goText('the URL of a proxy').superRefine((written, context) => {
    if (isWebUrl(written)) return;
    const message = /^socks/i.test(written)
      ? 'SOCKS proxies are not supported: write the URL of an HTTP proxy, such as http://proxy.example.com:3128'
      : 'must be the URL of an HTTP proxy, such as http://proxy.example.com:3128';
    context.addIssue({ code: 'custom', message });
  });
}

/** The proxy, if there is one. Complains about what does not go together. */
export function readProxy(written: Written, path: Path, report: Report): HttpProxy | undefined {
  checkProxy(written, (key, message) => report({ path: [...path, key], at: 'key', message }));
  const { proxy_url: url, proxy_from_environment: fromEnvironment } = written;
  if (url === undefined && !fromEnvironment) return undefined;
  return Object.freeze({
    ...(url !== undefined && { url }),
    noProxy: written.no_proxy ?? '',
    connectHeaders: Object.freeze(headersOf(written.proxy_connect_header)),
    skipResolve: written.skip_resolve_phase_with_proxy ?? false,
  });
}

function checkProxy(written: Written, complain: (key: keyof Written, message: string) => void): void {
  const { proxy_url: url, no_proxy: noProxy, proxy_from_environment: fromEnvironment } = written;
  if (url !== undefined && fromEnvironment) complain('proxy_from_environment', 'does not go with proxy_url: keep one');
  if (noProxy !== undefined && fromEnvironment)
    complain('no_proxy', 'does not go with proxy_from_environment: set NO_PROXY in the environment');
  if (url !== undefined || fromEnvironment) return;
  if (noProxy !== undefined) complain('no_proxy', 'needs proxy_url beside it');
  if (headersOf(written.proxy_connect_header).length > 0)
    complain('proxy_connect_header', 'needs proxy_url or proxy_from_environment beside it');
}

function headersOf(lists: Readonly<Record<string, readonly string[]>> = {}): Headers {
  return Object.entries(lists).flatMap(([name, values]) => values.map((text) => [name, { text }] as const));
}

/** How it would be written. All of what it is told with CONNECT is hidden: it is there to get past the proxy. */
export function proxyTree(proxy: HttpProxy | undefined): Record<string, Tree> {
  if (proxy === undefined) return {};
  const { url, noProxy, connectHeaders, skipResolve } = proxy;
  const names = new Set(connectHeaders.map(([name]) => name));
  const values = (name: string) => connectHeaders.filter(([other]) => other === name).map(() => HIDDEN);
  const connect = Object.fromEntries(Array.from(names, (name) => [name, values(name)]));
  return {
    ...(url === undefined ? { proxy_from_environment: true } : { proxy_url: urlTree(url) }),
    ...(noProxy !== '' && { no_proxy: noProxy }),
    ...(names.size > 0 && { proxy_connect_header: connect }),
    skip_resolve_phase_with_proxy: skipResolve,
  };
}
