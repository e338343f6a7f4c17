import { expect, test } from 'vitest';
import { FairQueue } from '../../src/http/fair-queue.ts';
import { Recent } from '../../src/http/recent.ts';

function all(queue: FairQueue<string>): string[] {
  const found: string[] = [];
  for (let item = queue.next(); item !== undefined; item = queue.next()) found.push(item);
  return found;
}

test('owners take turns, each in its own order', () => {
  const queue = new FairQueue<string>(10);
  for (const item of ['a1', 'a2', 'a3', 'b1', 'c1', 'b2']) queue.add(item.charAt(0), item);
  expect(all(queue)).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
});

test('a full queue makes room from whoever has most, unless the newcomer would have as much', () => {
  const queue = new FairQueue<string>(4);
  const gaveWay = ['a1', 'a2', 'a3', 'b1', 'b2', 'a4', 'c1', 'd1', 'e1'].map((item) => queue.add(item.charAt(0), item));
  expect(gaveWay).toEqual([undefined, undefined, undefined, undefined, 'a3', 'a4', 'a2', 'b2', 'e1']);
  expect(all(queue)).toEqual(['a1', 'b1', 'c1', 'd1']);
});

test('an emptied queue takes items again', () => {
  const queue = new FairQueue<string>(1);
  for (const item of ['a1', 'a2']) {
    expect(queue.add('a', item)).toBeUndefined();
    expect(all(queue)).toEqual([item]);
  }
});

test('what was asked for last is kept', () => {
  const recent = new Recent(2);
  recent.add('a');
  recent.add('b');
  expect(recent.has('a')).toBe(true);
  recent.add('c');
  expect(['a', 'b', 'c'].map((text) => recent.has(text))).toEqual([true, false, true]);
});
