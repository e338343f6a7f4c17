import { expect, test } from 'vitest';
import { Memory } from '../../src/sms/memory.ts';
import { fakeTime } from './setup.ts';

function memory(most?: number) {
  const time = fakeTime();
  const options = { retryWindowMs: 3_600_000, duplicateWindowMs: 300_000, now: time.now };
  return { time, memory: new Memory({ ...options, ...(most !== undefined && { most }) }) };
}

test('forgets the longest unseen when there are too many', () => {
  const { memory: small } = memory(3);
  for (const key of ['a', 'b', 'c']) small.recall(key).served.set('+1', 0);
  small.recall('a');
  small.recall('d');
  expect(small.size).toBe(3);
  expect(['a', 'b', 'c'].map((key) => small.save().includes(`"key":"${key}"`))).toEqual([true, false, true]);
});

test('saves nothing that is older than the retry window', () => {
  const { memory: own, time } = memory();
  own.recall('old').served.set('+1', time.now());
  time.pass(3_600_001);
  own.recall('new');
  expect(JSON.parse(own.save()).notifications).toMatchObject([{ key: 'new' }]);
  expect(own.size).toBe(1);
});

test('knows after a restart what it knew before', () => {
  const { memory: before, time } = memory();
  const entry = before.recall('a');
  entry.served.set('+1', time.now());
  entry.doneAt = time.now();
  before.recall('b').served.set('+2', time.now());
  const after = new Memory({ retryWindowMs: 3_600_000, duplicateWindowMs: 300_000, now: time.now });
  after.load(before.save());
  expect(after.save()).toBe(before.save());
  expect(after.isServed(after.recall('a'), '+1')).toBe(true);
  expect(after.isServed(after.recall('b'), '+1')).toBe(false);
  time.pass(300_000);
  expect(after.isServed(after.recall('a'), '+1')).toBe(false);
  expect(after.isServed(after.recall('b'), '+2')).toBe(true);
});
