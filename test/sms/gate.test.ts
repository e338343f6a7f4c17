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

/** A gate for one message in ten seconds, at which nobody's wait is ever over. */
function slowGate() {
  const waits: number[] = [];
  const clock = { now: 0 };
  const wait = (ms: number) => {
    waits.push(ms);
    return new Promise<void>(() => {});
  };
  const gate = new Gate({ maxConcurrency: 50, messagesPerSecond: 0.1, time: { now: () => clock.now, wait } });
  return { gate, clock, waits };
}

test('the rate holds for those too who wait for long', () => {
  const { gate, waits } = slowGate();
  for (let i = 0; i < 50; i++) void gate.start();
  expect(waits).toEqual(Array.from({ length: 49 }, (_, i) => (i + 1) * 10_000));
});

test('a clock that is set back keeps nobody waiting for longer than those in front', () => {
  const { gate, clock, waits } = slowGate();
  for (let i = 0; i < 3; i++) void gate.start();
  clock.now -= 3_600_000;
  for (let i = 0; i < 2; i++) void gate.start();
  expect(waits).toEqual([10_000, 20_000, 30_000, 40_000]);
});

test('whoever need not wait any more explains no wait', async () => {
  const time = fakeTime();
  const gate = new Gate({ maxConcurrency: 1, messagesPerSecond: 0.1, time });
  for (let i = 0; i < 3; i++) await gate.start();
  time.pass(-3_600_000);
  await gate.start();
  expect(time.waits).toEqual([10_000, 10_000, 10_000]);
});
