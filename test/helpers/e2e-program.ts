import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { vi } from 'vitest';

export type ProgramOptions = {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A process group of its own, ended as a whole: for programs that start others. */
  readonly group?: boolean;
};

const START_MS = 20_000;
const STOP_MS = 10_000;
const SHOWN_LINES = 40;

/** A child process and all it has said. */
export class Program {
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #group: boolean;
  readonly #exited: Promise<unknown>;
  #stdout = '';
  #stderr = '';

  constructor(command: readonly string[], { cwd, env, group = false }: ProgramOptions) {
    const [file = '', ...args] = command;
    this.#name = command.join(' ').slice(0, 200);
    this.#group = group;
    this.#child = spawn(file, args, { cwd, detached: group, env: { ...process.env, ...env } });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.#exited = once(this.#child, 'close');
    this.#exited.catch(() => undefined);
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`${this.#name} was not started`);
    return this.#child.pid;
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Writes to its standard input. */
  type(text: string): void {
    this.#child.stdin?.write(text);
  }

  signal(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal);
  }

  /** What the pattern finds first in what the program says, now or soon. */
  async said(pattern: RegExp, timeout = START_MS): Promise<RegExpExecArray> {
    return vi.waitFor(
      () => {
        const found = pattern.exec(this.#stdout) ?? pattern.exec(this.#stderr);
        if (found === null) throw new Error(`${this.#name} has not said ${pattern}`);
        return found;
      },
      { timeout, interval: 20 },
    );
  }

  /** The exit code once it has ended by itself and all of its output is here; the signal when one ended it. */
  async exit(): Promise<number | NodeJS.Signals | null> {
    await this.#exited;
    return this.#child.exitCode ?? this.#child.signalCode;
  }

  /** Ends it, the hard way when it does not listen. */
  async end(): Promise<void> {
    if (this.#child.pid === undefined) return;
    if (!this.#isOver()) this.#kill('SIGTERM');
    const hard = setTimeout(() => this.#kill('SIGKILL'), STOP_MS);
    await this.#exited;
    clearTimeout(hard);
  }

  summary(): string {
    const lines = `${this.#stdout}${this.#stderr}`.trimEnd().split('\n').slice(-SHOWN_LINES);
    return `--- ${this.#name}\n${lines.join('\n')}`;
  }

  #isOver(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  #kill(signal: NodeJS.Signals): void {
    try {
      process.kill(this.#group ? -this.pid : this.pid, signal);
    } catch {
      // It has ended meanwhile.
    }
  }
}

/** Runs a program to its end. */
export async function run(
  command: readonly string[],
  { input = '', ...options }: { readonly input?: string; readonly cwd?: string } = {},
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const [file = '', ...args] = command;
  const child = spawn(file, args, options);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin.on('error', () => undefined).end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

/** Runs a program that must do its work: what it wrote to stdout. */
export async function runWell(command: readonly string[], options: { readonly cwd?: string } = {}): Promise<string> {
  const { code, stdout, stderr } = await run(command, options);
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}: ${stderr}`);
  return stdout;
}
