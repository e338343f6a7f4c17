import { parseShard, type Shard } from '../probe/shard.ts';
import { RequestProblem } from './services.ts';

/** The part of all targets that ?shard=i/n asks for; undefined where it is not given. Throws RequestProblem when it names none. */
export function askedShard(query: URLSearchParams): Shard | undefined {
  const [text, ...more] = query.getAll('shard');
  if (text === undefined) return undefined;
  if (more.length > 0) throw new RequestProblem(400, `shard is given ${more.length + 1} times: one is taken`);
  const shard = parseShard(text);
  if (shard !== undefined) return shard;
  const shown = JSON.stringify(text.slice(0, 80));
  throw new RequestProblem(400, `shard=${shown} is none: it must be i/n with i from 0 to n - 1, such as 0/3 or 2/3`);
}
