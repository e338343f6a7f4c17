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
  for (const key of ['b', 'c']) small.release(key);
  small.recall('a');
  small.recall('d');
  expect(small.size).toBe(3);
  expect(['a', 'b', 'c'].map((key) => small.save().includes(`"key":"${key}"`))).toEqual([true, false, true]);
});

test('saves nothing that is older than the retry window, but what is still under way', () => {
  const { memory: own, time } = memory();
  own.recall('old').served.set('+1', time.now());
  own.recall('running');
  own.release('old');
  time.pass(3_600_001);
  own.recall('new');
  expect(JSON.parse(own.save()).notifications).toMatchObject([{ key: 'running' }, { key: 'new' }]);
  expect(own.size).toBe(2);
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
  const has = (key: string, to: string) => after.recall(key).served.has(to);
  expect([has('a', '+1'), has('b', '+1')]).toEqual([true, false]);
  time.pass(300_000);
  expect([has('a', '+1'), has('b', '+2')]).toEqual([false, true]);
  time.pass(3_600_000);
  expect(has('b', '+2')).toBe(false);
});

test('counts the windows from the last time that a notification was seen', () => {
  const { memory: own, time } = memory();
  const entry = own.recall('a');
  entry.doneAt = time.now();
  time.pass(299_999);
  own.seen('a');
  time.pass(299_999);
  expect(own.recall('a')).toBe(entry);
});

test('lets somebody who may have the SMS be tried twice within the retry window, and not before the duplicate window is over', () => {
  const { memory: own, time } = memory();
  const entry = own.recall('a');
  expect(own.mayHave(entry, '+1')).toBe(false);
  own.unsure(entry, '+1');
  time.pass(299_999);
  expect(own.mayHave(entry, '+1')).toBe(true);
  expect(own.mayHave(entry, '+2')).toBe(false);
  time.pass(1);
  expect(own.mayHave(entry, '+1')).toBe(false);
  own.unsure(entry, '+1');
  time.pass(3_299_999);
  expect(own.mayHave(entry, '+1')).toBe(true);
  time.pass(1);
  expect(own.mayHave(entry, '+1')).toBe(false);
});
