import { parseIp } from '../core/ip.ts';
import { readCookieDate } from './http-cookie-date.ts';

type Cookie = {
  readonly name: string;
  readonly value: string;
  readonly domain: string;
  /** Only that host gets it, none below the domain. */
  readonly hostOnly: boolean;
  readonly path: string;
  readonly secure: boolean;
};

/** A server that sets more, or longer ones, is not asked with all of them: 50 and 4096 bytes are what RFC 6265, 6.1, asks of clients. */
const MOST_COOKIES = 50;
const LONGEST_COOKIE = 4096;
/** Bytes in all: servers refuse longer headers. */
const LARGEST_JAR = 32 * 1024;
/** No header may have one. Bytes of UTF-8 are none. */
const CONTROL = /(?=\p{ASCII})\p{Cc}/u;

/**
 * The cookies that one probe is given on its way through redirects. There is no list of public suffixes: a domain must have a dot in it, and
 * the host must be of that domain. Source: RFC 6265, 5.1 to 5.4.
 */
export class CookieJar {
  readonly #now: number;
  #cookies: readonly Cookie[] = [];
  readonly #named = new Set<string>();

  /** `now` is when the probe is, ms since 1970. */
  constructor(now: number) {
    this.#now = now;
  }

  /** Keeps what an answer sets: the values of its Set-Cookie headers, in their order. */
  store(url: URL, setCookies: readonly string[]): void {
    for (const line of setCookies.slice(0, MOST_COOKIES)) this.#store(url, line);
  }

  /** The Cookie header for a URL, if any. `own` is the one of the configuration: it loses what answers have set under the same names. */
  header(url: URL, own = ''): string | undefined {
    const still = own.split(';').filter((pair) => pair.trim() !== '' && !this.#named.has(nameOf(pair)));
    const given = this.#cookies.filter((cookie) => isFor(cookie, url)).sort((a, b) => b.path.length - a.path.length);
    const pairs = [...still.map((pair) => pair.trim()), ...given.map(({ name, value }) => `${name}=${value}`)];
    return pairs.length === 0 ? undefined : pairs.join('; ');
  }

  #store(url: URL, line: string): void {
    const [pair = '', ...attributes] = line.split(';');
    const name = nameOf(pair);
    const value = pair.slice(pair.indexOf('=') + 1).trim();
    if (!pair.includes('=') || name === '' || line.length > LONGEST_COOKIE || CONTROL.test(line)) return;
    this.#named.add(name);
    const given = read(attributes);
    const scope = scopeOf(url.hostname, given.get('domain'));
    if (scope === undefined) return;
    const path = pathOf(url.pathname, given.get('path'));
    const cookie = { name, value, ...scope, path, secure: given.has('secure') };
    this.#put(cookie, isOver(given, this.#now));
  }

  /** One that is set again keeps its place. One that is over is taken out. */
  #put(cookie: Cookie, isOver: boolean): void {
    const at = this.#cookies.findIndex(
      ({ name, domain, path }) => name === cookie.name && domain === cookie.domain && path === cookie.path,
    );
    const put = isOver ? [] : [cookie];
    const cookies =
      at < 0 ? [...this.#cookies, ...put] : [...this.#cookies.slice(0, at), ...put, ...this.#cookies.slice(at + 1)];
    const size = cookies.reduce((sum, { name, value }) => sum + name.length + value.length, 0);
    if (cookies.length <= MOST_COOKIES && size <= LARGEST_JAR) this.#cookies = cookies;
  }
}

function nameOf(pair: string): string {
  return (pair.split('=', 1)[0] ?? '').trim();
}

/** By name in lower case; the last of equals counts. */
function read(attributes: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    attributes.map((text) => {
      const name = nameOf(text);
      return [name.toLowerCase(), text.includes('=') ? text.slice(text.indexOf('=') + 1).trim() : ''];
    }),
  );
}

/** Undefined when the host may not set cookies for that domain. */
function scopeOf(host: string, given = ''): Pick<Cookie, 'domain' | 'hostOnly'> | undefined {
  const domain = given.replace(/^\./, '').toLowerCase();
  if (domain === '') return { domain: host, hostOnly: true };
  if (domain === host) return { domain, hostOnly: isAddress(host) || !domain.includes('.') };
  const isAbove = /^[^.].*\..*[^.]$/.test(domain) && host.endsWith(`.${domain}`) && !isAddress(host);
  return isAbove ? { domain, hostOnly: false } : undefined;
}

function isAddress(host: string): boolean {
  return host.startsWith('[') || parseIp(host) !== undefined;
}

/** Without a path of its own, a cookie is for the folder of what was asked. RFC 6265, 5.1.4. */
function pathOf(asked: string, given = ''): string {
  if (given.startsWith('/')) return given;
  return asked.slice(0, Math.max(1, asked.lastIndexOf('/'))) || '/';
}

/** Max-Age is stronger than Expires; what cannot be read does not count. */
function isOver(given: ReadonlyMap<string, string>, now: number): boolean {
  const maxAge = given.get('max-age') ?? '';
  if (/^-?\d+$/.test(maxAge)) return Number(maxAge) <= 0;
  const expires = readCookieDate(given.get('expires') ?? '');
  return expires !== undefined && expires <= now;
}

function isFor(cookie: Cookie, url: URL): boolean {
  const isHost = url.hostname === cookie.domain || (!cookie.hostOnly && url.hostname.endsWith(`.${cookie.domain}`));
  return isHost && isInPath(url.pathname, cookie.path) && (!cookie.secure || url.protocol === 'https:');
}

function isInPath(asked: string, path: string): boolean {
  return asked === path || asked.startsWith(path.endsWith('/') ? path : `${path}/`);
}
