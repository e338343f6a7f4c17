import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadWebConfig } from '../../src/config/web-load.ts';
import { WEB_KEYS } from '../../src/config/web-schema.ts';
import { CLIENT_AUTHS } from '../../src/net/server-tls.ts';
import { runWell } from '../helpers/e2e-program.ts';
import { needs } from '../helpers/programs.ts';
import { blocks, codes, page, ROOT, table } from './pages.ts';

const PAGE = page('docs/web.md');
const yml = blocks('yml').filter((block) => block.page === 'docs/web.md');
const isForPrometheus = (text: string) => text.startsWith('scrape_configs:');

const directory = mkdtempSync(join(tmpdir(), 'docs-web-'));
afterAll(() => rmSync(directory, { recursive: true }));

describe('docs/web.md', () => {
  test('lists every key there is and no other', () => {
    const known = Object.entries(WEB_KEYS).flatMap(([prefix, keys]) => keys.map((key) => prefix + key));
    const documented = table(PAGE, 'key').flatMap(([key = '']) => codes(key));
    expect(documented.toSorted()).toEqual(known.toSorted());
  });

  test('lists every kind of client authentication and no other', () => {
    expect(table(PAGE, '`client_auth_type`').map(([kind = '']) => codes(kind)[0])).toEqual(CLIENT_AUTHS);
  });

  test.each(yml.filter(({ text }) => !isForPrometheus(text)))(
    'has an example that loads without a warning: $text',
    ({ text }) => {
      const fixture = (name: string) => readFileSync(join(ROOT, 'test/fixtures/tls', name));
      for (const name of ['web.crt', 'company-ca.crt'])
        writeFileSync(join(directory, name), fixture('self-signed.crt'));
      writeFileSync(join(directory, 'web.key'), fixture('self-signed.key'));
      const loaded = loadWebConfig(join(directory, 'web.yml'), text);
      expect(loaded.ok ? loaded.warnings : loaded.problems).toEqual([]);
    },
  );
});

needs('promtool')('Prometheus takes the scrape configuration of docs/web.md', async (stage) => {
  const found = yml.filter(({ text }) => isForPrometheus(text));
  expect(found).toHaveLength(1);
  for (const { text } of found)
    await runWell(['promtool', 'check', 'config', '--syntax-only', stage.write('prometheus.yml', text)]);
});
