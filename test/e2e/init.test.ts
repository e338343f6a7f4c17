import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { exporterCommand } from '../helpers/e2e-exporter.ts';
import { type Program, runWell } from '../helpers/e2e-program.ts';
import type { Stage } from '../helpers/e2e-stage.ts';
import { needs } from '../helpers/programs.ts';

const WEBHOOK = 'https://hooks.slack.com/services/T0/B0/verysecret';
const TOKEN = 'anothersecret';

/** Flags that answer all of it, the secrets in files. */
function answersOf(stage: Stage) {
  const slack = [`--slack-url-file=${stage.write('slack', WEBHOOK)}`];
  const account = ['--sms-provider=twilio', '--sms-account=AC1', '--sms-from=+15550100'];
  const sms = [...account, '--phone=+4915112345678', `--sms-secret-file=${stage.write('token', TOKEN)}`];
  return { 'nobody is told': [], Slack: slack, SMS: sms, both: [...slack, ...sms] };
}

/** Has the real programs judge what was written. */
async function judge(root: string): Promise<void> {
  const names = readdirSync(root);
  await runWell(exporterCommand('--config.check', `--config.file=${join(root, 'port-exporter.yml')}`));
  await runWell(['promtool', 'check', 'config', join(root, 'prometheus.yml')]);
  if (names.includes('alertmanager.yml')) await runWell(['amtool', 'check-config', join(root, 'alertmanager.yml')]);
  if (names.includes('sms.yml'))
    await runWell(exporterCommand('sms', '--config.check', `--config.file=${join(root, 'sms.yml')}`));
}

for (const who of ['nobody is told', 'Slack', 'SMS', 'both'] as const) {
  needs('promtool', 'amtool')(`what init writes passes the checks of all programs: ${who}`, async (stage) => {
    const root = join(stage.directory, 'a "b" c');
    const flags = [`--directory=${root}`, '--local', '--target=[::1]:22', '--interval=2s', ...answersOf(stage)[who]];
    await runWell(exporterCommand('init', '--yes', ...flags));
    await judge(root);
    const told = { 'nobody is told': [], Slack: ['slack'], SMS: ['sms'], both: ['slack', 'sms'] }[who];
    expect(['slack', 'sms'].filter((receiver) => sends(root, receiver))).toEqual(told);
  });
}

/** Whether a receiver of Alertmanager has somebody to send to. */
function sends(root: string, receiver: string): boolean {
  if (!readdirSync(root).includes('alertmanager.yml')) return false;
  const text = readFileSync(join(root, 'alertmanager.yml'), 'utf8');
  return new RegExp(`- name: ${receiver}\n +\\w+_configs:`).test(text);
}

needs(
  'promtool',
  'amtool',
  'script',
)('init asks on a terminal, where no secret is ever seen', async (stage) => {
  const root = join(stage.directory, 'made');
  const command = exporterCommand('init')
    .map((word) => `'${word}'`)
    .join(' ');
  const terminal = stage.start(['script', '--quiet', '--flush', '--return', '--command', command, '/dev/null']);
  const answer = answering(terminal);

  await answer('now) [local]: ', '127.0.0.1:22');
  await answer('is it down? [1m 2]: ', '30s 3');
  await answer('Enter for none: ', WEBHOOK);
  await answer('or none [none]: ', 'twilio');
  await answer('Phones: ', '+4915112345678');
  await answer('starts with AC: ', 'AC1');
  await answer('sender: ', 'Ports');
  await answer('(not shown): ', TOKEN);
  await answer('[port-exporter]: ', root);

  expect(await terminal.exit()).toBe(0);
  expect(terminal.stdout).toContain(`--config.file=${root}/alertmanager.yml`);
  expect(terminal.stdout).not.toMatch(/verysecret|anothersecret/);
  await judge(root);
  const secrets = join(root, 'secrets');
  expect(readFileSync(join(secrets, 'slack_url'), 'utf8')).toBe(`${WEBHOOK}\n`);
  expect(readFileSync(join(secrets, 'twilio_token'), 'utf8')).toBe(`${TOKEN}\n`);
  expect([secrets, ...readdirSync(secrets).map((name) => join(secrets, name))].map(modeOf)).toEqual([
    ...['700', '600', '600', '600'],
  ]);
});

needs('script')('init that is stopped with Ctrl-C writes nothing, and gives the terminal back', async (stage) => {
  const root = join(stage.directory, 'made');
  const init = exporterCommand('init', `--directory=${root}`)
    .map((word) => `'${word}'`)
    .join(' ');
  const command = `${init}; echo "exit $?"; stty --all`;
  const terminal = stage.start(['script', '--quiet', '--flush', '--command', command, '/dev/null']);
  const answer = answering(terminal);
  await answer('now) [local]: ', '');
  await answer('[1m 2]: ', '');
  await terminal.said(/Enter for none: /);
  terminal.type('\x03');
  await terminal.exit();
  expect(terminal.stdout).toContain('stopped, nothing is written');
  expect(terminal.stdout).toMatch(/exit 1\r?\n/);
  expect(terminal.stdout).toMatch(/ icanon .* echo /s);
  expect(readdirSync(stage.directory)).toEqual([]);
});

function modeOf(path: string): string {
  return (statSync(path).mode & 0o777).toString(8);
}

/** Types the answer once the question is there, behind the last one. */
function answering(terminal: Program): (question: string, text: string) => Promise<void> {
  let seen = 0;
  return async (question, text) => {
    const pattern = new RegExp(`^[^]{${seen}}[^]*?${question.replace(/[^\w\s]/g, '\\$&')}`);
    const found = await terminal.said(pattern);
    seen = found[0].length;
    terminal.type(`${text}\r`);
  };
}
