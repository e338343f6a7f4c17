import { expect, test } from 'vitest';
import { DIFFERENCES } from '../helpers/blackbox-differences.ts';
import { page, table } from './pages.ts';

test('docs/blackbox.md lists every difference that the comparison has found, and no other', () => {
  expect(table(page('docs/blackbox.md'), 'families')).toEqual(DIFFERENCES.map(({ row }) => [...row]));
});
