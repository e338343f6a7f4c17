import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { loadSmsConfig } from '../../src/sms/load.ts';
import { blocks, ROOT, typedCommands } from '../docs/pages.ts';
import { SOON, startMessages } from '../helpers/e2e-alert-messages.ts';
import { slackMessages, smsTexts } from '../helpers/e2e-alert-recorder.ts';
import { run, runWell } from '../helpers/e2e-program.ts';
import type { Stage } from '../helpers/e2e-stage.ts';
import { needs } from '../helpers/programs.ts';

type Named = { readonly name: string };
type Part = { readonly [list: string]: readonly Named[] };

const PAGE = 'docs/alerting.md';
const BLOCKS = blocks('yml').filter(({ page }) => page === PAGE);
const SHIPPED = join(ROOT, 'alerts/alertmanager.yml');

/** The block under the line that ends with the name of its file. */
function fileBlock(file: string): string {
  const found = BLOCKS.find(({ before }) => before.endsWith(`\`${file}\`:`));
  if (found === undefined) throw new Error(`docs/alerting.md has no ${file}`);
  return found.text;
}

test('docs/alerting.md has two whole files and two parts of alertmanager.yml', () => {
  expect(BLOCKS).toHaveLength(4);
});

needs('promtool')('Prometheus takes the configuration of the set-up guide, with the shipped rules', async (stage) => {
  const text = fileBlock('/etc/prometheus/prometheus.yml');
  const config = text.replace('/etc/prometheus/rules/', join(ROOT, 'alerts/'));
  expect(config).not.toBe(text);

  const said = await runWell(['promtool', 'check', 'config', stage.write('prometheus.yml', config)]);

  expect(said).toMatch(/1 rule files found/);
});

needs()('the bridge takes the configuration of the set-up guide', async (stage) => {
  for (const secret of ['sms_token', 'twilio_token']) stage.write(secret, 'a long random text\n');
  const config = fileBlock('/etc/port-exporter/sms.yml').replace(/\/(?:etc|var)\/\S*\//g, `${stage.directory}/`);

  const loaded = loadSmsConfig('sms.yml', config);

  expect(loaded.ok ? [] : loaded.problems).toEqual([]);
});

needs('amtool')('the parts of alertmanager.yml in the set-up guide fit into the shipped file', async (stage) => {
  const parts = BLOCKS.filter(({ text }) => /^(?:receivers|time_intervals):/.test(text));
  expect(parts).toHaveLength(2);
  for (const { text } of parts) await checkPart(stage, parse(text) as Part);
});

/** Puts the part in the place of what the shipped file has under the same name. */
async function checkPart(stage: Stage, part: Part): Promise<void> {
  const config = parse(readFileSync(SHIPPED, 'utf8')) as Record<string, unknown>;
  for (const [key, added] of Object.entries(part)) {
    const names = added.map(({ name }) => name);
    const shipped = config[key] as readonly Named[];
    expect(shipped.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
    config[key] = [...shipped.filter(({ name }) => !names.includes(name)), ...added];
  }
  const { code, stdout, stderr } = await run([
    'amtool',
    'check-config',
    stage.write('alertmanager.yml', JSON.stringify({ ...config, templates: [join(ROOT, 'alerts/templates/*.tmpl')] })),
  ]);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toContain('SUCCESS');
}

needs('amtool')(
  'with the windows of maintenance switched on, and with SNS, the shipped file is good',
  async (stage) => {
    const shipped = readFileSync(SHIPPED, 'utf8').replace('templates/*', join(ROOT, 'alerts/templates/*'));
    const changed = shipped
      .replaceAll('# mute_time_intervals', 'mute_time_intervals')
      .replace(/receiver: sms$/m, 'receiver: sms-sns');
    expect(changed.match(/^ +mute_time_intervals/gm)).toHaveLength(3);
    const file = stage.write('alertmanager.yml', changed);

    expect(await runWell(['amtool', 'check-config', file])).toContain('SUCCESS');

    const route = await runWell(['amtool', 'config', 'routes', 'test', `--config.file=${file}`, 'severity=critical']);
    expect(route.trim()).toBe('sms-sns,slack');
  },
);

needs(
  'prometheus-alertmanager',
  'amtool',
  'bash',
)('the commands that test the chain and silence an alert do so', async (stage) => {
  const { alertmanager, slack, sns } = await startMessages(stage);
  const typed = async (beginning: string) => {
    const commands = typedCommands().filter(({ page, command }) => page === PAGE && command.includes(beginning));
    expect(commands).toHaveLength(1);
    const command = commands[0]?.command.replace('localhost:9093', alertmanager.address) ?? '';
    return runWell(['bash', '-c', command]);
  };

  await typed('alert add ');

  await vi.waitFor(() => expect([slack.received.length, sns.received.length]).toEqual([1, 1]), SOON);
  expect(slackMessages(slack)[0]?.text).toContain('*This is a test* `test:1`');
  expect(smsTexts(sns, 'Message')[0]).toMatch(/^CRITICAL PortDown: test test:1, /);

  await alertmanager.post({ labels: { alertname: 'PortDown', name: 'orders-db', severity: 'critical' } });
  await typed('silence add ');

  expect(await typed('silence query')).toContain('new disk');
  const states = (await alertmanager.alerts()).map(({ labels, status }) => [labels['name'], status.silencedBy.length]);
  expect(Object.fromEntries(states)).toEqual({ test: 0, 'orders-db': 1 });
});
