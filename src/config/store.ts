import type { Endpoint } from '../core/endpoint.ts';
import type { Logger } from '../core/log.ts';
import type { Config, Problem } from './config.ts';

export type StoreOptions = {
  /** Where the configuration is, for reading and for messages. */
  readonly file: string;
  /** Reads the file; the file system unless a test says otherwise. */
  readonly read?: () => Promise<string>;
  readonly listeners: () => readonly Endpoint[];
  readonly log: Logger;
  /** Milliseconds since 1970. */
  readonly now: () => number;
};

export type Outcome = { readonly ok: boolean; readonly problems: readonly Problem[] };

export type ConfigListener = (config: Config) => void;

/** The running configuration: replaced as a whole or not at all. */
export class ConfigStore {
  constructor(_options: StoreOptions) {}

  /** The running configuration. Throws before the first successful load. */
  get current(): Config {
    throw new Error('being written');
  }

  get lastReloadSuccessful(): boolean {
    throw new Error('being written');
  }

  /** Milliseconds since 1970, undefined before the first successful load. */
  get lastSuccessAt(): number | undefined {
    throw new Error('being written');
  }

  /** The load at start: problems are returned for the caller to print. */
  load(): Promise<Outcome> {
    throw new Error('being written');
  }

  /** Loads again: on failure the running configuration stays and every problem is logged. Calls at the same time share one run. */
  reload(): Promise<Outcome> {
    throw new Error('being written');
  }

  /** Reloads when the file's content is not what was last tried. */
  reloadIfChanged(): Promise<Outcome | undefined> {
    throw new Error('being written');
  }

  /** Calls the listener after each successful load; the returned function ends that. */
  subscribe(_listener: ConfigListener): () => void {
    throw new Error('being written');
  }
}
