import { parseShard, type Shard } from '../probe/shard.ts';
import { RequestProblem, single } from './services.ts';

/** The part of all targets that ?shard=i/n asks for; undefined where it is not given. Throws RequestProblem when it names none. */
export function askedShard(query: URLSearchParams): Shard | undefined {
  const text = single(query, 'shard');
  if (text === undefined) return undefined;
  const shard = parseShard(text);
  if (shard !== undefined) return shard;
  const shown = JSON.stringify(text.slice(0, 80));
  throw new RequestProblem(400, `shard=${shown} is none: it must be i/n with i from 0 to n - 1, such as 0/3 or 2/3`);
}
