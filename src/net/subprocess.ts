import { type ChildProcess, spawn } from 'node:child_process';

/** The most that a program may say on both of its outputs, bytes; whoever says more is ended. */
const MOST_SAID = 16 * 1024;

/** What a program has said, and how it ended: by itself with a code, or by a signal. */
export type Outcome = {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** It said more than is listened to, and was ended for it. */
  readonly tooMuch: boolean;
};

/** A program that was started without a shell, with nothing on its input and an environment of its own. */
export class Subprocess {
  /** Once it has ended and all it said is here. Rejects with the system's error when it cannot be started. */
  readonly ended: Promise<Outcome>;
  #child: ChildProcess | undefined;
  readonly #said = { stdout: '', stderr: '' };
  #size = 0;

  /** `name`: what the program takes for its own name in its messages. */
  constructor(file: string, name: string, args: readonly string[]) {
    this.ended = new Promise((resolve, reject) => {
      // Some errors are thrown, others are events.
      const child = spawn(file, args, { argv0: name, env: { LC_ALL: 'C' }, stdio: ['ignore', 'pipe', 'pipe'] });
      this.#child = child;
      child.once('error', reject).on('error', () => {});
      this.#listen('stdout');
      this.#listen('stderr');
      child.once('close', (code, signal) => resolve({ ...this.#said, code, signal, tooMuch: this.#size > MOST_SAID }));
    });
  }

  /** Asks it to come to an end, as Ctrl-C does. */
  interrupt(): void {
    this.#child?.kill('SIGINT');
  }

  /** Ends it at once, and reads no more of it: somebody else may hold its outputs open. */
  kill(): void {
    this.#child?.kill('SIGKILL');
    this.#child?.stdout?.destroy();
    this.#child?.stderr?.destroy();
  }

  #listen(output: 'stdout' | 'stderr'): void {
    // Without descriptors left there are no pipes.
    this.#child?.[output]?.setEncoding('latin1').on('data', (text: string) => {
      this.#size += text.length;
      if (this.#size > MOST_SAID) this.kill();
      else this.#said[output] += text;
    });
  }
}
