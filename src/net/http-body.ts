import { finished, Readable } from 'node:stream';
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
 * destroyed then. Whatever the source fails with is thrown as it is.
 */
export async function readBody(chunks: AsyncIterable<Uint8Array>, options: BodyOptions): Promise<Body> {
  const source = chunks instanceof Readable ? chunks : Readable.from(chunks, { objectMode: false });
  const { compression = 'identity', limit = LONGEST_BODY } = options;
  try {
    if (compression === 'identity') return await collect(source, { ...options, limit });
    return await collect(decoded(source, compression, Math.max(limit, LONGEST_BODY)), { ...options, limit });
  } finally {
    // Also where what was compressed has ended, and the server goes on.
    if (!source.readableEnded) source.destroy();
  }
}

/** What the source says, decompressed. Fails where more than `limit` bytes come, or with what is wrong with the source. */
async function* decoded(source: Readable, compression: keyof typeof DECODERS, limit: number): AsyncGenerator<Buffer> {
  const decoder = DECODERS[compression]();
  let failure: unknown;
  const fail = (error: unknown) => {
    failure ??= error;
    decoder.destroy();
  };
  let length = 0;
  source.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length > limit) fail(tooLong(limit));
  });
  finished(source, { writable: false }, (error) => {
    if (error) fail(error);
  });
  try {
    yield* source.pipe(decoder);
  } catch (error) {
    if (failure !== undefined) throw failure;
    throw new ProbeFailure('unexpected_response', `the body is not compressed with ${compression}`, { cause: error });
  } finally {
    // What follows the end of what was compressed is an error too, for nobody.
    decoder.on('error', () => {});
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
