import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Program, type ProgramOptions } from './e2e-program.ts';

/** What one test sets up: a directory, programs, servers. Cleared in reverse order when the test is over. */
export class Stage {
  readonly #endings: (() => unknown)[] = [];
  readonly #programs: Program[] = [];
  #directory: string | undefined;

  /** A directory of the test's own. */
  get directory(): string {
    if (this.#directory === undefined) {
      const directory = mkdtempSync(join(tmpdir(), 'port-exporter-e2e-'));
      this.#directory = directory;
      this.onEnd(() => rmSync(directory, { recursive: true, force: true }));
    }
    return this.#directory;
  }

  /** Writes a file of the test's directory and gives its full name. */
  write(name: string, text: string): string {
    const file = join(this.directory, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  start(command: readonly string[], options: ProgramOptions = {}): Program {
    const program = new Program(command, options);
    this.#programs.push(program);
    this.onEnd(() => program.end());
    return program;
  }

  /** Takes care of something until the test is over. */
  keep<Thing extends AsyncDisposable>(thing: Thing): Thing {
    this.onEnd(() => thing[Symbol.asyncDispose]());
    return thing;
  }

  onEnd(ending: () => unknown): void {
    this.#endings.push(ending);
  }

  async clear(): Promise<void> {
    for (const ending of this.#endings.toReversed()) await ending();
  }

  /** For a test that failed: what its programs said last. */
  showOutput(): void {
    for (const program of this.#programs) process.stderr.write(`${program.summary()}\n`);
  }
}
