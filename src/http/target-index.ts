import { parseAddress } from '../checks/address.ts';
import { serviceByName } from '../checks/registry.ts';
import type { Config } from '../config/config.ts';
import { type Address, formatEndpoint } from '../core/endpoint.ts';
import { type Shard, shardHash } from '../probe/shard.ts';
import type { Target } from '../probe/spec.ts';

/** Configured targets by what a request may call them. */
export type TargetIndex = {
  readonly byName: ReadonlyMap<string, Target>;
  readonly byAddress: ReadonlyMap<string, Target>;
  readonly groups: ReadonlySet<string>;
};

/** The target that a request names: by its name, or by its address in any spelling. */
export function findTarget({ byName, byAddress }: TargetIndex, text: string): Target | undefined {
  const found = byName.get(text) ?? byAddress.get(text);
  if (found !== undefined) return found;
  const read = parseAddress(text);
  if (!read.ok) return undefined;
  const target = byAddress.get(formatEndpoint(read.value.endpoint));
  return target !== undefined && isMeant(target, read.value) ? target : undefined;
}

/** Whether a target is what redis://host:port asks for: that service, spoken, and that path. Who names none takes it as it is. */
function isMeant({ service, spec: { use, resource } }: Target, wanted: Address): boolean {
  if (wanted.service === undefined) return true;
  const isSpoken = use !== undefined && use.courtesy !== true;
  const isSilent = serviceByName(wanted.service)?.check === undefined;
  return service === wanted.service && resource === wanted.resource && (isSpoken || isSilent);
}

/** Indexes made once per configuration. */
export class TargetIndexes {
  readonly #known = new WeakMap<Config, TargetIndex>();
  readonly #hashes = new WeakMap<Config, BigUint64Array>();

  of(config: Config): TargetIndex {
    const known = this.#known.get(config);
    if (known !== undefined) return known;
    const index: TargetIndex = {
      byName: new Map(config.targets.map((target) => [target.name, target])),
      // Several targets may share an address under different names: the first one answers to it.
      byAddress: new Map(config.targets.toReversed().map((target) => [target.address, target])),
      groups: new Set(config.targets.map(({ group }) => group)),
    };
    this.#known.set(config, index);
    return index;
  }
  /** The targets of one shard, in their order; all of them without one. */
  inShard(config: Config, shard: Shard | undefined): readonly Target[] {
    if (shard === undefined) return config.targets;
    const hashes = this.#hashesOf(config);
    const [index, count] = [BigInt(shard.index), BigInt(shard.count)];
    return config.targets.filter((_, i) => (hashes[i] as bigint) % count === index);
  }

  #hashesOf(config: Config): BigUint64Array {
    const known = this.#hashes.get(config);
    if (known !== undefined) return known;
    const hashes = BigUint64Array.from(config.targets, ({ name }) => shardHash(name));
    this.#hashes.set(config, hashes);
    return hashes;
  }
}
