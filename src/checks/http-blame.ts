import { ProbeFailure } from '../core/reason.ts';
import { describe } from '../net/classify.ts';

/** What `work` comes to. Whoever reads that it has failed wants to know with whom: `where`, absent for the target itself. */
export async function blaming<Value>(where: string | undefined, work: Promise<Value>): Promise<Value> {
  try {
    return await work;
  } catch (error) {
    if (where === undefined) throw error;
    throw blamed(where, error);
  }
}

/** The same error, said of somebody. */
function blamed(where: string, error: unknown): Error {
  const words = `${where}: ${describe(error)}`;
  const options = { cause: error };
  return error instanceof ProbeFailure ? new ProbeFailure(error.reason, words, options) : new Error(words, options);
}
