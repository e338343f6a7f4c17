import { readFileSync, statSync } from 'node:fs';
import { isIP } from 'node:net';

/** Where this machine says how names are resolved. Replaced in tests. */
export type NameFiles = { readonly hosts: string; readonly resolvConf: string; readonly nsswitch: string };

const SYSTEM_NAME_FILES: NameFiles = {
  hosts: '/etc/hosts',
  resolvConf: '/etc/resolv.conf',
  nsswitch: '/etc/nsswitch.conf',
};

/** What resolv.conf says. Source: resolv.conf(5). */
export type ResolvConf = {
  readonly servers: readonly string[];
  readonly search: readonly string[];
  readonly ndots: number;
};

/** How often the files may be looked at, ms. */
const RECHECK_MS = 2000;
const DEFAULT_NDOTS = 1;
const MOST_NDOTS = 15;

/** Sources of names that a DNS query and the hosts file can stand in for; any other one only the system itself can ask. */
const DNS_LIKE = /^(?:files|dns|resolve|myhostname|mymachines|mdns\w*|compat)$/;

/** A file's content in the form its reader wants, read again when the file changes. A file that is not there reads as empty. */
class Watched<T> {
  readonly #file: string;
  readonly #parse: (text: string) => T;
  #checkedAt = Number.NEGATIVE_INFINITY;
  #version = '';
  #value: T;

  constructor(file: string, parse: (text: string) => T) {
    this.#file = file;
    this.#parse = parse;
    this.#value = parse('');
  }

  get(now: number): T {
    if (now - this.#checkedAt < RECHECK_MS) return this.#value;
    this.#checkedAt = now;
    try {
      const { mtimeMs, size, ino } = statSync(this.#file);
      const version = `${mtimeMs} ${size} ${ino}`;
      if (version !== this.#version) this.#value = this.#parse(readFileSync(this.#file, 'utf8'));
      this.#version = version;
    } catch {
      this.#version = '';
      this.#value = this.#parse('');
    }
    return this.#value;
  }
}

/** What this machine's files say of names, up to date within two seconds. Synchronous: these are small local files. */
export class SystemNames {
  readonly #hosts: Watched<ReadonlyMap<string, readonly string[]>>;
  readonly #resolvConf: Watched<ResolvConf>;
  readonly #sources: Watched<NameSources>;

  constructor(files: NameFiles = SYSTEM_NAME_FILES) {
    this.#hosts = new Watched(files.hosts, parseHosts);
    this.#resolvConf = new Watched(files.resolvConf, parseResolvConf);
    this.#sources = new Watched(files.nsswitch, parseNsswitch);
  }

  /** Addresses that the hosts file gives the name. `now`: monotonic ms. */
  hosts(name: string, now: number): readonly string[] {
    return this.#hosts.get(now).get(name) ?? [];
  }

  resolvConf(now: number): ResolvConf {
    return this.#resolvConf.get(now);
  }

  /** Whether hosts file and DNS are all that a program on this machine would ask. */
  usesDnsOnly(now: number): boolean {
    return this.#sources.get(now).dnsOnly;
  }

  /** Whether they ask by multicast too (name.local). */
  usesMulticast(now: number): boolean {
    return this.#sources.get(now).multicast;
  }
}

function parseHosts(text: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [address, ...names] = words(line);
    if (address === undefined) continue;
    for (const name of names) {
      const key = name.toLowerCase();
      const known = found.get(key);
      if (known === undefined) found.set(key, [address]);
      else known.push(address);
    }
  }
  return found;
}

function parseResolvConf(text: string): ResolvConf {
  const servers: string[] = [];
  let search: readonly string[] = [];
  let ndots = DEFAULT_NDOTS;
  for (const line of text.split('\n')) {
    const [keyword, ...values] = words(line);
    if (keyword === 'nameserver' && isServer(values[0])) servers.push(values[0]);
    if (keyword === 'search' || keyword === 'domain')
      search = values.map((domain) => domain.toLowerCase().replace(/\.$/, ''));
    if (keyword === 'options') ndots = readNdots(values) ?? ndots;
  }
  return { servers, search: search.filter((domain) => domain !== ''), ndots };
}

/** An address, perhaps with a zone or a port. Of one that is something else c-ares takes none of the others. */
function isServer(text: string | undefined): text is string {
  const host = text?.replace(/^\[(.*)\](?::\d+)?$/, '$1').replace(/^([\d.]+):\d+$/, '$1') ?? '';
  return isIP(host) !== 0;
}

function readNdots(options: readonly string[]): number | undefined {
  const found = options.map((option) => /^ndots:(\d+)$/.exec(option)?.[1]).find((value) => value !== undefined);
  return found === undefined ? undefined : Math.min(Number(found), MOST_NDOTS);
}

type NameSources = { readonly dnsOnly: boolean; readonly multicast: boolean };

/** Without the file or its hosts line, programs ask files and DNS. Source: nsswitch.conf(5). */
function parseNsswitch(text: string): NameSources {
  const line = /^\s*hosts:(.*)$/m.exec(text)?.[1] ?? 'files dns';
  const sources = line
    .replace(/#.*/, '')
    .replace(/\[[^\]]*\]/g, ' ')
    .trim()
    .split(/\s+/);
  const asksDns = sources.some((source) => source === 'dns' || source === 'resolve');
  return {
    dnsOnly: asksDns && sources.every((source) => DNS_LIKE.test(source)),
    multicast: sources.some((source) => source.startsWith('mdns')),
  };
}

function words(line: string): string[] {
  return line
    .replace(/[#;].*/, '')
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '');
}

/** The names to ask for, in order. Source: resolv.conf(5), search and ndots: a name with enough dots is tried as it is first. */
export function candidates(name: string, conf: ResolvConf): readonly string[] {
  if (name.endsWith('.')) return [name.slice(0, -1)];
  const searched = conf.search.map((domain) => `${name}.${domain}`);
  const dots = name.split('.').length - 1;
  return dots >= conf.ndots ? [name, ...searched] : [...searched, name];
}
