import { describe, expect, test } from 'vitest';
import { pad, shorten, visible, widthOf, wrap } from '../../src/cli/text.ts';

describe('widthOf', () => {
  test.each([
    ['orders-db', 9],
    ['datenbank-süd', 13],
    ['e\u0301', 1],
    ['数据库', 6],
    ['データ', 6],
    ['🚀', 2],
    ['👩‍🚀', 2],
    ['a\u200bb', 2],
    ['', 0],
  ])('counts the columns of %j as %i', (text, width) => {
    expect(widthOf(text)).toBe(width);
  });
});

describe('visible', () => {
  test.each([
    ['plain', 'plain'],
    ['süd', 'süd'],
    ['a\x1b[2Jb', 'a\\x1b[2Jb'],
    ['two\nlines', 'two\\x0alines'],
    ['\x9b31m', '\\x9b31m'],
    ['a\u202eb', 'a\\u202eb'],
    ['\ud800', '\\ud800'],
  ])('writes %j as %j', (text, shown) => {
    expect(visible(text)).toBe(shown);
  });
});

describe('shorten', () => {
  test.each([
    ['orders', 6, 'orders'],
    ['orders-db.internal:5432', 11, 'order…:5432'],
    ['数据库服务器', 7, '数据…器'],
    ['数据库服务器', 6, '数…器'],
    ['ab', 1, '…'],
  ])('brings %j to %i columns', (text, width, short) => {
    expect(shorten(text, width)).toBe(short);
    expect(widthOf(short)).toBeLessThanOrEqual(width);
  });
});

describe('pad', () => {
  test('fills up by columns, not by characters', () => {
    expect(pad('数', 4)).toBe('数  ');
    expect(pad('long', 2)).toBe('long');
  });
});

describe('wrap', () => {
  test('breaks between words and lets a long word have its own line', () => {
    expect(wrap('one two three-is-long four', 8)).toEqual(['one two', 'three-is-long', 'four']);
  });

  test('gives one empty line for nothing', () => {
    expect(wrap('', 10)).toEqual(['']);
  });
});
