import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { createSecureContext } from 'node:tls';
import { describe, expect, test, vi } from 'vitest';
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

/** What a peer saw of one connection, and how that ended: "fin" or an error's code. */
async function seen(talk: (stream: Stream) => Promise<unknown>, behave: (socket: Socket) => void = () => {}) {
  const said: string[] = [];
  const ended: string[] = [];
  await using server = await peer((socket) => {
    socket.on('data', (bytes) => said.push(bytes.toString()));
    socket.on('end', () => ended.push('fin'));
    socket.on('error', (error: NodeJS.ErrnoException) => ended.push(error.code ?? ''));
    behave(socket);
  });
  const stream = await open(server.port);
  await talk(stream);
  await vi.waitFor(() => expect(ended).not.toEqual([]));
  return { said: said.join(''), ended };
}

describe('leaving', () => {
  test('says goodbye, then FIN, never RST', async () => {
    const { said, ended } = await seen((stream) => stream.leave(Buffer.from('QUIT\r\n')));
    expect({ said, ended }).toEqual({ said: 'QUIT\r\n', ended: ['fin'] });
  });

  test('reads what the peer still says, so that nothing unread becomes RST', async () => {
    const { ended } = await seen(
      (stream) => stream.leave(undefined),
      (socket) => {
        socket.allowHalfOpen = true;
        socket.write('a'.repeat(1000));
        socket.on('end', () => socket.end('b'.repeat(1000)));
      },
    );
    expect(ended).toEqual(['fin']);
  });

  test('does not wait for a peer that has hung up, nor says anything to it', async () => {
    let took = 0;
    const { said } = await seen(
      async (stream) => {
        await stream.toEnd();
        const startedAt = performance.now();
        await stream.leave(Buffer.from('QUIT\r\n'));
        took = performance.now() - startedAt;
      },
      (socket) => socket.end('bye\r\n'),
    );
    expect(said).toBe('');
    expect(took).toBeLessThan(400);
  });

  test('gives up on a peer that never stops talking', async () => {
    const piece = Buffer.alloc(64 * 1024);
    let written = 0;
    const closed = new Promise((resolve) => {
      void seen(
        (stream) => stream.leave(undefined),
        (socket) => {
          socket.allowHalfOpen = true;
          socket.on('close', resolve);
          const more = (error?: Error | null) => {
            written += piece.length;
            if (!error) socket.write(piece, more);
          };
          more();
        },
      );
    });
    await closed;
    expect(written).toBeGreaterThan(256 * 1024);
  });

  test('gives up on a peer that keeps its side open', async () => {
    const startedAt = performance.now();
    await seen(
      (stream) => stream.leave(undefined, 50),
      (socket) => {
        socket.allowHalfOpen = true;
      },
    );
    expect(performance.now() - startedAt).toBeLessThan(900);
  });

  test('ends the wait of whoever still wants to read', async () => {
    await using server = await peer();
    const stream = await open(server.port);
    const waiting = expect(stream.toEnd()).rejects.toMatchObject({ message: 'the talk is over' });
    await stream.leave(undefined);
    await waiting;
  });
});

describe('lending', () => {
  /** A stream that has heard so much and was told nothing. */
  async function hearing(port: number): Promise<Stream> {
    const stream = await open(port);
    await stream.take((unread) => (unread.length > 0 ? { used: 0, value: undefined } : undefined));
    return stream;
  }

  test('hands over what has come, and what comes until somebody listens', async () => {
    await using server = await peer((socket) => {
      socket.write('early ');
      socket.on('data', () => socket.end('late'));
    });
    const stream = await hearing(server.port);
    const { socket, protocol, isSecure } = stream.lend();
    socket.write('go on');
    for (let i = 0; i < 5; i++) await setImmediate();
    let heard = '';
    for await (const bytes of socket) heard += String(bytes);
    expect({ heard, protocol, isSecure }).toEqual({ heard: 'early late', protocol: undefined, isSecure: false });
    await stream.leave(undefined);
  });

  test('is refused where the peer has hung up', async () => {
    await using server = await peer((socket) => socket.end());
    const stream = await open(server.port);
    await stream.toEnd();
    expect(() => stream.lend()).toThrow('the peer hung up before it had answered');
    stream.close();
  });
});

test('what the peer says before TLS is not taken for said within it', async () => {
  await using server = await peer((socket) => socket.write('250 injected\r\n'));
  const stream = await open(server.port);
  await stream.take((unread) => (unread.length > 0 ? { used: 0, value: undefined } : undefined));
  const peerOfTls = {
    host: 'localhost',
    serverName: undefined,
    secureContext: createSecureContext(),
    judge: 'all' as const,
    protocols: [],
  };
  await expect(stream.secure(peerOfTls, () => {})).rejects.toMatchObject({ reason: 'unexpected_response' });
  stream.close();
});
