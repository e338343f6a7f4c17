import { describe, expect, test } from 'vitest';
import type { World } from '../../src/probe/world.ts';
import { Visitor, visit } from '../helpers/checks.ts';
import { type Peer, peer } from '../helpers/peers.ts';
import { serve } from '../helpers/transcript-peer.ts';
import { testWorld } from '../helpers/world.ts';

const HOUR_MS = 3_600_000;

/** A Redis that answers by the first word of each line, says goodbye, and tells what it was told. */
async function redis(replies: Readonly<Record<string, string>>): Promise<Peer & { readonly told: string[] }> {
  const told: string[] = [];
  const server = await peer((socket) => {
    socket.on('data', (bytes) => {
      const words = bytes.toString().split('\r\n').slice(0, -1);
      told.push(...words);
      for (const word of words) socket.write(`${replies[word] ?? '-ERR unknown command'}\r\n`);
      if (words.includes('QUIT')) socket.end();
    });
  });
  return Object.assign(server, { told });
}

/** A world whose monotonic clock can be turned on. */
function worldWithClock(): { readonly world: World; pass(ms: number): void } {
  let ahead = 0;
  const world = testWorld();
  const clock = { ...world.clock, now: () => world.clock.now() + ahead };
  return { world: { ...world, clock }, pass: (ms) => (ahead += ms) };
}

test('a server that answers PING is up, and is told goodbye', async () => {
  await using server = await redis({ PING: '+PONG', QUIT: '+OK' });
  const { failure, service } = await visit(server.address, { service: 'redis' });
  expect({ failure, service }).toEqual({ failure: undefined, service: undefined });
  expect(server.told).toEqual(['PING', 'QUIT']);
});

describe('a server that says itself that it is not able is unavailable, in its own words', () => {
  test.each([
    ['LOADING Redis is loading the dataset in memory'],
    ["MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'."],
    ['BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.'],
    ['MISCONF Redis is configured to save RDB snapshots, but it is currently unable to persist to disk.'],
    ['ERR max number of clients reached'],
  ])('%s', async (words) => {
    await using server = await redis({ PING: `-${words}`, QUIT: '+OK' });
    const { failure, phases } = await visit(server.address, { service: 'redis' });
    expect(failure).toEqual({
      reason: 'service_unavailable',
      phase: 'handshake',
      detail: `the service says "${words}"`,
    });
    expect(phases.handshake).toBeUndefined();
    expect(server.told).toEqual(['PING', 'QUIT']);
  });

  test('protected mode: a long text before anything was asked, then the end', async () => {
    const text = `DENIED Redis is running in protected mode because ${'it has no password. '.repeat(50)}`;
    await using server = await peer((socket) => socket.end(`-${text}\r\n`));
    const { failure } = await visit(server.address, { service: 'redis' });
    expect(failure?.reason).toBe('service_unavailable');
    expect(failure?.detail).toMatch(/^the service says "DENIED Redis is running in protected mode .{140,160}\.\.\."$/);
  });

  test('too many clients: an error before anything was asked, then the end', async () => {
    await using server = await peer((socket) => socket.end('-ERR max number of clients reached\r\n'));
    const { failure } = await visit(server.address, { service: 'redis' });
    expect(failure).toMatchObject({ reason: 'service_unavailable', detail: /max number of clients/ });
  });
});

describe('a server that wants a password', () => {
  test.each([['NOAUTH Authentication required.'], ["NOPERM this user has no permissions to run the 'ping' command"]])(
    'is up: %s',
    async (words) => {
      await using server = await redis({ PING: `-${words}`, QUIT: '+OK' });
      const { failure, service } = await visit(server.address, { service: 'redis' });
      expect({ failure, service }).toEqual({ failure: undefined, service: { state: 'auth_required' } });
    },
  );

  test('is asked once an hour, and greeted by its goodbye in between', async () => {
    await using server = await redis({ PING: '-NOAUTH Authentication required.', QUIT: '+OK' });
    const { world, pass } = worldWithClock();
    const visitor = new Visitor(server.address, { service: 'redis' }, world);
    for (const wait of [0, 1000, HOUR_MS - 5000, 10_000]) {
      pass(wait);
      const { failure, service } = await visitor.probe();
      expect({ failure, service }).toEqual({ failure: undefined, service: { state: 'auth_required' } });
    }
    expect(server.told).toEqual(['PING', 'QUIT', 'QUIT', 'QUIT', 'PING', 'QUIT']);
  });

  test('is asked again as soon as its goodbye is not what it was', async () => {
    const replies = { PING: '-NOAUTH Authentication required.', QUIT: '+OK' };
    await using server = await redis(replies);
    const visitor = new Visitor(server.address, { service: 'redis' });
    await visitor.probe();
    replies.QUIT = '-ERR max number of clients reached';
    expect((await visitor.probe()).failure).toMatchObject({ reason: 'service_unavailable' });
    replies.QUIT = '+OK';
    replies.PING = '-LOADING Redis is loading the dataset in memory';
    expect((await visitor.probe()).failure).toMatchObject({ reason: 'service_unavailable', detail: /LOADING/ });
    expect(server.told).toEqual(['PING', 'QUIT', 'QUIT', 'PING', 'QUIT']);
  });
});

test.each([
  ['+OK POP3 ready', 'expected +PONG, got "+OK POP3 ready"'],
  ['ERROR', 'expected +PONG, got "ERROR"'],
  ['', 'expected +PONG, got ""'],
])('something else answers: %j', async (reply, detail) => {
  await using server = await peer((socket) => socket.end(`${reply}\r\n`));
  const { failure } = await visit(server.address, { service: 'redis' });
  expect(failure).toEqual({ reason: 'unexpected_response', phase: 'handshake', detail });
});

test('a line that never ends is not waited for', async () => {
  await using server = await peer((socket) => socket.write('a'.repeat(10_000)));
  const { failure } = await visit(server.address, { service: 'redis' });
  expect(failure).toMatchObject({ reason: 'unexpected_response', detail: /^no line ends within 8192 bytes/ });
});

test('a silent server times out in the handshake', async () => {
  await using server = await peer();
  const { failure } = await visit(server.address, { service: 'redis', timeoutMs: 300 });
  expect(failure).toMatchObject({ reason: 'timeout', phase: 'handshake' });
});

test('within TLS the talk is the same, and the certificate is told', async () => {
  await using server = await serve(true, (socket) => {
    socket.on('data', (bytes) => (bytes.includes('QUIT') ? socket.end('+OK\r\n') : socket.write('+PONG\r\n')));
  });
  const { failure, tls } = await visit(server.address, { service: 'redis', tls: { judge: 'nothing' } });
  expect(failure).toBeUndefined();
  expect(tls?.certificate?.subject).toContain('CN=localhost');
});
