import { once } from 'node:events';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { type BodyOptions, LONGEST_BODY, readBody } from '../../src/net/http-body.ts';
import { peer } from '../helpers/peers.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const TEXT = Buffer.from('hello, world. '.repeat(1000));

const COMPRESSED = {
  gzip: gzipSync(TEXT),
  br: brotliCompressSync(TEXT),
  deflate: deflateRawSync(TEXT),
  identity: TEXT,
};
const ALL = ['gzip', 'br', 'deflate', 'identity'] as const;
const DECODED = ['gzip', 'br', 'deflate'] as const;

function bytes(buffer: Buffer): Buffer[] {
  return Array.from(buffer, (byte) => Buffer.of(byte));
}

function read(chunks: readonly Buffer[], options: Partial<BodyOptions> = {}) {
  return readBody(Readable.from(chunks), { keep: 1_000_000, ...options });
}

/** A source without end, and whether it was stopped. */
function endless(first: Buffer, then: Buffer) {
  const stopped = vi.fn();
  async function* chunks() {
    try {
      yield first;
      for (;;) {
        await new Promise((resolve) => setImmediate(resolve));
        yield then;
      }
    } finally {
      stopped();
    }
  }
  return { chunks: Readable.from(chunks()), stopped };
}

function wrong(compression: string) {
  return expect.objectContaining({
    name: 'ProbeFailure',
    reason: 'unexpected_response',
    message: `the body is not compressed with ${compression}`,
  });
}

function tooLong(limit: number) {
  return expect.objectContaining({ reason: 'unexpected_response', message: `the body is longer than ${limit} bytes` });
}

describe('a body', () => {
  it.each(ALL)('is read whole, however it comes: %s', async (compression) => {
    const body = { kept: TEXT, length: TEXT.length };
    expect(await read([COMPRESSED[compression]], { compression })).toEqual(body);
    expect(await read(bytes(COMPRESSED[compression]), { compression })).toEqual(body);
  });

  it.each(ALL)('is kept as far as it is asked for, and counted whole: %s', async (compression) => {
    const chunks = bytes(COMPRESSED[compression]);
    expect(await read(chunks, { compression, keep: 5 })).toEqual({ kept: Buffer.from('hello'), length: TEXT.length });
    expect(await read(chunks, { compression, keep: 0 })).toEqual({ kept: Buffer.alloc(0), length: TEXT.length });
  });

  it.each(ALL)('may be as long as it may be, and no longer: %s', async (compression) => {
    const chunks = [COMPRESSED[compression]];
    expect(await read(chunks, { compression, limit: TEXT.length })).toMatchObject({ length: TEXT.length });
    await expect(read(chunks, { compression, limit: TEXT.length - 1 })).rejects.toThrow(tooLong(TEXT.length - 1));
  });

  it('may be empty, but not if it should be compressed', async () => {
    expect(await read([])).toEqual({ kept: Buffer.alloc(0), length: 0 });
    for (const compression of DECODED) await expect(read([], { compression })).rejects.toThrow(wrong(compression));
  });

  it('may have several members where it comes with gzip', async () => {
    const { length } = await read([COMPRESSED.gzip, COMPRESSED.gzip], { compression: 'gzip' });
    expect(length).toBe(2 * TEXT.length);
  });
});

describe('a body that is not what it should be', () => {
  it.each(DECODED)('fails: %s', async (compression) => {
    await expect(read([TEXT], { compression })).rejects.toThrow(wrong(compression));
    await expect(read([COMPRESSED[compression].subarray(0, -5)], { compression })).rejects.toThrow(wrong(compression));
    await expect(read(bytes(COMPRESSED[compression]).slice(0, -5), { compression })).rejects.toThrow(
      wrong(compression),
    );
  });

  it('fails where its deflate has the header of zlib', async () => {
    await expect(read([deflateSync(TEXT)], { compression: 'deflate' })).rejects.toThrow(wrong('deflate'));
  });

  it('fails where gzip is followed by something else, wherever that comes', async () => {
    const more = Buffer.from('more');
    await expect(read([COMPRESSED.gzip, more], { compression: 'gzip' })).rejects.toThrow(wrong('gzip'));
    await expect(read([Buffer.concat([COMPRESSED.gzip, more])], { compression: 'gzip' })).rejects.toThrow(
      wrong('gzip'),
    );
  });

  it.each(['br', 'deflate'] as const)('ends where %s ends, whatever follows', async (compression) => {
    const more = Buffer.from('more');
    const same = Buffer.concat([COMPRESSED[compression], more]);
    expect(await read([same], { compression })).toMatchObject({ length: TEXT.length });
    expect(await read([COMPRESSED[compression], more, more], { compression })).toMatchObject({ length: TEXT.length });
    const source = endless(COMPRESSED[compression], Buffer.alloc(65_536));
    expect(await readBody(source.chunks, { compression, keep: 0 })).toMatchObject({ length: TEXT.length });
    await vi.waitFor(() => expect(source.stopped).toHaveBeenCalledOnce());
  });
});

describe('a hostile server', () => {
  it.each(ALL)('that never ends is stopped: %s', async (compression) => {
    const source = endless(COMPRESSED[compression].subarray(0, 10), Buffer.alloc(8 * 1024 * 1024, COMPRESSED.gzip));
    await expect(readBody(source.chunks, { compression, keep: 1000 })).rejects.toMatchObject({
      reason: 'unexpected_response',
    });
    await vi.waitFor(() => expect(source.stopped).toHaveBeenCalledOnce());
  });

  it.each([
    ['gzip', gzipSync(Buffer.alloc(LONGEST_BODY + 1))],
    ['deflate', deflateRawSync(Buffer.alloc(LONGEST_BODY + 1))],
    ['br', brotliCompressSync(Buffer.alloc(LONGEST_BODY + 1), { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })],
  ] as const)('with a bomb of %s is stopped, and the memory is not its', async (compression, bomb) => {
    const before = process.memoryUsage().arrayBuffers;
    let most = before;
    const watch = setInterval(() => {
      // What nobody holds any more is not in use: when it is collected differs between versions of Node.js.
      if (process.memoryUsage().arrayBuffers - before > LONGEST_BODY / 4) collectGarbage();
      most = Math.max(most, process.memoryUsage().arrayBuffers);
    }, 1);
    try {
      await expect(read([bomb], { compression, keep: 1000 })).rejects.toThrow(tooLong(LONGEST_BODY));
      await expect(read([bomb], { compression, limit: 1000 })).rejects.toThrow(tooLong(1000));
    } finally {
      clearInterval(watch);
    }
    expect(most - before).toBeLessThan(LONGEST_BODY / 2);
  });

  it('that compresses nothing again and again is stopped', async () => {
    const source = endless(COMPRESSED.gzip, Buffer.concat(new Array<Buffer>(100_000).fill(gzipSync(''))));
    await expect(readBody(source.chunks, { compression: 'gzip', keep: 0 })).rejects.toThrow(tooLong(LONGEST_BODY));
    await vi.waitFor(() => expect(source.stopped).toHaveBeenCalledOnce());
  });

  it.each(ALL)('that resets the connection is told as such: %s', async (compression) => {
    await using server = await peer((socket) => {
      socket.write(COMPRESSED[compression].subarray(0, 20), () => socket.resetAndDestroy());
    });
    const socket = connect({ port: server.port, host: '127.0.0.1' });
    await expect(readBody(socket, { compression, keep: 100 })).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(socket.destroyed).toBe(true);
  });

  it.each(ALL)('that has gone already has no body: %s', async (compression) => {
    const source = Readable.from([COMPRESSED[compression]]).destroy();
    await expect(readBody(source, { compression, keep: 100 })).rejects.toMatchObject({
      code: 'ERR_STREAM_PREMATURE_CLOSE',
    });
    const broken = Readable.from([COMPRESSED[compression]]).on('error', () => {});
    broken.destroy(new Error('broken'));
    await new Promise((resolve) => broken.on('close', resolve));
    await expect(readBody(broken, { compression, keep: 100 })).rejects.toThrow('broken');
  });

  it.each(ALL)('has its connection closed when what it says will not do: %s', async (compression) => {
    await using server = await peer((socket) => socket.write(COMPRESSED[compression]));
    const socket = connect({ port: server.port, host: '127.0.0.1' });
    const closed = new Promise((resolve) => socket.on('error', () => {}).on('close', resolve));
    await expect(readBody(socket, { compression, keep: 100, limit: 100 })).rejects.toThrow(tooLong(100));
    await closed;
  });

  it.each(ALL)('that says no more is waited for until somebody closes the connection: %s', async (compression) => {
    await using server = await peer((socket) => socket.write(COMPRESSED[compression].subarray(0, 20)));
    const socket = connect({ port: server.port, host: '127.0.0.1' });
    const body = readBody(socket, { compression, keep: 100 });
    const failure = new Error('the time is over');
    await once(socket, 'readable');
    socket.destroy(failure);
    await expect(body).rejects.toBe(failure);
  });
});
