import { once } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Reason } from '../../src/core/reason.ts';
import { WebSocketConnection } from '../../src/net/websocket.ts';
import { openSocket } from '../helpers/grpc-server.ts';
import { endless, garbage } from '../helpers/hostile-peers.ts';
import { peer } from '../helpers/peers.ts';
import { BEGINNING, CLOSE, frame, MIDDLE, PING, TEXT, upgrading } from '../helpers/websocket-peer.ts';

const REQUEST = { authority: 'chat.test', path: '/', headers: [] };
type Behaviour = (socket: Socket) => void;

/** Asks for the upgrade and for one message, and leaves. */
async function listen(port: number): Promise<{ readonly status: number | undefined; readonly message: string }> {
  const socket = await openSocket(port);
  const connection = new WebSocketConnection(socket);
  try {
    await connection.upgrade(REQUEST);
    return { status: connection.status, message: (await connection.next()).toString() };
  } catch (error) {
    throw Object.assign(error as Error, { status: connection.status });
  } finally {
    await connection.leave();
    expect(socket.destroyed).toBe(true);
  }
}

/** Says something when it is spoken to. */
function answering(say: (socket: Socket) => void): Behaviour {
  return (socket) => void socket.once('data', () => say(socket));
}

/** Upgrades, and repeats a frame as fast as it is read. */
function endlessly(first: Buffer, repeated: Buffer): Behaviour {
  const many = Buffer.concat(Array.from({ length: 500 }, () => repeated));
  return (socket) => {
    upgrading(first)(socket);
    const more = () => {
      if (socket.writable) socket.write(many, () => setImmediate(more));
    };
    socket.once('data', () => setTimeout(more, 20));
  };
}

const close = (code: number, words = '') =>
  frame(CLOSE, Buffer.concat([Buffer.of(code >> 8, code & 255), Buffer.from(words)]));

describe('instead of an upgrade', () => {
  it.each<[what: string, behave: Behaviour, reason: Reason, detail: RegExp]>([
    ['garbage', answering((socket) => socket.write(garbage(3, 500))), 'unexpected_response', /not HTTP/],
    [
      'a banner of something else',
      (socket) => socket.write('SSH-2.0-OpenSSH_9\r\n'),
      'unexpected_response',
      /not HTTP/,
    ],
    ['a hang-up at once', (socket) => socket.end(), 'closed_early', /hung up/],
    ['a hang-up when asked', answering((socket) => socket.end()), 'closed_early', /hung up/],
    ['RST', answering((socket) => socket.resetAndDestroy()), 'connection_reset', /ECONNRESET/],
    ['half an answer', answering((socket) => socket.end('HTTP/1.1 101 Swi')), 'closed_early', /hung up/],
    ['headers without end', answering(endless(0x61, 16_000)), 'unexpected_response', /not HTTP/],
    [
      'many headers',
      answering((socket) => socket.write(`HTTP/1.1 101 Sure\r\n${'X-Y: zzzzzzzzzzzzzzz\r\n'.repeat(5000)}\r\n`)),
      'unexpected_response',
      /not HTTP/,
    ],
    [
      'endless waiting',
      answering((socket) => socket.write('HTTP/1.1 102 Wait\r\n\r\n'.repeat(300_000))),
      'unexpected_response',
      /far more/,
    ],
    [
      'an answer that proves nothing',
      upgrading('', () => 'Upgrade: websocket\r\nConnection: Upgrade\r\n'),
      'unexpected_response',
      /Sec-WebSocket-Accept/,
    ],
    [
      'an answer to somebody else',
      upgrading('', () => 'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n'),
      'unexpected_response',
      /Sec-WebSocket-Accept/,
    ],
    [
      'another protocol',
      upgrading('', () => 'Upgrade: h2c\r\nConnection: Upgrade\r\n'),
      'unexpected_response',
      /Upgrade header/,
    ],
    [
      'an extension that nobody wanted',
      upgrading(
        '',
        (accept) =>
          `Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Extensions: permessage-deflate\r\n`,
      ),
      'unexpected_response',
      /extension/i,
    ],
  ])('%s has its reason', async (_, behave, reason, message) => {
    await using server = await peer(behave);
    await expect(listen(server.port)).rejects.toMatchObject({ reason, message: expect.stringMatching(message) });
  });

  it('an answer that is no good has its status all the same', async () => {
    await using server = await peer(upgrading('', () => 'Upgrade: h2c\r\nConnection: Upgrade\r\n'));
    await expect(listen(server.port)).rejects.toMatchObject({ reason: 'unexpected_response', status: 101 });
  });

  it('a hang-up before anybody asked is closed_early', async () => {
    await using server = await peer((socket) => socket.end());
    const socket = await openSocket(server.port);
    await once(socket.resume(), 'close');
    const connection = new WebSocketConnection(socket);
    await expect(connection.upgrade(REQUEST)).rejects.toMatchObject({ reason: 'closed_early' });
    await connection.leave();
  });
});

describe('instead of a message', () => {
  it.each<[what: string, behave: Behaviour, reason: Reason, detail: RegExp]>([
    ['goodbye', upgrading(close(1000)), 'closed_early', /closed the WebSocket with 1000 ""/],
    ['goodbye without a word', upgrading(frame(CLOSE, '')), 'closed_early', /closed the WebSocket$/],
    ['"not for you"', upgrading(close(1008, 'no\u202E\nway')), 'closed_early', /with 1008 "no way"/],
    ['"going away"', upgrading(close(1001, 'bye')), 'service_unavailable', /with 1001 "bye"/],
    ['"try again later"', upgrading(close(1013)), 'service_unavailable', /with 1013/],
    ['a code that may not be sent', upgrading(close(1005)), 'unexpected_response', /rules of WebSocket/],
    ['garbage', upgrading(garbage(5, 500)), 'unexpected_response', /rules of WebSocket/],
    ['text that is none', upgrading(frame(TEXT, Buffer.of(0xff, 0xfe))), 'unexpected_response', /UTF-8/],
    ['a masked frame', upgrading(Buffer.of(TEXT, 0x81, 0, 0, 0, 0, 1)), 'unexpected_response', /MASK/],
    ['a compressed frame', upgrading(frame(TEXT | 0x40, 'x')), 'unexpected_response', /RSV1/],
    ['a large ping', upgrading(frame(PING, Buffer.alloc(126))), 'unexpected_response', /rules of WebSocket/],
    ['a message beyond all measure', upgrading(frame(TEXT, '', 1024 * 1024 + 1)), 'unexpected_response', /payload/],
    [
      'a message that never ends',
      endlessly(frame(BEGINNING, 'a'), frame(MIDDLE, Buffer.alloc(2000))),
      'unexpected_response',
      /rules of WebSocket|far more/,
    ],
    [
      'endless empty parts',
      endlessly(frame(BEGINNING, ''), frame(MIDDLE, '')),
      'unexpected_response',
      /rules of WebSocket/,
    ],
    ['endless pings', endlessly(Buffer.alloc(0), frame(PING, 'a'.repeat(100))), 'unexpected_response', /far more/],
    ['endless pongs', endlessly(Buffer.alloc(0), frame(0x8a, '')), 'unexpected_response', /far more/],
  ])('%s has its reason', async (_, behave, reason, message) => {
    await using server = await peer((socket) => {
      behave(socket);
      // Whoever has said goodbye hangs up.
      socket.on('data', (chunk) => chunk[0] === CLOSE && socket.end());
    });
    await expect(listen(server.port)).rejects.toMatchObject({ reason, message: expect.stringMatching(message) });
  });

  it.each<[what: string, end: (socket: Socket) => void, reason: Reason]>([
    ['a hang-up', (socket) => socket.end(), 'closed_early'],
    ['a hang-up within a message', (socket) => socket.end(frame(TEXT, 'a', 10)), 'closed_early'],
    ['RST', (socket) => socket.resetAndDestroy(), 'connection_reset'],
  ])('%s has its reason', async (_, end, reason) => {
    await using server = await peer((socket) => {
      upgrading()(socket);
      socket.once('data', () => setTimeout(() => end(socket), 20));
    });
    await expect(listen(server.port)).rejects.toMatchObject({ reason });
  });

  it('tiny messages by the thousand are no trouble', async () => {
    await using server = await peer(endlessly(Buffer.alloc(0), frame(TEXT, 'a')));
    const startedAt = performance.now();
    await expect(listen(server.port)).resolves.toEqual({ status: 101, message: 'a' });
    expect(performance.now() - startedAt).toBeLessThan(3000);
  });
});
