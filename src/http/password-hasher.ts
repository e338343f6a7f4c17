import { Worker } from 'node:worker_threads';

/** Whether a password is the one of a bcrypt hash. */
export type Compare = (password: string, hash: string) => Promise<boolean>;

/** Megabytes: bcrypt needs a few kilobytes. */
const HEAP = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 };
/** Nobody logs in anew for a long time: its memory is better used elsewhere, ms. */
const IDLE_MS = 30_000;

/** Compares in a thread of its own, one password after the other. The thread is there while it is needed. */
export class PasswordHasher {
  readonly #program: URL;
  #worker: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** `program` is what the thread runs. */
  constructor(program: URL) {
    this.#program = program;
  }

  /** Rejects when the thread fails. */
  readonly compare: Compare = (password, hash) => {
    const result = this.#last.then(() => this.#ask(password, hash));
    this.#last = result.catch(() => undefined);
    return result;
  };

  /** Ends the thread; the next password gets another one. */
  async close(): Promise<void> {
    clearTimeout(this.#idle);
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #ask(password: string, hash: string): Promise<boolean> {
    const worker = this.#running();
    return new Promise((resolve, reject) => {
      const settle = () => {
        worker.off('message', answered).off('error', failed).off('exit', failed);
        this.#idle = setTimeout(() => void this.close(), IDLE_MS).unref();
      };
      const answered = (matches: boolean) => {
        settle();
        resolve(matches);
      };
      const failed = (cause: unknown) => {
        settle();
        reject(new Error('the thread that compares passwords has failed', { cause }));
      };
      worker.on('message', answered).on('error', failed).on('exit', failed);
      worker.postMessage({ password, hash });
    });
  }

  #running(): Worker {
    clearTimeout(this.#idle);
    if (this.#worker !== undefined) return this.#worker;
    const worker = new Worker(this.#program, { name: 'passwords', resourceLimits: HEAP, env: {}, execArgv: [] });
    worker.unref();
    // Also when it failed between two passwords: the next one gets another.
    worker.on('error', () => undefined);
    worker.once('exit', () => {
      if (this.#worker === worker) this.#worker = undefined;
    });
    this.#worker = worker;
    return worker;
  }
}
