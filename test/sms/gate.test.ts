import { expect, test } from 'vitest';
import { Gate } from '../../src/sms/gate.ts';
import { notification, ORDERS } from './notifications.ts';
import { fakeTime, runningBridge } from './setup.ts';
import { TAKEN } from './stand-in.ts';

test('no more requests are under way than the provider allows, and all get their turn in order', async () => {
  const gate = new Gate({ maxConcurrency: 3, messagesPerSecond: undefined, time: fakeTime() });
  let open = 0;
  let most = 0;
  const done: number[] = [];
  const pass = (i: number) =>
    gate.pass(async () => {
      most = Math.max(most, ++open);
      await new Promise(setImmediate);
      open--;
      done.push(i);
    });
  const numbers = Array.from({ length: 12 }, (_, i) => i);
  await Promise.all(numbers.map(pass));
  expect(most).toBe(3);
  expect(done).toEqual(numbers);
});

test('a task that fails gives its place back', async () => {
  const gate = new Gate({ maxConcurrency: 1, messagesPerSecond: undefined, time: fakeTime() });
  await expect(gate.pass(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await gate.pass(async () => 'next')).toBe('next');
});

test('a pause ends, is never shortened, and survives no clock that is set back', () => {
  const time = fakeTime();
  const gate = new Gate({ maxConcurrency: 1, messagesPerSecond: undefined, time });
  gate.pause(60_000);
  gate.pause(1000);
  expect(gate.pauseMs).toBe(60_000);
  time.pass(-3_600_000);
  expect(gate.pauseMs).toBe(0);
  time.pass(3_600_000 + 60_000);
  expect(gate.pauseMs).toBe(0);
});

test('a stop ends every wait: nobody is to start any more', async () => {
  const time = { now: () => 0, wait: () => new Promise<void>(() => {}) };
  const gate = new Gate({ maxConcurrency: 1, messagesPerSecond: 1, time });
  await gate.start();
  const waiting = [gate.start(), gate.wait(5000)];
  gate.stop();
  await Promise.all(waiting);
  expect(gate.stopped).toBe(true);
});

test('no more messages are sent each second than configured', async () => {
  const recipients = Array.from({ length: 4 }, (_, i) => `+4915100000${10 + i}`);
  await using bridge = await runningBridge(() => TAKEN, { recipients, maxConcurrency: 1, messagesPerSecond: 2 });
  await bridge.post(notification([ORDERS]));
  expect(bridge.time.waits).toEqual([500, 500, 500]);
});
