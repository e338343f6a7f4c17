import { createHash } from 'node:crypto';
import type { Endpoint } from '../core/endpoint.ts';
import type { Logger } from '../core/log.ts';
import type { TlsMaterial } from '../net/authorities.ts';
import { type Config, formatProblem, type Problem } from './config.ts';
import { readConfigFile, unreadable } from './file.ts';
import { loadConfig } from './load.ts';
import type { TlsProblem } from './tls-files.ts';

export type StoreOptions = {
  /** Where the configuration is, for reading and for messages. */
  readonly file: string;
  /** Reads the file; the file system unless a test says otherwise. */
  readonly read?: () => Promise<string>;
  readonly listeners: () => readonly Endpoint[];
  readonly tlsProblem?: TlsProblem;
  /** The label `location` of every target, where the exporter has one. */
  readonly location?: string;
  readonly log: Logger;
  /** Milliseconds since 1970. */
  readonly now: () => number;
};

export type Outcome = { readonly ok: boolean; readonly problems: readonly Problem[] };

export type ConfigListener = (config: Config) => void;

/** What was wrong with the files for TLS, if anything. */
type TlsVerdict = { readonly material: TlsMaterial; readonly problem: string | undefined };

/** The text of the file, or why there is none; `digest` tells one content from another. */
type Content =
  | { readonly text: string; readonly digest: string }
  | { readonly missing: Problem; readonly digest: string };

/** The running configuration: replaced as a whole or not at all. */
export class ConfigStore {
  readonly #options: StoreOptions;
  readonly #listeners = new Set<ConfigListener>();
  #current: Config | undefined;
  #lastReloadSuccessful = false;
  #lastSuccessAt: number | undefined;
  #lastDigest: string | undefined;
  /** What was found of the files for TLS when the configuration was refused: they may be put right without a change of its own. */
  #doubts: readonly TlsVerdict[] = [];
  /** The end of everything asked for so far: loads run one after the other. */
  #last: Promise<unknown> = Promise.resolve();
  /** The reload that has not begun yet: whoever asks before it begins shares it. */
  #waiting: Promise<Outcome> | undefined;

  constructor(options: StoreOptions) {
    this.#options = options;
  }

  /** The running configuration. Throws before the first successful load. */
  get current(): Config {
    if (this.#current === undefined) throw new Error('no configuration has been loaded yet');
    return this.#current;
  }

  get lastReloadSuccessful(): boolean {
    return this.#lastReloadSuccessful;
  }

  /** Milliseconds since 1970, undefined before the first successful load. */
  get lastSuccessAt(): number | undefined {
    return this.#lastSuccessAt;
  }

  /** The load at start: problems are returned for the caller to print. */
  load(): Promise<Outcome> {
    return this.#next(async () => this.#apply(await this.#content()));
  }

  /** Loads again: on failure the running configuration stays and every problem is logged. Calls at the same time share one run. */
  reload(): Promise<Outcome> {
    this.#waiting ??= this.#next(async () => {
      // From here on the file may change after it was read: the next caller gets a run of its own.
      this.#waiting = undefined;
      return this.#logged(this.#apply(await this.#content()));
    });
    return this.#waiting;
  }

  /**
   * Reloads when the file's content is not what was tried last, or what it was refused for is no longer so: a bad file is complained about
   * once, and files that are put in place one after the other are taken when all are there.
   */
  reloadIfChanged(): Promise<Outcome | undefined> {
    return this.#next(async () => {
      const content = await this.#content();
      const isSame = content.digest === this.#lastDigest && !this.#isDifferentNow();
      return isSame ? undefined : this.#logged(this.#apply(content));
    });
  }

  /** Calls the listener after each successful load; the returned function ends that. */
  subscribe(listener: ConfigListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #next<Result>(run: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(run);
    this.#last = result.catch(() => undefined);
    return result;
  }

  async #content(): Promise<Content> {
    const { file, read = () => readConfigFile(file) } = this.#options;
    try {
      const text = await read();
      return { text, digest: createHash('sha256').update(text).digest('hex') };
    } catch (error) {
      const message = unreadable(error);
      return { missing: { file, line: 0, column: 0, path: '', message }, digest: message };
    }
  }

  #apply(content: Content): Outcome {
    const { file, listeners, tlsProblem, location, log, now } = this.#options;
    this.#lastDigest = content.digest;
    const verdicts: TlsVerdict[] = [];
    const judge: TlsProblem = (material) => {
      const problem = tlsProblem?.(material);
      verdicts.push({ material, problem });
      return problem;
    };
    const loaded =
      'text' in content
        ? loadConfig(file, content.text, {
            listeners,
            now,
            ...(tlsProblem && { tlsProblem: judge }),
            ...(location !== undefined && { location }),
          })
        : { ok: false as const, problems: [content.missing] };
    this.#lastReloadSuccessful = loaded.ok;
    this.#doubts = loaded.ok ? [] : verdicts;
    if (!loaded.ok) return { ok: false, problems: loaded.problems };
    const { config } = loaded;
    this.#current = config;
    this.#lastSuccessAt = now();
    log.info('configuration loaded', { file, targets: config.targets.length, modules: config.modules.size });
    for (const warning of config.warnings) log.warn(warning, { file });
    for (const listener of this.#listeners) listener(config);
    return { ok: true, problems: [] };
  }

  #isDifferentNow(): boolean {
    return this.#doubts.some(({ material, problem }) => this.#options.tlsProblem?.(material) !== problem);
  }

  #logged(outcome: Outcome): Outcome {
    const { log } = this.#options;
    for (const problem of outcome.problems) log.error(formatProblem(problem));
    if (!outcome.ok)
      log.error('the configuration was not reloaded: the running one stays', { file: this.#options.file });
    return outcome;
  }
}
