import { expect, it } from 'vitest';
import { accepts } from '../../src/config/http-accept-encoding.ts';

it.each([
  ['gzip', 'gzip', true],
  ['gzip;q=1.0', 'gzip', true],
  ['br, gzip', 'gzip', true],
  [' br ; q=0.5 ,gzip; q=0.001', 'gzip', true],
  ['br, identity', 'gzip', false],
  ['GZIP', 'gzip', false],
  ['gzip;q=0', 'gzip', false],
  ['gzip;q=0.0004', 'gzip', false],
  ['gzip;q=high', 'gzip', false],
  ['gzip;level=9;q=1', 'gzip', false],
  ['*', 'br', true],
  ['gzip, *;q=0.1', 'br', true],
  ['gzip, *;q=0', 'br', false],
  ['*;q=0, br;q=0.1', 'br', true],
  ['br;q=0, *', 'br', true],
])('Accept-Encoding: %s and a body in %s: %s', (header, coding, accepted) => {
  expect(accepts(header, coding)).toBe(accepted);
});
