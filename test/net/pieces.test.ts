import { once } from 'node:events';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { HttpRequest } from '../../src/net/http.ts';
import { askHttp } from '../../src/net/http-ask.ts';
import { readBody } from '../../src/net/http-body.ts';
import { limitPieces } from '../../src/net/pieces.ts';
import { facing } from '../helpers/http-ask.ts';
import { data, headers, SETTINGS } from '../helpers/http2-frames.ts';
import { peer } from '../helpers/peers.ts';

const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
const HEAD2 = Buffer.concat([SETTINGS, headers({ ':status': '200' })]);
const EARLY = 'HTTP/1.1 103 Early Hints\r\n\r\n';
const EARLY2 = headers({ ':status': '103' });
const IN_BYTES = 'unexpected_response: the body comes in more than 20000 pieces of less than 16 bytes each';
/** What Node.js reads from the kernel at once, bytes. */
const ONE_READ = 64 * 1024;

const many = (piece: Buffer | string, times: number) => Buffer.concat(new Array(times).fill(Buffer.from(piece)));
const chunk = (size: number) => `${size.toString(16)}\r\n${'x'.repeat(size)}\r\n`;
const GET: HttpRequest = {
  ...{ method: 'GET', target: '/', authority: 'example.org', scheme: 'http', headers: [], body: undefined },
};

/** How much of an answer is read in one turn of the loop at most, bytes; the kernel has all of it before. */
async function mostInOneTurn(answer: Buffer, protocol?: string): Promise<number> {
  await using server = await peer((peer) => {
    peer.once('data', () => peer.end(answer));
  });
  const socket = connect(server.port, '127.0.0.1');
  await once(socket, 'connect');
  let [most, before, isOver] = [0, 0, false];
  const look = () => {
    most = Math.max(most, socket.bytesRead - before);
    before = socket.bytesRead;
    if (!isOver) setImmediate(look);
  };
  look();
  try {
    const reply = await askHttp({ socket, protocol }, GET, { firstByte: () => {} });
    await readBody(reply.body, { keep: 0 });
  } catch {
    // How it ends is looked at elsewhere.
  } finally {
    isOver = true;
    socket.destroy();
  }
  return most;
}

describe('between two reads of small pieces the loop turns', () => {
  test.each<[string, Buffer, string?]>([
    ['HTTP/1', many(chunk(1000), 2000)],
    ['HTTP/2', Buffer.concat([many(data(Buffer.alloc(1000)), 2000)]), 'h2'],
  ])('in a body: %s', async (_, body, protocol) => {
    const head = protocol === undefined ? Buffer.from(CHUNKED) : HEAD2;
    const most = await mostInOneTurn(Buffer.concat([head, body]), protocol);
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(ONE_READ);
  });

  test.each<[string, Buffer, string?]>([
    ['HTTP/1', many(EARLY, 50_000)],
    ['HTTP/2', Buffer.concat([SETTINGS, many(EARLY2, 50_000)]), 'h2'],
  ])('in heads without number: %s', async (_, answer, protocol) => {
    expect(await mostInOneTurn(answer, protocol)).toBeLessThanOrEqual(ONE_READ);
  });
});

describe('a body that comes byte by byte', () => {
  test.each<[string, Buffer, Buffer, string?]>([
    ['HTTP/1', Buffer.from(CHUNKED), many(chunk(1), 1000)],
    ['HTTP/2', HEAD2, many(data(Buffer.of(0x78)), 1000), 'h2'],
  ])('without end is not read for long: %s', async (_, head, piece, protocol) => {
    const asked = await facing(
      (socket) => {
        socket.once('data', async () => {
          socket.write(head);
          while (socket.writable) await new Promise((written) => socket.write(piece, written));
        });
      },
      { ...(protocol !== undefined && { protocol }), withinMs: 10_000 },
    );
    expect(asked).toEqual({ failure: IN_BYTES });
  });

  test.each([
    ['of 20000', 20_000, 1],
    ['that are not that small', 30_000, 16],
  ])('is read where it is one of pieces %s', async (_, times, size) => {
    const body = new Readable({ read: () => {} });
    limitPieces(body);
    for (let i = 0; i < times; i++) body.push(Buffer.alloc(size));
    body.push(null);
    expect(await readBody(body, { keep: 0 })).toMatchObject({ length: times * size });
  });
});
