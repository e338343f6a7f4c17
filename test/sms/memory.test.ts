import { describe, expect, test } from 'vitest';
import { Memory } from '../../src/sms/memory.ts';
import type { Topic } from '../../src/sms/notification.ts';
import { fakeTime } from './setup.ts';

const TOPIC: Topic = { group: 'g', says: 'firing' };

function memory(most?: number, time = fakeTime()) {
  const options = { retryWindowMs: 3_600_000, duplicateWindowMs: 300_000, now: time.now };
  return { time, memory: new Memory({ ...options, ...(most !== undefined && { most }) }) };
}

test('forgets the longest unseen when there are too many', () => {
  const { memory: small } = memory(3);
  for (const key of ['a', 'b', 'c']) small.recall(key, TOPIC).served.set('+1', 0);
  for (const key of ['b', 'c']) small.release(key);
  small.recall('a', TOPIC);
  small.recall('d', TOPIC);
  expect(small.size).toBe(3);
  expect(['a', 'b', 'c'].map((key) => small.save().includes(`"key":"${key}"`))).toEqual([true, false, true]);
});

test('saves nothing that is older than the retry window, but what is still under way', () => {
  const { memory: own, time } = memory();
  own.recall('old', TOPIC).served.set('+1', time.now());
  own.recall('running', TOPIC);
  own.release('old');
  time.pass(3_600_001);
  own.recall('new', TOPIC);
  expect(JSON.parse(own.save()).notifications).toMatchObject([{ key: 'running' }, { key: 'new' }]);
  expect(own.size).toBe(2);
});

test('knows after a restart what it knew before', () => {
  const { memory: before, time } = memory();
  const entry = before.recall('a', TOPIC);
  entry.served.set('+1', time.now());
  entry.doneAt = time.now();
  before.recall('b', TOPIC).served.set('+2', time.now());
  const after = new Memory({ retryWindowMs: 3_600_000, duplicateWindowMs: 300_000, now: time.now });
  after.load(before.save());
  expect(after.save()).toBe(before.save());
  const has = (key: string, to: string) => after.recall(key, TOPIC).served.has(to);
  expect([has('a', '+1'), has('b', '+1')]).toEqual([true, false]);
  time.pass(300_000);
  expect([has('a', '+1'), has('b', '+2')]).toEqual([false, true]);
  time.pass(3_600_000);
  expect(has('b', '+2')).toBe(false);
});

test('counts the windows from the last time that a notification was seen', () => {
  const { memory: own, time } = memory();
  const entry = own.recall('a', TOPIC);
  entry.doneAt = time.now();
  time.pass(299_999);
  own.seen('a');
  time.pass(299_999);
  expect(own.recall('a', TOPIC)).toBe(entry);
});

test('lets somebody who may have the SMS be tried twice within the retry window, and not before the duplicate window is over', () => {
  const { memory: own, time } = memory();
  const entry = own.recall('a', TOPIC);
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

describe('what a recipient has been told otherwise', () => {
  const OVER: Topic = { ...TOPIC, says: 'resolved' };

  /** Somebody gets the SMS, and Alertmanager its answer. */
  function deliver(own: Memory, key: string, topic: Topic, to = '+1'): void {
    const entry = own.recall(key, topic);
    own.served(entry, to);
    entry.doneAt = entry.seenAt;
    own.release(key);
  }

  test.each<[Topic, Topic, boolean]>([
    [TOPIC, OVER, true],
    [OVER, TOPIC, true],
    [TOPIC, { ...TOPIC, says: 'both' }, true],
    [{ ...TOPIC, says: 'both' }, TOPIC, true],
    [{ ...TOPIC, says: 'both' }, { ...TOPIC, says: 'both' }, true],
    [TOPIC, TOPIC, false],
    [OVER, OVER, false],
    [TOPIC, { ...OVER, group: 'other' }, false],
  ])('%j, then %j: comes again as something new: %s', (first, then, anew) => {
    const { memory: own, time } = memory();
    deliver(own, 'first', first);
    time.pass(1000);
    deliver(own, 'then', then);
    time.pass(29_999);
    expect(own.recall('first', first).served.has('+1')).toBe(true);
    time.pass(1);
    expect(own.recall('first', first).served.has('+1')).toBe(!anew);
    expect(own.recall('then', then).served.has('+1')).toBe(true);
  });

  test('is new for nobody else', () => {
    const { memory: own, time } = memory();
    for (const to of ['+1', '+2']) deliver(own, 'down', TOPIC, to);
    deliver(own, 'over', OVER);
    time.pass(30_000);
    const entry = own.recall('down', TOPIC);
    expect([...entry.served.keys()]).toEqual(['+2']);
    expect(entry.doneAt).toBeUndefined();
  });

  test('is new also when it is not sure that the recipient has either of the two', () => {
    const { memory: own, time } = memory();
    for (const [key, topic] of [['down', TOPIC] as const, ['over', OVER] as const])
      own.unsure(own.recall(key, topic), '+1');
    time.pass(30_000);
    expect(own.mayHave(own.recall('down', TOPIC), '+1')).toBe(false);
    expect(own.mayHave(own.recall('over', OVER), '+1')).toBe(true);
  });

  test('counts from when the other notification first came, however long its delivery took', () => {
    const { memory: own, time } = memory();
    deliver(own, 'down', TOPIC);
    own.recall('over', OVER);
    time.pass(60_000);
    deliver(own, 'over', OVER);
    expect(own.recall('down', TOPIC).served.size).toBe(0);
  });

  test('is known after a restart', () => {
    const { memory: before, time } = memory();
    deliver(before, 'down', TOPIC);
    deliver(before, 'over', OVER);
    const { memory: after } = memory();
    after.load(before.save());
    expect(after.save()).toBe(before.save());
    time.pass(30_000);
    const { memory: later } = memory(undefined, time);
    later.load(before.save());
    expect(later.recall('down', TOPIC).served.size).toBe(0);
    expect(later.recall('over', OVER).served.size).toBe(1);
  });

  test('is learned of a notification in a file of an older version as soon as it comes again', () => {
    const { memory: own, time } = memory();
    const at = time.now();
    const old = { key: 'down', firstSeenAt: at, seenAt: at, doneAt: at, served: { '+1': at } };
    own.load(JSON.stringify({ version: 1, notifications: [old] }));
    expect(JSON.parse(own.save()).notifications).toEqual([old]);
    expect(own.recall('down', TOPIC).served.has('+1')).toBe(true);
    deliver(own, 'over', OVER);
    time.pass(30_000);
    expect(own.recall('down', TOPIC).served.size).toBe(0);
  });
});
