import { formatIp, type IpAddress, parseIp, toIp } from '../core/ip.ts';
import type { Place } from '../net/listeners.ts';
import type { ListeningSocket } from '../net/listening-sockets.ts';
import type { Pace } from '../net/pace.ts';
import { type Target, transportOf } from './spec.ts';

/** What of this machine is watched: the places that no target watches, and the targets on this machine where nobody listens but should. */
export type Coverage = { readonly unmonitored: readonly Place[]; readonly silent: readonly Target[] };

/** What targets are compared with. */
export type Machine = {
  readonly sockets: readonly ListeningSocket[];
  readonly places: readonly Place[];
  /** Of its interfaces. */
  readonly addresses: readonly IpAddress[];
};

/** The address of a target that is a name; undefined where that is not known: it does not resolve, or not in time. */
export type AddressOf = (target: Target) => Promise<IpAddress | undefined> | IpAddress | undefined;

/**
 * Compares what listens on this machine with the targets, a few at a time. Targets on other machines, and those not reached by TCP, do not
 * count. A name whose address is not known may be this machine: what listens on its port is not called unmonitored.
 */
export async function coverageOf(
  { sockets, places, addresses }: Machine,
  targets: readonly Target[],
  addressOf: AddressOf,
  pace: Pace,
): Promise<Coverage> {
  const index = new Index(addresses);
  for (const socket of sockets) {
    if (pace.isDue) await pace.turn();
    index.add(socket);
  }
  const silent: Target[] = [];
  for (const { target, address } of await locate(targets, addressOf, pace)) {
    if (pace.isDue) await pace.turn();
    const { endpoint, expect } = target.spec;
    if (index.watch(address, endpoint.port) === 'silent' && expect !== 'closed') silent.push(target);
  }
  return { unmonitored: places.filter((place) => !index.isWatched(place)), silent };
}

type Located = { readonly target: Target; readonly address: IpAddress | undefined };

/** The targets that are reached by TCP, and where each of them is. All names are asked for at once. */
async function locate(targets: readonly Target[], addressOf: AddressOf, pace: Pace): Promise<readonly Located[]> {
  const located: Located[] = [];
  const named: Promise<Located>[] = [];
  for (const target of targets) {
    if (pace.isDue) await pace.turn();
    if (!isTcp(target)) continue;
    const address = parseIp(target.spec.endpoint.host) ?? addressOf(target);
    if (address instanceof Promise) named.push(address.then((found) => ({ target, address: found })));
    else located.push({ target, address });
  }
  return [...located, ...(await Promise.all(named))];
}

/** Neither a Unix socket nor a host as a whole, nor somewhere behind a proxy. */
function isTcp({ spec }: Target): boolean {
  return spec.endpoint.port > 0 && transportOf(spec) === 'tcp';
}

/** The sockets of this machine by where they can be reached, and which of them somebody watches. */
class Index {
  readonly #own: ReadonlySet<string>;
  readonly #sockets = new Map<string, ListeningSocket[]>();
  readonly #watched = new Set<ListeningSocket>();
  /** Ports of targets that may be anywhere. */
  readonly #doubtful = new Set<number>();

  constructor(addresses: readonly IpAddress[]) {
    this.#own = new Set(addresses.map(({ bytes }) => formatIp(bytes)));
  }

  add(socket: ListeningSocket): void {
    const key = keyOf(socket.address.text, socket.port);
    const same = this.#sockets.get(key);
    if (same === undefined) this.#sockets.set(key, [socket]);
    else same.push(socket);
  }

  /** Takes in a target; `silent`: it is on this machine, and nobody listens there. */
  watch(address: IpAddress | undefined, port: number): 'silent' | undefined {
    if (address === undefined) {
      this.#doubtful.add(port);
      return undefined;
    }
    const { text, family, bytes } = toIp(address.bytes);
    if (!(family === 4 && bytes[0] === 127) && text !== '::1' && !this.#own.has(text)) return undefined;
    // A socket on all IPv6 addresses usually takes IPv4 as well.
    const bound = family === 4 ? [text, '0.0.0.0', '::'] : [text, '::'];
    const reached = bound.flatMap((one) => this.#sockets.get(keyOf(one, port)) ?? []);
    for (const socket of reached) this.#watched.add(socket);
    return reached.length === 0 ? 'silent' : undefined;
  }

  isWatched({ endpoint, sockets }: Place): boolean {
    return this.#doubtful.has(endpoint.port) || sockets.some((socket) => this.#watched.has(socket));
  }
}

function keyOf(address: string, port: number): string {
  return `${address} ${port}`;
}
