import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { load, setUp, TOKEN, WEBHOOK } from './init-site.ts';
import { keyboard } from './keyboard.ts';
import { run } from './run.ts';

describe('init on a terminal', () => {
  test('asks five questions, again where the answer is wrong, and shows no secret', async () => {
    await using at = await setUp();
    const { streams, written, answers, sees } = keyboard();
    const ended = main(['init'], streams);
    await answers('now) [local]: ', 'db.internal');
    await sees('the port is missing');
    await answers('now) [local]: ', 'db.internal:5432, local');
    await answers('[1m 2]: ', '30s');
    await answers('Enter for none: ', 'verysecret');
    await sees('must be the address of an incoming webhook');
    await answers('Enter for none: ', WEBHOOK);
    await answers('[none]: ', 'Twilio');
    await answers('Phones: ', '0151');
    await sees('not "0151"');
    await answers('Phones: ', '+4915112345678 +4915187654321');
    await answers('starts with AC: ', 'AC1');
    await answers('sender: ', 'Ports');
    await answers('(not shown): ', TOKEN);
    await answers('[port-exporter]: ', at.root);
    expect(await ended).toBe(0);
    expect(written.stderr).toBe('');
    expect(written.stdout).not.toMatch(/verysecret|anothersecret/);
    expect(load(await at.text('port-exporter.yml')).targets).toMatchObject([
      { name: 'db.internal:5432', intervalMs: 30_000, failures: 2 },
      { name: '127.0.0.1:22' },
    ]);
    expect(await at.text('secrets/slack_url')).toBe(`${WEBHOOK}\n`);
    expect(await at.text('sms.yml')).toContain('- "+4915187654321"');
  });

  test('takes Enter for what the flags say, and does not ask for secrets that it has', async () => {
    await using at = await setUp();
    const { streams, answers } = keyboard();
    const flags = ['--target=db:1', '--interval=2m', '--failures=5', `--slack-url-file=${at.slack}`];
    const ended = main(['init', `--directory=${at.root}`, ...flags], streams);
    await answers('[db:1]: ', '');
    await answers('[2m 5]: ', '');
    await answers('[none]: ', 'none');
    await answers(`[${at.root}]: `, '');
    expect(await ended).toBe(0);
    expect(load(await at.text('port-exporter.yml')).targets).toMatchObject([{ name: 'db:1', intervalMs: 120_000 }]);
    expect(await at.text('secrets/slack_url')).toBe(`${WEBHOOK}\n`);
  });

  test('asks for another directory where the first will not do, and for nothing else', async () => {
    await using at = await setUp();
    await run(['init', '--yes', `--directory=${at.root}`]);
    const { streams, written, answers } = keyboard();
    const ended = main(['init', '--target=db:1', `--directory=${at.root}`], streams);
    await answers('[db:1]: ', '');
    await answers('[1m 2]: ', '');
    await answers('Enter for none: ', '');
    await answers('[none]: ', '');
    await answers(`[${at.root}]: `, '');
    await answers(`[${at.root}]: `, join(at.path, 'more'));
    expect(await ended).toBe(0);
    expect(written.stderr).toContain(`${at.root}/port-exporter.yml exists already: it is not replaced\n`);
    expect(load(await readFile(join(at.path, 'more/port-exporter.yml'), 'utf8')).targets).toMatchObject([
      { name: 'db:1' },
    ]);
  });

  test.each([
    ['Ctrl-C', '\x03'],
    ['Ctrl-D', '\x04'],
  ])('writes nothing when it is stopped by %s', async (_what, key) => {
    await using at = await setUp();
    const { streams, written, answers, presses } = keyboard();
    const ended = main(['init', `--directory=${at.root}`], streams);
    await answers('[local]: ', '');
    await answers('[1m 2]: ', '');
    presses(key);
    expect(await ended).toBe(1);
    expect(written.stderr).toBe('\nport-exporter init: stopped, nothing is written\n');
    expect(await readdir(at.path)).toEqual(['slack', 'token']);
  });

  test('is refused where nobody can be asked', async () => {
    const { code, stderr } = await run(['init']);
    expect(stderr).toBe(
      'port-exporter init: its questions need a terminal: answer them by flags, and add --yes (try port-exporter init --help)\n',
    );
    expect(code).toBe(2);
  });
});
