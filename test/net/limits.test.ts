import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { clientBudget, openFileBudget } from '../../src/net/limits.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'proc-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

function proc(limit: string, open: number): string {
  writeFileSync(
    join(dir, 'limits'),
    `Limit                     Soft Limit           Hard Limit           Units\nMax open files            ${limit}                 ${limit}                 files\n`,
  );
  mkdirSync(join(dir, 'fd'));
  for (let i = 0; i < open; i++) writeFileSync(join(dir, 'fd', String(i)), '');
  return dir;
}

test.each([
  ['a small limit leaves a fifth in reserve, an eighth for clients, and what is open already', '256', 25, 148],
  ['a large limit leaves 256 in reserve, and 1024 for clients', '20000', 25, 20_000 - 25 - 256 - 1024],
  ['a hopeless limit still lets a few probes through', '16', 16, 8],
])('%s', (_, limit, open, budget) => {
  expect(openFileBudget(proc(limit, open))).toBe(budget);
});

test('no limit is no limit', () => {
  expect(openFileBudget(proc('unlimited', 25))).toBeGreaterThan(1_000_000);
});

test('where the system does not say, a common limit is assumed', () => {
  expect(openFileBudget(join(dir, 'missing'))).toBe(1024 - 32 - 204 - 128);
});

test.each([
  ['16', 8],
  ['256', 32],
  ['1024', 128],
  ['20000', 1024],
  ['unlimited', 1024],
])('with a limit of %s open files, clients may hold %d connections', (limit, connections) => {
  expect(clientBudget(proc(limit, 25))).toBe(connections);
});
