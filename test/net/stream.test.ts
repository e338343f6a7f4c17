import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { Stream } from '../../src/net/stream.ts';
import { peer } from '../helpers/peers.ts';

async function open(port: number): Promise<Stream> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  await once(socket, 'connect');
  return new Stream(socket);
}

describe('hanging up', () => {
  test.each([
    ['hangs up too', (socket: Socket) => socket],
    ['says something and hangs up', (socket: Socket) => socket.write('bye\r\n')],
    [
      'answers with RST, as servers do that do not linger',
      (socket: Socket) => socket.on('end', () => socket.resetAndDestroy()),
    ],
  ])('is answered by a peer that %s', async (_, how) => {
    await using server = await peer(how);
    const stream = await open(server.port);
    await expect(stream.hangUp()).resolves.toBeUndefined();
    await stream.leave(undefined);
  });

  test('waits for a peer that keeps its side open, until the stream is closed', async () => {
    await using server = await peer((socket) => {
      socket.allowHalfOpen = true;
      socket.on('end', () => stream.close());
    });
    const stream = await open(server.port);
    await expect(stream.hangUp()).rejects.toMatchObject({ reason: 'closed_early', message: 'the talk is over' });
  });
});
