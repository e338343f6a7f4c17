import { type Config, formatProblem } from '../config/config.ts';
import { ConfigStore } from '../config/store.ts';
import { createLogger } from '../core/log.ts';
import { problemOf } from '../net/authorities.ts';
import { localListeners } from '../net/listeners.ts';

/** The configuration in a file, for a command that ends soon; without it, every problem as a line. */
export async function loadOnce(file: string): Promise<{ config?: Config; problems: readonly string[] }> {
  const silent = createLogger({ level: 'error', format: 'logfmt', write: () => {}, now: Date.now });
  const store = new ConfigStore({ file, listeners: localListeners, tlsProblem: problemOf, log: silent, now: Date.now });
  const { ok, problems } = await store.load();
  return { problems: problems.map(formatProblem), ...(ok && { config: store.current }) };
}
