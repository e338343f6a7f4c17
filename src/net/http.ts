import type { Duplex, Readable } from 'node:stream';
import { ProbeFailure } from '../core/reason.ts';

/** One request. `target` is a path with its query, or a whole URL for a proxy. Names of headers as they are to be sent. */
export type HttpRequest = {
  readonly method: string;
  readonly target: string;
  /** Host and port, as in the Host header. */
  readonly authority: string;
  readonly scheme: 'http' | 'https';
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer | undefined;
};

/** The answer to it, as far as it is there when its head is. */
export type HttpReply = {
  readonly status: number;
  /** As Go writes it: HTTP/1.0, HTTP/1.1 or HTTP/2.0. */
  readonly version: string;
  /** Every value of each header, by its name in lower case. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  /** What the body is said to have, bytes; -1 where that is not said. */
  readonly contentLength: number;
  readonly body: HttpBody;
};

/** A socket to speak over, and what TLS has agreed to speak there. */
export type HttpWire = { readonly socket: Duplex; readonly protocol: string | undefined };

export type HttpListener = {
  /** The first byte of the answer is here. */
  firstByte(): void;
};

/** The body of an answer, to be read once or destroyed. */
export class HttpBody implements AsyncIterable<Uint8Array> {
  readonly #source: Readable;
  readonly #problem: (error: unknown) => Error | undefined;

  /** `problem`: why the source has ended too early, given what it has thrown, or that it has ended without an error; undefined when it has not. */
  constructor(source: Readable, problem: (error: unknown) => Error | undefined) {
    this.#source = source;
    this.#problem = problem;
  }

  /** Nobody wants the rest. */
  destroy(): void {
    this.#source.destroy();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    let problem: Error | undefined;
    try {
      yield* this.#source;
      problem = this.#problem(undefined);
    } catch (error) {
      problem = this.#problem(error);
    }
    if (problem !== undefined) throw problem;
  }
}

/** Nothing of the answer, or not all of it, is going to come. */
export function hungUp(when: 'before it had answered' | 'in the middle of its answer', cause?: unknown): ProbeFailure {
  return new ProbeFailure('closed_early', `the server hung up ${when}`, { cause });
}
