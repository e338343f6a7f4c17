import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { expect, test, vi } from 'vitest';
import { Deadlines, systemClock } from '../../src/net/clock.ts';
import { listenOn } from '../helpers/peers.ts';

test('an item expires at its time or up to a tick later, never before', async () => {
  const deadlines = new Deadlines(systemClock);
  const at = systemClock.now() + 20;
  const expired = await new Promise<number>((resolve) =>
    deadlines.set({ expire: () => resolve(systemClock.now()) }, at),
  );
  expect(expired).toBeGreaterThanOrEqual(at);
});

test('a cleared item does not expire, its neighbours in the same tick do', async () => {
  const deadlines = new Deadlines(systemClock);
  const cleared = { expire: vi.fn() };
  const at = systemClock.now() + 10;
  const slot = deadlines.set(cleared, at);
  const kept = new Promise<void>((resolve) => deadlines.set({ expire: resolve }, at));
  deadlines.clear(cleared, slot);
  await kept;
  expect(cleared.expire).not.toHaveBeenCalled();
});

test('thousands of items of the same moment share one timer', () => {
  const timers = vi.spyOn(globalThis, 'setTimeout');
  const deadlines = new Deadlines(systemClock);
  const items = Array.from({ length: 1000 }, () => ({ expire: () => {} }));
  const at = systemClock.now() + 60_000;
  const slots = items.map((item) => deadlines.set(item, at));
  expect(timers).toHaveBeenCalledTimes(1);
  for (const [i, item] of items.entries()) deadlines.clear(item, slots[i] as (typeof slots)[number]);
  timers.mockRestore();
});

test('after a long block, what the network delivered in time comes before the deadline', async () => {
  const server = createServer();
  const port = await listenOn(server);
  const order: string[] = [];
  const deadlines = new Deadlines(systemClock);
  const socket = connect(port, '127.0.0.1', () => order.push('connected'));
  const expired = new Promise<void>((resolve) =>
    deadlines.set({ expire: () => resolve(void order.push('expired')) }, systemClock.now() + 10),
  );
  await once(socket, 'connectionAttempt');
  for (const until = systemClock.now() + 50; systemClock.now() < until; );
  await expired;
  expect(order).toEqual(['connected', 'expired']);
  socket.destroy();
  server.close();
});
