import { pipeline, Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createGzip, gzipSync } from 'node:zlib';
import type { Context } from 'koa';
import { acceptsGzip } from './negotiate.ts';

/** Level 1 makes scrapes a tenth of their size; higher levels cost twice the time for a few percent. */
const GZIP = { level: 1, chunkSize: 64 * 1024 };
/** Below this, packing costs more than it saves, and is done at once up to the second limit (a tenth of a millisecond). */
const WORTH_PACKING = 512;
const PACKED_AT_ONCE = 32 * 1024;
const CHUNK_CHARS = 64 * 1024;

/** Answers with a text that is at hand, packed when the client takes it. */
export function sendText(ctx: Context, type: string, text: string): void {
  ctx.set('Content-Type', type);
  ctx.vary('Accept-Encoding');
  const packs = text.length >= WORTH_PACKING && acceptsGzip(ctx.get('accept-encoding'));
  if (!packs) {
    ctx.body = text;
    return;
  }
  if (text.length > PACKED_AT_ONCE) {
    sendPieces(ctx, type, [text]);
    return;
  }
  ctx.set('Content-Encoding', 'gzip');
  ctx.body = gzipSync(text, GZIP);
}

/** Answers with a long text as it is made, piece by piece: the loop comes round after every 64 kB, so that no probe waits for a page. */
export function sendPieces(ctx: Context, type: string, pieces: Iterable<string> | AsyncIterable<string>): void {
  ctx.set('Content-Type', type);
  ctx.vary('Accept-Encoding');
  const source = Readable.from(inChunks(pieces), { objectMode: false });
  if (!acceptsGzip(ctx.get('accept-encoding'))) {
    ctx.body = source;
    return;
  }
  ctx.set('Content-Encoding', 'gzip');
  // An error or a client that went away ends both streams; koa reports it.
  ctx.body = pipeline(source, createGzip(GZIP), () => {});
}

async function* inChunks(pieces: Iterable<string> | AsyncIterable<string>): AsyncGenerator<Buffer, void, undefined> {
  let chunk = '';
  for await (const piece of pieces) {
    chunk += piece;
    if (chunk.length < CHUNK_CHARS) continue;
    yield Buffer.from(chunk);
    chunk = '';
    await nextTurn();
  }
  if (chunk !== '') yield Buffer.from(chunk);
}
