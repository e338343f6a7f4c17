import { Resolver as DnsServers, lookup, type RecordWithTtl } from 'node:dns';
import { hostname } from 'node:os';
import { type IpAddress, parseIp } from '../core/ip.ts';
import { ProbeFailure, type Reason } from '../core/reason.ts';
import { classify } from './classify.ts';
import type { Clock } from './clock.ts';
import { candidates, type ResolvConf, SystemNames } from './system-names.ts';

/** Which family is wanted, and whether the other one will do. */
export type Family = { readonly prefer: 4 | 6; readonly fallback: boolean };

/** `stale`: the resolver failed, and this is what it said some time ago. */
export type Resolution =
  | { readonly ok: true; readonly address: IpAddress; readonly stale: boolean }
  | { readonly ok: false; readonly reason: Reason; readonly detail: string };

type Answer = { readonly address: IpAddress; readonly ttlMs: number };
type Waiter = (resolution: Resolution) => void;
type Entry = { answer?: Answer; answeredAt: number; waiting: Set<Waiter> | undefined };

/** An answer is used again for its TTL, but at least 1 s (one round of probes) and at most 30 s; ms. */
const LEAST_TTL = 1000;
const MOST_TTL = 30_000;
/** How long an old answer stands in for a resolver that fails, ms. */
const STALE_MS = 300_000;
const MOST_NAMES = 20_000;
/** First wait for a DNS server and how often it is asked; c-ares doubles the wait each time. */
const QUERY = { timeout: 500, tries: 3 };
/** getaddrinfo has few threads, which zlib and files share: never take more than this many. */
const MOST_LOOKUPS = 2;

/**
 * Names to addresses as any program on this machine would see them, without one dead name delaying another: hosts file, search domains
 * and DNS through c-ares, which does not block; what only the system can answer goes to getaddrinfo, two at a time. (`dns.lookup` alone
 * serves two slow names at once: a dozen dead ones hold up "localhost" for seconds.)
 */
export class Resolver {
  readonly #clock: Clock;
  readonly #names: SystemNames;
  readonly #entries = new Map<string, Entry>();
  readonly #lookups: (() => void)[] = [];
  #lookupsRunning = 0;
  #servers: { conf: ResolvConf; dns: DnsServers } | undefined;

  constructor(clock: Clock, names: SystemNames = new SystemNames()) {
    this.#clock = clock;
    this.#names = names;
  }

  /**
   * Calls `done` once, at once where the answer is known. Everybody who asks for the same name shares one query. Returns how to stop
   * waiting: `abandon` gives the last known address that may stand in, if there is one; the query itself goes on for the next one.
   */
  resolve(host: string, family: Family, done: Waiter): { abandon(): IpAddress | undefined } | undefined {
    const key = `${family.prefer}${family.fallback} ${host}`;
    const entry = this.#entries.get(key) ?? this.#remember(key);
    const { answer } = entry;
    // Used last goes last: invented names asked of /probe must not push out those that are asked again and again.
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    if (answer !== undefined && this.#clock.now() - entry.answeredAt < answer.ttlMs) {
      done({ ok: true, address: answer.address, stale: false });
      return undefined;
    }
    if (entry.waiting === undefined) {
      entry.waiting = new Set([done]);
      const wanted = () => entry.waiting !== undefined && entry.waiting.size > 0;
      void this.#ask(host, family, wanted).then((outcome) => this.#settle(key, entry, outcome));
    } else entry.waiting.add(done);
    return {
      abandon: () => {
        entry.waiting?.delete(done);
        return this.#stale(entry);
      },
    };
  }

  #remember(key: string): Entry {
    const entry: Entry = { answeredAt: 0, waiting: undefined };
    this.#entries.set(key, entry);
    if (this.#entries.size <= MOST_NAMES) return entry;
    for (const [name, { waiting }] of this.#entries) {
      if (waiting !== undefined) continue;
      this.#entries.delete(name);
      break;
    }
    return entry;
  }

  #settle(key: string, entry: Entry, outcome: Answer | ProbeFailure): void {
    const waiting = entry.waiting ?? new Set();
    entry.waiting = undefined;
    const resolution = this.#resolution(entry, outcome);
    if (entry.answer === undefined) this.#entries.delete(key);
    for (const done of waiting) done(resolution);
  }

  #resolution(entry: Entry, outcome: Answer | ProbeFailure): Resolution {
    if (!(outcome instanceof ProbeFailure)) {
      entry.answer = outcome;
      entry.answeredAt = this.#clock.now();
      return { ok: true, address: outcome.address, stale: false };
    }
    // That a name does not exist is an answer, and takes the place of the one before; that nobody answers is none.
    if (outcome.reason === 'dns_not_found') delete entry.answer;
    const stale = this.#stale(entry);
    if (stale !== undefined) return { ok: true, address: stale, stale: true };
    return { ok: false, reason: outcome.reason, detail: outcome.message };
  }

  #stale(entry: Entry): IpAddress | undefined {
    return entry.answer !== undefined && this.#clock.now() - entry.answeredAt < STALE_MS
      ? entry.answer.address
      : undefined;
  }

  async #ask(host: string, family: Family, wanted: () => boolean): Promise<Answer | ProbeFailure> {
    try {
      return await this.#find(host, family, wanted);
    } catch (error) {
      return error instanceof ProbeFailure ? error : refused(host, error as NodeJS.ErrnoException);
    }
  }

  async #find(host: string, family: Family, wanted: () => boolean): Promise<Answer> {
    const now = this.#clock.now();
    const plain = host.replace(/\.$/, '');
    const known = this.#names.hosts(plain, now);
    const local = known.length > 0 ? known : loopback(plain);
    if (local.length > 0) return { address: choose(host, local, family), ttlMs: LEAST_TTL };
    // One label under .local is multicast DNS where the system speaks it; *.svc.cluster.local is plain DNS.
    const multicast = /^[^.]+\.local$/.test(plain) && this.#names.usesMulticast(now);
    const onlySystemKnows = multicast || plain === hostname().toLowerCase() || !this.#names.usesDnsOnly(now);
    if (process.platform !== 'linux' || onlySystemKnows) return this.#lookup(host, family, wanted);
    return this.#search(host, family, this.#names.resolvConf(now));
  }

  /** Asks DNS for one candidate after the other. A server's failure for one does not keep the next from being tried; silence does. */
  async #search(host: string, family: Family, conf: ResolvConf): Promise<Answer> {
    let failure = new ProbeFailure('dns_not_found', `${host}: no such name`);
    for (const name of candidates(host, conf)) {
      const outcome = await query(name, family, this.#dns(conf));
      if (!(outcome instanceof ProbeFailure)) return outcome;
      if (outcome.reason !== 'dns_not_found') failure = outcome;
      if (outcome.reason === 'dns_timeout') break;
    }
    throw failure;
  }

  /** c-ares for the servers of resolv.conf, made again when the file has changed. */
  #dns(conf: ResolvConf): DnsServers {
    if (this.#servers?.conf === conf) return this.#servers.dns;
    const dns = new DnsServers(QUERY);
    // setServers would drop the zone of a link-local server; c-ares reads the file itself as well.
    if (conf.servers.length > 0 && !conf.servers.some((server) => server.includes('%')))
      dns.setServers([...conf.servers]);
    this.#servers = { conf, dns };
    return dns;
  }

  /** getaddrinfo, two at a time; what nobody waits for any more when its turn comes is not asked. */
  async #lookup(host: string, family: Family, wanted: () => boolean): Promise<Answer> {
    if (this.#lookupsRunning >= MOST_LOOKUPS) await new Promise<void>((go) => this.#lookups.push(go));
    this.#lookupsRunning++;
    try {
      if (!wanted()) throw new ProbeFailure('dns_timeout', `${host}: not asked in time`);
      const found = await new Promise<readonly string[]>((resolve, reject) => {
        lookup(host, { all: true }, (error, all) =>
          error ? reject(error) : resolve(all.map(({ address }) => address)),
        );
      });
      return { address: choose(host, found, family), ttlMs: LEAST_TTL };
    } finally {
      this.#lookupsRunning--;
      this.#lookups.shift()?.();
    }
  }
}

async function query(name: string, family: Family, dns: DnsServers): Promise<Answer | ProbeFailure> {
  const first = await queryFamily(name, family.prefer, dns);
  if (!(first instanceof ProbeFailure) || !family.fallback) return first;
  // A name that does not exist has no address of the other family; a server that is silent now is silent for it too.
  if (first.reason === 'dns_timeout' || (first.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOTFOUND')
    return first;
  const second = await queryFamily(name, family.prefer === 4 ? 6 : 4, dns);
  // That there is none of this family is an answer; where the other family's does not come, the name is not known to have none.
  return second instanceof ProbeFailure && first.reason !== 'dns_not_found' ? first : second;
}

function queryFamily(name: string, version: 4 | 6, dns: DnsServers): Promise<Answer | ProbeFailure> {
  return new Promise((resolve) => {
    const done = (error: NodeJS.ErrnoException | null, records: readonly RecordWithTtl[]) => {
      resolve(error === null ? (answer(records) ?? noAddress(name)) : refused(name, error));
    };
    if (version === 4) dns.resolve4(name, { ttl: true }, done);
    else dns.resolve6(name, { ttl: true }, done);
  });
}

function answer([first]: readonly RecordWithTtl[]): Answer | undefined {
  const address = first && parseIp(first.address);
  return address && { address, ttlMs: Math.min(MOST_TTL, Math.max(LEAST_TTL, first.ttl * 1000)) };
}

function noAddress(name: string): ProbeFailure {
  return new ProbeFailure('dns_not_found', `${name}: no address`);
}

function refused(name: string, error: NodeJS.ErrnoException): ProbeFailure {
  return new ProbeFailure(classify(error, 'resolve'), `${name}: ${error.code ?? 'look-up failed'}`, { cause: error });
}

/** RFC 6761: localhost and names under it are this machine, whatever DNS says. */
function loopback(name: string): readonly string[] {
  return name === 'localhost' || name.endsWith('.localhost') ? ['127.0.0.1', '::1'] : [];
}

function choose(host: string, texts: readonly string[], family: Family): IpAddress {
  const addresses = texts.flatMap((text) => parseIp(text) ?? []);
  const wanted =
    addresses.find((address) => address.family === family.prefer) ?? (family.fallback ? addresses[0] : undefined);
  if (wanted === undefined) throw new ProbeFailure('dns_not_found', `${host}: no IPv${family.prefer} address`);
  return wanted;
}
