import { createHash } from 'node:crypto';

/** One of `count` parts of all targets, counted from 0. */
export type Shard = { readonly index: number; readonly count: number };

/** Reads "i/n" with i from 0 to n - 1, four digits each at most; undefined for anything else. */
export function parseShard(text: string): Shard | undefined {
  const [, index, count] = /^(\d{1,4})\/(\d{1,4})$/.exec(text) ?? [];
  const shard = { index: Number(index), count: Number(count) };
  // What was not found is NaN, which is not less than anything.
  return shard.index < shard.count ? shard : undefined;
}

/**
 * The number that decides about a target's shard: the last 8 bytes of the MD5 of its name, big-endian. It is Prometheus' hashmod, so that
 * relabelling can share out targets in the same way. Source: Prometheus, model/relabel/relabel.go.
 */
export function shardHash(name: string): bigint {
  return createHash('md5').update(name).digest().readBigUInt64BE(8);
}
