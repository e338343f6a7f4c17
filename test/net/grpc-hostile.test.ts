import { once } from 'node:events';
import type { Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { describe, expect, it } from 'vitest';
import type { Reason } from '../../src/core/reason.ts';
import { GrpcConnection } from '../../src/net/grpc-connection.ts';
import { callOnce, GRPC_REQUEST, openSocket, prefixed } from '../helpers/grpc-server.ts';
import { garbage } from '../helpers/hostile-peers.ts';
import {
  continuation,
  data,
  END_STREAM,
  frameTypes,
  goAway,
  headers,
  PING,
  reset,
  SETTINGS,
  unendedHeaders,
  unknown,
} from '../helpers/http2-frames.ts';
import { SELF_SIGNED } from '../helpers/line-server.ts';
import { isNode20 } from '../helpers/node-version.ts';
import { listenOn, peer } from '../helpers/peers.ts';

/** What becomes of a server that does not stop. */
const ENDLESS = /far more than it was asked for|Too many invalid HTTP\/2 frames/;
const OK = { 'grpc-status': '0' };

type Behaviour = (socket: Socket) => void;

/** Says its settings, and the rest once the call has come. */
function saying(...frames: readonly Buffer[]): Behaviour {
  return (socket) => {
    const heard: Buffer[] = [];
    socket.write(SETTINGS);
    const listen = (chunk: Buffer) => {
      heard.push(chunk);
      if (!frameTypes(Buffer.concat(heard)).includes(0)) return;
      socket.off('data', listen).resume();
      for (const frame of frames) socket.write(frame);
    };
    socket.on('data', listen);
  };
}

/** Repeats a frame as fast as it is read. */
function endlessly(first: Buffer, frame: Buffer): Behaviour {
  const many = Buffer.concat(Array.from({ length: 500 }, () => frame));
  return (socket) => {
    const more = () => {
      if (socket.writable) socket.write(many, () => setImmediate(more));
    };
    saying(first)(socket);
    socket.once('data', () => setTimeout(more, 20));
  };
}

const HEAD = headers({ ':status': '200', 'content-type': 'application/grpc' });
const TAIL = headers(OK, END_STREAM);
const LONG = { 'x-long': 'a'.repeat(120) };

describe('no proper answer', () => {
  it.each<[what: string, behave: Behaviour, reason: Reason, detail: RegExp]>([
    ['HTTP/1.1', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'), 'unexpected_response', /speak HTTP\/2/],
    ['garbage', (socket) => socket.write(garbage(7, 500)), 'unexpected_response', /speak HTTP\/2/],
    ['a hang-up at once', (socket) => socket.end(), 'closed_early', /hung up/],
    ['a hang-up after the settings', (socket) => socket.end(SETTINGS), 'closed_early', /hung up/],
    ['a hang-up when called', (socket) => socket.once('data', () => socket.end()), 'closed_early', /hung up/],
    ['RST', (socket) => socket.once('data', () => socket.resetAndDestroy()), 'connection_reset', /ECONNRESET/],
    ['GOAWAY for no error', saying(goAway(0, 0)), 'service_unavailable', /REFUSED_STREAM/],
    ['GOAWAY for too many calls', saying(goAway(0, 11)), 'service_unavailable', /ENHANCE_YOUR_CALM/],
    ['GOAWAY for an error', saying(goAway(0, 1)), 'unexpected_response', /HTTP\/2 PROTOCOL_ERROR/],
    ['GOAWAY for an error that nobody knows', saying(goAway(0, 999)), 'unexpected_response', /HTTP\/2 code 999/],
    ['a stream refused', saying(reset(7)), 'service_unavailable', /REFUSED_STREAM/],
    ['a stream ended for an error', saying(reset(2)), 'unexpected_response', /INTERNAL_ERROR/],
    ['a stream ended without an answer', saying(reset(0)), 'unexpected_response', /without an answer/],
    ['a stream ended within the answer', saying(HEAD, reset(2)), 'unexpected_response', /INTERNAL_ERROR/],
    ['headers without a status', saying(headers({ a: 'b' }, END_STREAM)), 'unexpected_response', /PROTOCOL_ERROR/],
    [
      'an answer without trailers',
      saying(HEAD, data(prefixed(Buffer.of(1)), END_STREAM)),
      'unexpected_response',
      /no grpc-status/,
    ],
    [
      'a status that is no number',
      saying(headers({ ':status': '200', 'grpc-status': 'fine' }, END_STREAM)),
      'unexpected_response',
      /no grpc-status, or one that is no number/,
    ],
    ['a compressed message', saying(HEAD, data(prefixed(Buffer.of(1), 1)), TAIL), 'unexpected_response', /compressed/],
    ['two messages', saying(HEAD, data(Buffer.alloc(10)), TAIL), 'unexpected_response', /not one message/],
    ['half a message', saying(HEAD, data(Buffer.of(0, 0, 0, 0, 9, 1)), TAIL), 'unexpected_response', /not one message/],
    ['half a prefix', saying(HEAD, data(Buffer.of(0, 0)), TAIL), 'unexpected_response', /2 bytes .* not one message/],
    ['an unknown flag', saying(HEAD, data(prefixed(Buffer.of(1), 2)), TAIL), 'unexpected_response', /not one message/],
    [
      'a message without end',
      saying(HEAD, ...Array.from({ length: 5 }, () => data(Buffer.alloc(16_000)))),
      'unexpected_response',
      /longer than 65536 bytes|FLOW_CONTROL_ERROR/,
    ],
    [
      'headers beyond all measure',
      saying(
        headers({ ':status': '200', ...Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`x-${i}`, 'y'])) }),
      ),
      'unexpected_response',
      /HTTP\/2/,
    ],
    [
      'headers without end',
      endlessly(unendedHeaders({ ':status': '200' }), continuation(LONG)),
      'unexpected_response',
      /HTTP\/2/,
    ],
  ])('%s has its reason', async (_, behave, reason, message) => {
    await using server = await peer(behave);
    await expect(callOnce(server.port)).rejects.toMatchObject({ reason, message: expect.stringMatching(message) });
  });

  it('of a server that had hung up before is closed_early', async () => {
    await using server = await peer((socket) => socket.end());
    const socket = await openSocket(server.port);
    await once(socket.resume(), 'close');
    const connection = new GrpcConnection(socket);
    await expect(connection.call(GRPC_REQUEST)).rejects.toMatchObject({ reason: 'closed_early' });
    await connection.leave();
  });

  it.each([
    ['pings', endlessly(Buffer.alloc(0), PING)],
    ['settings', endlessly(Buffer.alloc(0), SETTINGS)],
    ['frames that nobody knows', endlessly(Buffer.alloc(0), unknown(Buffer.alloc(1000)))],
    ['empty pieces of a message', endlessly(HEAD, data(Buffer.alloc(0)))],
  ])('of a server that sends endless %s is not waited for', async (_, behave) => {
    await using server = await peer(behave);
    await expect(callOnce(server.port)).rejects.toMatchObject({
      reason: 'unexpected_response',
      message: expect.stringMatching(isNode20 ? ENDLESS : new RegExp(`${ENDLESS.source}|does not speak HTTP/2`)),
    });
  });

  it('of such a server in TLS is not waited for either', async () => {
    const flood = endlessly(Buffer.alloc(0), PING);
    const tls = createTlsServer({ ...SELF_SIGNED, ALPNProtocols: ['h2'] }, (socket) =>
      flood(socket.on('error', () => {})),
    );
    await expect(callOnce(await listenOn(tls), { alpn: ['h2'] })).rejects.toMatchObject({
      message: 'the server says far more than it was asked for',
    });
    await new Promise((resolve) => tls.close(resolve));
  });

  it.each([
    ['agrees to HTTP/1.1 only', ['http/1.1']],
    ['knows nothing of ALPN', []],
  ])('is to be had of a server that %s', async (_, protocols) => {
    const tls = createTlsServer(
      { ...SELF_SIGNED, ...(protocols.length > 0 && { ALPNProtocols: protocols }) },
      (socket) => socket.on('error', () => {}).resume(),
    );
    const port = await listenOn(tls);
    await expect(callOnce(port, { alpn: ['h2', 'http/1.1'] })).rejects.toMatchObject({
      reason: 'unexpected_response',
      message: 'the server does not agree to HTTP/2 (h2 in ALPN)',
    });
    await new Promise((resolve) => tls.close(resolve));
  });
});
