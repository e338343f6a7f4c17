import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { run } from '../cli/run.ts';
import { temporaryDirectory } from '../cli/temporary.ts';
import { load } from './loading.ts';

const MINIMAL = `
bearer_token_file: token
recipients: ["+4915112345678"]
provider:
  twilio: { account_sid: AC1, auth_token_file: token, from: Ports }
`;

describe('port-exporter sms --config.check', () => {
  test('says ok', async () => {
    await using directory = await temporaryDirectory();
    await directory.file('token', 'secret');
    const file = await directory.file('sms.yml', MINIMAL);
    expect(await run(['sms', '--config.check', `--config.file=${file}`])).toEqual({
      code: 0,
      stdout: `${file}: ok, 1 recipient, provider twilio\n`,
      stderr: '',
    });
  });

  test.each([
    ['nonsense: true\n', /sms\.yml:1:1: nonsense: "nonsense" is not a known key/],
    [undefined, /sms\.yml: cannot be read: it does not exist\n/],
  ])('refuses %j with exit code 2', async (text, expected) => {
    await using directory = await temporaryDirectory();
    const file = text === undefined ? join(directory.path, 'sms.yml') : await directory.file('sms.yml', text);
    const { code, stdout, stderr } = await run(['sms', '--config.check', `--config.file=${file}`]);
    expect(stderr).toMatch(expected);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});

test('port-exporter sms --config.check looks at the web configuration too', async () => {
  await using directory = await temporaryDirectory();
  await directory.file('token', 'secret');
  const file = await directory.file('sms.yml', MINIMAL);
  const web = await directory.file('web.yml', 'rate_limit: {}\n');
  const bad = await directory.file('bad.yml', 'rate_limit: 5\n');
  const check = (name: string) => run(['sms', '--config.check', `--config.file=${file}`, `--web.config.file=${name}`]);
  expect(await check(web)).toMatchObject({ code: 0, stdout: expect.stringContaining(`\n${web}: ok\n`) });
  expect(await check(bad)).toMatchObject({ code: 2, stderr: expect.stringContaining(`${bad}:1:13: rate_limit: must`) });
});

describe('config/sms.yml', () => {
  const shipped = readFileSync(new URL('../../config/sms.yml', import.meta.url), 'utf8');
  const local = (text: string) => text.replace('/var/lib/port-exporter/', '').replace(/\/etc\/[\w/-]+/g, 'token');

  test('lacks nothing but the secrets', async () => {
    expect((await load(local(shipped))).problems).toEqual([]);
  });

  test.each(['vonage', 'http'])('has an example for %s that works', async (name) => {
    const [, example = ''] = new RegExp(`^#(  ${name}:.*\\n(?:#    .*\\n)+)`, 'm').exec(shipped) ?? [];
    expect(example).not.toBe('');
    const text = shipped.replace(/^ {2}twilio:\n(?: {4}.*\n)+/m, `${example.replace(/^#/gm, '')}\n`);
    expect((await load(local(text))).problems).toEqual([]);
  });
});
