import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadSmsConfig } from '../../src/sms/load.ts';
import { load, setUp, TOKEN, WEBHOOK } from './init-site.ts';
import { run } from './run.ts';

const WITHOUT_ALERTS = ['port-exporter.yml', 'prometheus.yml', 'rules', 'rules/port-exporter.rules.yml'];

describe('init --yes', () => {
  test('without an answer watches what listens here, and tells nobody', async () => {
    await using at = await setUp();
    const { code, stdout, stderr } = await run(['init', '--yes', `--directory=${at.root}`]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(await at.names()).toEqual(WITHOUT_ALERTS);
    const { targets, warnings } = load(await at.text('port-exporter.yml'));
    expect(targets).toMatchObject([{ name: '127.0.0.1:22', intervalMs: 60_000, failures: 2 }]);
    expect(warnings).toEqual([]);
    expect(await at.text('prometheus.yml')).not.toContain('alerting');
    expect(stdout).toContain(`\n  port-exporter --config.file=${at.root}/port-exporter.yml\n`);
    expect(stdout).not.toMatch(/amtool|secrets/);
  });

  test('writes what the flags say, secrets into files of their own', async () => {
    await using at = await setUp();
    const flags = [
      ...[
        '--target=db.internal:5432',
        '--target=[::1]:22',
        '--target=db.internal:5432',
        '--interval=4s',
        '--failures=3',
      ],
      ...[`--slack-url-file=${at.slack}`, '--sms-provider=twilio', '--phone=+4915112345678', '--sms-account=AC1'],
      ...['--sms-from=+15550100', `--sms-secret-file=${at.token}`],
    ];
    const { code, stdout, stderr } = await run(['init', '--yes', `--directory=${at.root}`, ...flags]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(load(await at.text('port-exporter.yml')).targets).toMatchObject([
      { name: 'db.internal:5432', intervalMs: 4000, failures: 3, spec: { timeoutMs: 2000 } },
      { name: '[::1]:22' },
    ]);
    expect(await at.text('secrets/slack_url')).toBe(`${WEBHOOK}\n`);
    expect(await at.text('secrets/twilio_token')).toBe(`${TOKEN}\n`);
    const sms = loadSmsConfig(join(at.root, 'sms.yml'), await at.text('sms.yml'));
    expect(sms).toMatchObject({
      ok: true,
      config: { recipients: ['+4915112345678'], provider: { accountSid: 'AC1' } },
    });
    expect(await at.text('alertmanager.yml')).toContain(`slack_api_url_file: ${at.root}/secrets/slack_url`);
    const everything = await Promise.all(
      (await at.names()).filter((name) => /\.(?:yml|tmpl)$/.test(name)).map((name) => at.text(name)),
    );
    expect([stdout, ...everything].join('')).not.toMatch(/verysecret|anothersecret/);
  });

  test('makes another token for each installation', async () => {
    await using one = await setUp();
    await using other = await setUp();
    const tokens = [];
    for (const at of [one, other]) {
      const sms = ['--sms-provider=vonage', '--phone=+4915112345678', '--sms-account=abcd', '--sms-from=Ports'];
      await run(['init', '--yes', `--directory=${at.root}`, ...sms, `--sms-secret-file=${at.token}`]);
      tokens.push(await at.text('secrets/sms_token'));
      expect(await at.text('secrets/vonage_secret')).toBe(`${TOKEN}\n`);
      expect(await at.text('alertmanager.yml')).not.toContain('slack_api_url_file:');
    }
    expect(tokens[0]).toMatch(/^[0-9a-f]{64}\n$/);
    expect(tokens[0]).not.toBe(tokens[1]);
  });

  test('replaces nothing: says what is in the way, and leaves everything as it was', async () => {
    await using at = await setUp();
    await run(['init', '--yes', `--directory=${at.root}`]);
    await writeFile(join(at.root, 'port-exporter.yml'), 'mine');
    const { code, stdout, stderr } = await run([
      'init',
      '--yes',
      `--directory=${at.root}`,
      `--slack-url-file=${at.slack}`,
    ]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toBe(
      `port-exporter init: ${at.root}/port-exporter.yml exists already: it is not replaced
port-exporter init: ${at.root}/prometheus.yml exists already: it is not replaced
port-exporter init: ${at.root}/rules/port-exporter.rules.yml exists already: it is not replaced
port-exporter init: nothing is written; another directory may do: --directory=DIR
`,
    );
    expect(await at.names()).toEqual(WITHOUT_ALERTS);
    expect(await at.text('port-exporter.yml')).toBe('mine');
  });

  test.each(['b[1]', 'what?', 'a*', 'a\\b'])(
    'refuses a directory that Prometheus takes for a pattern: %s',
    async (name) => {
      await using at = await setUp();
      const { code, stderr } = await run(['init', '--yes', `--directory=${join(at.path, name)}`]);
      expect(stderr).toContain('in it, which Prometheus and Alertmanager take for a pattern\n');
      expect(code).toBe(1);
      expect(await readdir(at.path)).toEqual(['slack', 'token']);
    },
  );

  test('quotes a directory with a name that a shell would take apart', async () => {
    await using at = await setUp();
    const root = join(at.path, "it's here: #1");
    const { stdout } = await run(['init', '--yes', `--directory=${root}`, `--slack-url-file=${at.slack}`]);
    expect(stdout).toContain(`--config.file='${at.path}/it'\\''s here: #1/port-exporter.yml'\n`);
    const text = await readFile(join(root, 'alertmanager.yml'), 'utf8');
    expect(text).toContain(`slack_api_url_file: "${root}/secrets/slack_url"\n`);
  });
});

describe('a wrong answer', () => {
  const SMS = ['--sms-provider=twilio', '--phone=+4915112345678', '--sms-account=AC1', '--sms-from=x'];

  test.each([
    [['--target=db'], '--target "db" is not an address: the port is missing'],
    [['--interval=500ms'], '--interval must be from 1s to 24d, not "500ms"'],
    [['--interval=25d'], '--interval must be from 1s to 24d'],
    [['--interval=5'], '--interval must be a number with a unit'],
    [['--failures=0'], '--failures must be a whole number from 1 to 1000, not "0"'],
    [['--failures=1.5'], '--failures must be a whole number'],
    [['--phone=0151'], '--phone must be a phone number with + and the country code'],
    [['--phone=+4915112345678'], '--phone needs --sms-provider'],
    [['--sms-from=x'], '--sms-from needs --sms-provider'],
    [['--sms-provider=twillio'], '--sms-provider cannot be "twillio": did you mean twilio?'],
    [['--sms-provider=twilio', '--sms-account=XY'], '--sms-account must be the account SID of Twilio'],
    [['--sms-provider=twilio'], '--phone is missing: with --yes, SMS need all of their flags'],
    [SMS, '--sms-secret-file is missing'],
    [[...SMS, '--sms-secret-file=/nowhere/x'], '--sms-secret-file: /nowhere/x cannot be read: there is no such file'],
    [['--slack-url-file=/nowhere/x'], '--slack-url-file: /nowhere/x cannot be read: there is no such file'],
    [['--slack-url-file=/'], '--slack-url-file: / cannot be read: it is a directory'],
    [['--directory= '], '--directory must be a directory, not " "'],
  ])('on the command line is refused, and nothing is written: %j', async (flags, message) => {
    await using at = await setUp();
    const place = flags[0]?.startsWith('--directory') ? [] : [`--directory=${at.root}`];
    const { code, stdout, stderr } = await run(['init', '--yes', ...place, ...flags]);
    expect(stderr).toContain(message);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(await readdir(at.path)).toEqual(['slack', 'token']);
  });

  test.each([['not a URL'], ['ftp://verysecret'], ['https://verysecret with a space'], ['']])(
    'in the file of a secret is refused without being repeated: %j',
    async (text) => {
      await using at = await setUp();
      await writeFile(at.slack, text);
      const { code, stderr } = await run(['init', '--yes', `--directory=${at.root}`, `--slack-url-file=${at.slack}`]);
      expect(stderr).toContain('must be the address of an incoming webhook');
      expect(stderr).not.toContain('verysecret');
      expect(code).toBe(2);
    },
  );

  test('that only the configuration as a whole shows is said as the configuration says it', async () => {
    await using at = await setUp();
    const twice = ['--target=db:1', '--target=DB:1'];
    const { code, stderr } = await run(['init', '--yes', `--directory=${at.root}`, ...twice]);
    expect(stderr).toMatch(/^port-exporter\.yml:\d+:\d+: groups\[0\]\.targets\[1\]: "db:1" is listed twice/);
    expect(code).toBe(2);
    expect(await readdir(at.path)).toEqual(['slack', 'token']);
  });
});
