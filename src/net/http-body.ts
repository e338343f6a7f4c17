import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip, createInflateRaw } from 'node:zlib';
import { ProbeFailure } from '../core/reason.ts';

export type BodyOptions = {
  /** The body is taken for compressed like that. `deflate` is what Go's compress/flate reads: without the header of zlib. */
  readonly compression?: 'gzip' | 'br' | 'deflate' | 'identity';
  /** How many bytes are kept, from the first one on. */
  readonly keep: number;
  /** The longest body that will do, bytes after decompression. */
  readonly limit?: number;
  /** Called with how many bytes there have been so far, also where the body then fails. */
  readonly onLength?: (length: number) => void;
};

/** The first bytes of a body, and how many it has in all, after decompression. */
export type Body = { readonly kept: Buffer; readonly length: number };

/** What a body may be that nobody has said a limit of, and what may come over the wire in any case: a server may send zeros for ever. */
export const LONGEST_BODY = 100 * 1024 * 1024;
/** Of decompression. */
const CHUNK = { chunkSize: 64 * 1024 };

const DECODERS = {
  gzip: () => createGunzip(CHUNK),
  br: () => createBrotliDecompress(CHUNK),
  deflate: () => createInflateRaw(CHUNK),
};

/**
 * Reads a body to its end. Throws ProbeFailure (unexpected_response) when it is too long, or not compressed as it should be; the source is
 * stopped then. Whatever the source throws is thrown.
 */
export async function readBody(source: AsyncIterable<Uint8Array>, options: BodyOptions): Promise<Body> {
  const { compression = 'identity', limit = LONGEST_BODY } = options;
  const received = new Counted(source, Math.max(limit, LONGEST_BODY));
  if (compression === 'identity') return await collect(received.chunks(), { ...options, limit });
  const decoder = DECODERS[compression]();
  let body: Body | undefined;
  try {
    await pipeline(received.chunks(), decoder, async (chunks: AsyncIterable<Buffer>) => {
      body = await collect(chunks, { ...options, limit });
    });
  } catch (error) {
    // What follows the end of what was compressed does not count, but leaves the pipeline unfinished.
    if (body === undefined) throw error === received.error ? error : broken(compression, error);
  }
  if (body === undefined) throw new Error('a body that has ended was not read');
  return body;
}

function broken(compression: string, error: unknown): unknown {
  if (error instanceof ProbeFailure) return error;
  return new ProbeFailure('unexpected_response', `the body is not compressed with ${compression}`, { cause: error });
}

/** Tells what the source has thrown from what the decoder does. */
class Counted {
  error: unknown;
  readonly #source: AsyncIterable<Uint8Array>;
  readonly #limit: number;

  constructor(source: AsyncIterable<Uint8Array>, limit: number) {
    this.#source = source;
    this.#limit = limit;
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    let length = 0;
    try {
      for await (const chunk of this.#source) {
        length += chunk.length;
        if (length > this.#limit) throw tooLong(this.#limit);
        yield chunk;
      }
    } catch (error) {
      this.error = error;
      throw error;
    }
  }
}

async function collect(
  chunks: AsyncIterable<Uint8Array>,
  { keep, limit, onLength }: BodyOptions & { readonly limit: number },
): Promise<Body> {
  const kept: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    if (length < keep) kept.push(chunk.subarray(0, keep - length));
    length += chunk.length;
    onLength?.(Math.min(length, limit));
    if (length > limit) throw tooLong(limit);
  }
  return { kept: Buffer.concat(kept), length };
}

function tooLong(limit: number): ProbeFailure {
  return new ProbeFailure('unexpected_response', `the body is longer than ${limit} bytes`);
}
