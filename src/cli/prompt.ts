import { createInterface, type Interface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { Parsed } from '../core/endpoint.ts';
import type { Output, Streams } from './streams.ts';

/** Whoever was asked has gone: Ctrl-C, Ctrl-D, or the terminal is closed. */
export class Stopped extends Error {
  constructor() {
    super('stopped');
    this.name = 'Stopped';
  }
}

/** A question: what is shown, what stands for an empty answer, and how the answer is read. */
export type Question<Value> = {
  /** The answer stands on its last line, which is shown again after a wrong one. */
  readonly text: string;
  /** Taken for Enter alone, and shown; without it Enter is an answer like others. */
  readonly otherwise?: string;
  /** The answer is not shown while it is typed. */
  readonly hidden?: true;
  readonly read: (answer: string) => Parsed<Value>;
};

/** Asks on a terminal. */
export class Prompt {
  readonly #output: Output;
  readonly #screen: Screen;
  readonly #lines: Interface;
  readonly #gone = new AbortController();

  constructor(input: NonNullable<Streams['stdin']>, output: Output) {
    this.#output = output;
    this.#screen = new Screen(output);
    // What was typed is not kept, and cannot be brought back with the arrows: some of it is secret.
    this.#lines = createInterface({ input, output: this.#screen, terminal: true, historySize: 0 });
    this.#lines.on('close', () => this.#gone.abort());
  }

  /** The answer, asked for again until it is right. Throws Stopped. */
  async ask<Value>({ text, otherwise, hidden, read }: Question<Value>): Promise<Value> {
    const [last = '', ...above] = text.split('\n').reverse();
    const shown = `${last}${otherwise === undefined ? '' : ` [${otherwise}]`}: `;
    for (const line of above.reverse()) this.#output.write(`${line}\n`);
    for (;;) {
      const answer = hidden ? await this.#hidden(shown) : await this.#line(shown);
      const value = read(answer.trim() === '' ? (otherwise ?? '') : answer.trim());
      if (value.ok) return value.value;
      this.#output.write(`    ${value.problem}\n`);
    }
  }

  /** Gives the terminal back. */
  close(): void {
    this.#lines.close();
  }

  async #line(text: string): Promise<string> {
    this.#screen.isHidden = false;
    try {
      return await this.#next(text);
    } finally {
      this.#screen.isHidden = true;
    }
  }

  async #hidden(text: string): Promise<string> {
    this.#output.write(text);
    try {
      return await this.#next('');
    } finally {
      this.#output.write('\n');
    }
  }

  async #next(text: string): Promise<string> {
    const { signal } = this.#gone;
    if (signal.aborted) throw new Stopped();
    try {
      return await this.#lines.question(text, { signal });
    } catch (error) {
      if (signal.aborted) throw new Stopped();
      throw error;
    }
  }
}

/**
 * The terminal as far as readline may write to it. It echoes nothing by itself meanwhile: what is typed is shown by writing it, so only
 * while somebody is asked for what may be seen. What is typed too early may be a secret.
 */
class Screen extends Writable {
  isHidden = true;
  readonly #output: Output;

  constructor(output: Output) {
    super({ decodeStrings: false });
    this.#output = output;
  }

  /** Asked for by readline. */
  get columns(): number | undefined {
    return this.#output.columns;
  }

  override _write(text: string, _encoding: BufferEncoding, done: () => void): void {
    if (!this.isHidden) this.#output.write(text);
    done();
  }
}
