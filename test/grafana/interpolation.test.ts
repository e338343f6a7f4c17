import { expect, test } from 'vitest';
import { type Choices, interpolate, stepOf, type Window } from './interpolation.ts';
import { committed } from './model.ts';

const DAY: Window = { from: 0, to: 86_400, points: 1600, scrapeInterval: 15 };
const QUERY = 'x{target=~"$target"}';

test.each<[choices: Choices, expected: string]>([
  [{ target: { all: '.+' } }, 'x{target=~".+"}'],
  [{ target: 'a.b:1' }, String.raw`x{target=~"a\\.b:1"}`],
  [{ target: '[2001:db8::10]:443' }, String.raw`x{target=~"\\[2001:db8::10\\]:443"}`],
  [{ target: ['a:1', 'b:2'] }, 'x{target=~"(a:1|b:2)"}'],
  [{ target: ['a:1'] }, 'x{target=~"a:1"}'],
  [{ target: [] }, 'x{target=~"()"}'],
  [{ target: "it's a \\" }, String.raw`x{target=~"it\\'s a \\\\"}`],
  [{ target: 'the "best"' }, 'x{target=~"the "best""}'],
  [{}, QUERY],
])('a variable of many is written as a regular expression: %o', (choices, expected) => {
  expect(interpolate(QUERY, committed('overview'), choices, DAY)).toBe(expected);
});

test('a variable of one is written as it is', () => {
  const target = committed('target');
  expect(interpolate('x{target="$target"}', target, { target: '[::1]:1' }, DAY)).toBe('x{target="[::1]:1"}');
});

test('a quotation mark is written as Grafana does, which is not what is meant', () => {
  const target = committed('target');
  expect(interpolate('x{target="$target"}', target, { target: `a'b"c` }, DAY)).toBe(String.raw`x{target="a\\'b"c"}`);
});

test('the beginning of the time range is a number of milliseconds', () => {
  expect(interpolate('x * 1000 > $__from', committed('target'), {}, { ...DAY, from: 60 })).toBe('x * 1000 > 60000');
});

test.each([
  [{}, '60s 75s 86400s'],
  [{ minStep: '1m' }, '60s 240s 86400s'],
  [{ points: 100 }, '900s 915s 86400s'],
])('windows follow the time range, the width and the shortest step: %o', (more, expected) => {
  const text = '$__interval $__rate_interval $__range';
  expect(interpolate(text, committed('overview'), {}, { ...DAY, ...more })).toBe(expected);
});

test('a step is never shorter than the scrape interval', () => {
  expect(stepOf({ from: 0, to: 300, points: 1600, scrapeInterval: 15 })).toBe(15);
});
