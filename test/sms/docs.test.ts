import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { FAMILIES, RESULTS } from '../../src/sms/metrics.ts';
import { KEYS } from '../../src/sms/schema.ts';
import { FAILURES } from '../../src/sms/sending.ts';
import { codes, table } from '../docs/pages.ts';
import { load } from './loading.ts';
import { runningBridge } from './setup.ts';
import { TAKEN } from './stand-in.ts';

const page = readFileSync(new URL('../../docs/sms.md', import.meta.url), 'utf8');

const blocks = Array.from(page.matchAll(/^( *)```yml\n(.*?)^ *```$/gms), ([, indent = '', text = '']) =>
  text.replace(new RegExp(`^${indent}`, 'gm'), ''),
);
const configurations = blocks.filter((text) => text.includes('bearer_token_file'));

describe('docs/sms.md', () => {
  test('lists every key there is and no other', () => {
    const known = Object.entries(KEYS).flatMap(([prefix, keys]) => keys.map((key) => prefix + key));
    expect(table(page, 'key').map(([key = '']) => codes(key)[0])).toEqual(expect.arrayContaining(known));
    expect(table(page, 'key')).toHaveLength(known.length);
  });

  test('lists every metric there is, with its type and help', () => {
    const known = Object.entries(FAMILIES).map(([name, [type, help]]) => [`\`${name}\``, type, help]);
    expect(table(page, 'metric')).toEqual(known);
  });

  test('lists what /metrics shows', async () => {
    await using bridge = await runningBridge(() => TAKEN);
    const shown = (await bridge.samples()).all.map(({ name }) => name.replace(/_(bucket|sum|count)$/, ''));
    expect([...new Set(shown)]).toEqual(table(page, 'metric').map(([name = '']) => codes(name)[0]));
  });

  test('lists every result and every reason, and whether a retry helps', () => {
    expect(table(page, 'result').map(([result = '']) => codes(result)[0])).toEqual([...RESULTS]);
    expect(table(page, 'reason').map(([reason = '', helps]) => [codes(reason)[0], helps])).toEqual(
      Object.entries(FAILURES).map(([reason, kind]) => [reason, kind === 'retry' ? 'helps' : 'does not']),
    );
  });

  test.each(configurations)('has a configuration that loads: %s', async (text) => {
    const local = text.replace('/var/lib/port-exporter/', '').replace(/\/etc\/[\w/-]+/g, 'token');
    expect((await load(local)).problems).toEqual([]);
  });

  test('has the receiver of alerts/alertmanager.yml, which keeps the request of a large outage small', () => {
    type Receiver = { name: string; webhook_configs: { max_alerts: number }[] };
    const shipped = readFileSync(new URL('../../alerts/alertmanager.yml', import.meta.url), 'utf8');
    const webhookIn = (text: string) =>
      (parse(text).receivers as Receiver[]).find(({ name }) => name === 'sms')?.webhook_configs[0];
    const documented = blocks.find((text) => text.startsWith('receivers:')) ?? '';
    expect([webhookIn(shipped)?.max_alerts, webhookIn(documented)?.max_alerts]).toEqual([100, 100]);
  });

  test('has a receiver for Alertmanager, and nothing else that is no configuration', () => {
    const others = blocks.filter((text) => !configurations.includes(text));
    expect(others.map((text) => Object.keys(parse(text)))).toEqual([['receivers']]);
    expect(configurations.length).toBeGreaterThan(3);
  });
});
