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
/** A client that takes nothing for this long is gone: its answer must not stay in memory; ms. */
const LONGEST_PAUSE_MS = 30_000;
/** What an answer may depend on. */
const VARY = 'Accept, Accept-Encoding';
const CHUNK_CHARS = 64 * 1024;
/** How long a page may keep the loop from turning, ms. */
const TURN_MS = 1;

/** Answers with a text that is at hand, packed when the client takes it. */
export function sendText(ctx: Context, type: string, text: string): void {
  ctx.set('Content-Type', type);
  ctx.set('Vary', VARY);
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

/**
 * Answers with a long text as it is made, piece by piece: the loop comes round every millisecond, so that no probe waits for a page.
 * Written to the response directly: koa asks of a stream whether it is a fetch Response, which loads all of Node's fetch (10 MB, 40 ms).
 */
export function sendPieces(ctx: Context, type: string, pieces: Iterable<string> | AsyncIterable<string>): void {
  ctx.set('Content-Type', type);
  ctx.set('Vary', VARY);
  // Koa's 404 stands for "nobody has answered"; a status that somebody has set stays.
  if (ctx.status === 404) ctx.status = 200;
  ctx.respond = false;
  // A client that has gone wants none of it.
  if (ctx.res.destroyed) return;
  ctx.res.setTimeout(LONGEST_PAUSE_MS, () => ctx.res.destroy());
  const source = Readable.from(inChunks(pieces), { objectMode: false });
  const ended = (error: NodeJS.ErrnoException | null | undefined) => {
    if (error) ctx.app.emit('error', error, ctx);
  };
  if (!acceptsGzip(ctx.get('accept-encoding'))) {
    pipeline(source, ctx.res, ended);
    return;
  }
  ctx.set('Content-Encoding', 'gzip');
  pipeline(source, createGzip(GZIP), ctx.res, ended);
}

async function* inChunks(pieces: Iterable<string> | AsyncIterable<string>): AsyncGenerator<Buffer, void, undefined> {
  let chunk = '';
  let since = performance.now();
  for await (const piece of pieces) {
    chunk += piece;
    if (chunk.length >= CHUNK_CHARS) {
      yield Buffer.from(chunk);
      chunk = '';
    }
    // By the clock, not by length: a family without samples takes time too.
    if (performance.now() - since < TURN_MS) continue;
    await nextTurn();
    since = performance.now();
  }
  if (chunk !== '') yield Buffer.from(chunk);
}
