import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from '../core/log.ts';
import { versionLater } from '../net/pem.ts';
import { formatProblem, type Problem } from './config.ts';
import { readConfigFile, unreadable } from './file.ts';
import type { WebConfig } from './web-config.ts';
import { type LoadedWeb, loadWebConfig } from './web-load.ts';

export type WebStoreOptions = {
  /** Where the file is, for reading and for messages. */
  readonly file: string;
  readonly log: Logger;
  /** Milliseconds, from any start. */
  readonly now: () => number;
};

/** The only client_auth_type that protects. */
const VERIFIED = 'RequireAndVerifyClientCert';
/** How often the files may be looked at, ms. */
const RECHECK_MS = 5000;
/** Nobody waits longer for a file system that does not answer, ms. */
const PATIENCE_MS = 1000;

/**
 * The running protection of the web side. The file, and the certificates and keys that it names, are looked at when somebody asks,
 * every few seconds at most. What is new counts as a whole or not at all; what is bad is said once, and the running protection stays.
 */
export class WebStore {
  readonly #options: WebStoreOptions;
  #current: WebConfig | undefined;
  /** The files that were read last, and what told their content from another. */
  #versions: ReadonlyMap<string, string> = new Map();
  #checkedAt = 0;
  #checking: Promise<void> | undefined;

  constructor(options: WebStoreOptions) {
    this.#options = options;
  }

  /** The running protection. Throws before the first successful load. */
  get current(): WebConfig {
    if (this.#current === undefined) throw new Error('no web configuration has been loaded yet');
    return this.#current;
  }

  /** The load at start: problems are returned for the caller to print. */
  async load(): Promise<readonly Problem[]> {
    const loaded = await this.#read();
    if (!loaded.ok) return loaded.problems;
    this.#use(loaded.config, loaded.warnings);
    return [];
  }

  /** Undefined when `current` is fresh enough; otherwise what to wait for until it is. */
  fresh(): Promise<void> | undefined {
    const now = this.#options.now();
    const since = now - this.#checkedAt;
    if (this.#checking === undefined) {
      if (since < RECHECK_MS) return undefined;
      this.#checkedAt = now;
      this.#checking = this.#check().finally(() => {
        this.#checking = undefined;
      });
    } else if (since > PATIENCE_MS) return undefined;
    return Promise.race([this.#checking, wait(PATIENCE_MS, undefined, { ref: false })]);
  }

  async #check(): Promise<void> {
    if (!(await this.#isChanged())) return;
    const { file, log } = this.#options;
    const loaded = await this.#read();
    const problems = loaded.ok ? this.#refused(loaded.config) : loaded.problems;
    for (const problem of problems) log.error(formatProblem(problem));
    if (problems.length > 0) log.error('the web configuration was not reloaded: the running one stays', { file });
    else if (loaded.ok) {
      this.#use(loaded.config, loaded.warnings);
      log.info('web configuration reloaded', { file });
    }
  }

  /** What must not change while it runs: a file that is empty for a moment would open everything. */
  #refused(next: WebConfig): readonly Problem[] {
    const { tls, users } = this.current;
    const whole = (message: string) => [{ file: this.#options.file, line: 0, column: 0, path: '', message }];
    if ((tls === undefined) !== (next.tls === undefined))
      return whole(`turns TLS ${next.tls === undefined ? 'off' : 'on'}: that takes a restart`);
    if (tls?.clientAuth === VERIFIED && next.tls?.clientAuth !== VERIFIED)
      return whole(`lets in clients without a certificate of client_ca_file: that takes a restart`);
    return users.size > 0 && next.users.size === 0 ? whole('has no users any more: that takes a restart') : [];
  }

  #use(config: WebConfig, warnings: readonly string[]): void {
    this.#current = config;
    for (const warning of warnings) this.#options.log.warn(warning, { file: this.#options.file });
  }

  async #isChanged(): Promise<boolean> {
    const read = Array.from(this.#versions);
    const now = await Promise.all(read.map(([file]) => versionLater(file)));
    return read.some(([, version], i) => version !== now[i]);
  }

  async #read(): Promise<LoadedWeb> {
    const { file } = this.#options;
    // Before reading: what is written meanwhile is a change.
    const version = await versionLater(file);
    const loaded = await readConfigFile(file).then((text) => loadWebConfig(file, text), missing);
    this.#versions = new Map([[file, version], ...loaded.files]);
    this.#checkedAt = this.#options.now();
    return loaded;

    function missing(error: unknown): LoadedWeb {
      return {
        ok: false,
        problems: [{ file, line: 0, column: 0, path: '', message: unreadable(error) }],
        files: new Map(),
      };
    }
  }
}
