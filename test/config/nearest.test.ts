import { describe, expect, it } from 'vitest';
import { nearest } from '../../src/config/nearest.ts';

describe('nearest', () => {
  it.each([
    ['intervall', 'interval'],
    ['itnerval', 'interval'],
    ['INTERVAL', 'interval'],
    ['timout', 'timeout'],
    ['tmieout', 'timeout'],
    ['nam', 'name'],
    ['x', undefined],
    ['something else', undefined],
    ['', undefined],
  ])('of %j is %j', (word, expected) => {
    expect(nearest(word, ['interval', 'timeout', 'name', 'failures'])).toBe(expected);
  });

  it('is the closest one, the first of equals', () => {
    expect(nearest('port-1', ['port-22', 'port-2', 'port-3'])).toBe('port-2');
  });
});
