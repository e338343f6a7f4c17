import { mkdirSync } from 'node:fs';
import { test } from 'vitest';
import { only, testFile, writeTests } from './rules-promtool.ts';
import { DOWN_SCENARIOS } from './rules-scenarios.ts';

test('dump', () => {
  mkdirSync('/tmp/dump', { recursive: true });
  writeTests('/tmp/dump', { 'port.rules.yml': only(['port']) });
  for (const [i, [, s]] of Object.entries(DOWN_SCENARIOS).entries())
    writeTests('/tmp/dump', { [`s${i}.test.yml`]: testFile(s(), 'port.rules.yml') });
});
