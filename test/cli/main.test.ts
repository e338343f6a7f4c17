import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { main } from '../../src/cli/main.ts';
import { capture, run } from './run.ts';
import { temporaryDirectory } from './temporary.ts';

const NAMES = COMMANDS.map(({ name }) => name);

describe('help', () => {
  test.each([['--help'], ['-h']])('of the program names every command: %s', async (flag) => {
    const { code, stdout, stderr } = await run([flag]);
    for (const name of NAMES) expect(stdout).toMatch(new RegExp(`^ {2}${name} `, 'm'));
    expect(stdout).toContain('--web.listen-address=ADDRESS ...');
    expect(stderr).toBe('');
    expect(code).toBe(0);
  });

  test.each(COMMANDS)('of $name has each of its flags, with its default, in 100 columns', async ({ name, flags }) => {
    const { code, stdout, stderr } = await run([name, '--help']);
    const oneLine = stdout.replace(/\s+/g, ' ');
    for (const [flag, { help, defaultText }] of Object.entries(flags)) {
      expect(stdout).toMatch(new RegExp(`^ {6}--${flag}[= \\n]`, 'm'));
      expect(oneLine).toContain(help);
      if (defaultText !== undefined) expect(oneLine).toContain(`default ${defaultText})`);
    }
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
    expect(stderr).toBe('');
    expect(code).toBe(0);
  });

  test('aligns the text of all flags', async () => {
    const { stdout } = await run(['check', '--help']);
    const heads = stdout.match(/^(?: {2}-h, | {6})--\S+(?: \.\.\.)? {2,}/gm) ?? [];
    expect(heads).toHaveLength(6);
    expect(new Set(heads.map((head) => head.length)).size).toBe(1);
  });

  test('wins over whatever else is wrong', async () => {
    expect(await run(['check', '--nonsense', 'x', '--help'])).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('--version', () => {
  test.each([[['--version']], ...NAMES.map((name) => [[name, '--version']])])('answers %j', async (argv) => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    const { code, stdout, stderr } = await run(argv);
    expect(stdout).toMatch(/^port-exporter \S+ \(Node\.js [\d.]+, \w+ \w+\)\n$/);
    expect(stdout).toContain(` ${version} `);
    expect(stderr).toBe('');
    expect(code).toBe(0);
  });
});

describe('a wrong command line', () => {
  test.each([
    {
      argv: ['chek'],
      message: 'port-exporter: unknown command "chek": did you mean check? (try port-exporter --help)',
    },
    { argv: ['nonsense'], message: 'port-exporter: unknown command "nonsense" (try port-exporter --help)' },
    { argv: [''], message: 'port-exporter: unknown command "" (try port-exporter --help)' },
    { argv: ['a\nb'], message: 'port-exporter: unknown command "a\\nb" (try port-exporter --help)' },
    {
      argv: ['localhost:22'],
      message:
        'port-exporter: unknown command "localhost:22": an address is probed with port-exporter probe (try port-exporter --help)',
    },
    {
      argv: ['--confg.file=x'],
      message:
        'port-exporter serve: unknown flag --confg.file: did you mean --config.file? (try port-exporter serve --help)',
    },
    {
      argv: ['serve', '--log.level=loud'],
      message:
        'port-exporter serve: --log.level must be one of debug, info, warn, error, not "loud" (try port-exporter serve --help)',
    },
    {
      argv: ['--log.level=debug', 'check'],
      message:
        'port-exporter serve: unexpected argument "check": the name of a command comes before the flags (try port-exporter serve --help)',
    },
    {
      argv: ['check', 'orders'],
      message:
        'port-exporter check: unexpected argument "orders": choose targets with --target (try port-exporter check --help)',
    },
    {
      argv: ['discover', 'x'],
      message: 'port-exporter discover: unexpected argument "x" (try port-exporter discover --help)',
    },
  ])('is refused in one line on standard error: $argv', async ({ argv, message }) => {
    const { code, stdout, stderr } = await run(argv);
    expect(stderr).toBe(`${message}\n`);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });
});

describe('serve', () => {
  test.each([[['serve']], [[]]])('is the command of %j', async (command) => {
    await using directory = await temporaryDirectory();
    const file = await directory.file('config.yml', 'groups:\n  - name: a\n    targets: ["127.0.0.1:1"]\n');
    const good = await run([...command, '--config.check', `--config.file=${file}`]);
    expect(good).toMatchObject({ code: 0, stdout: expect.stringContaining('ok') });
    const bad = await directory.file('bad.yml', 'nonsense: true\n');
    expect(await run([...command, '--config.check', '--config.file', bad])).toMatchObject({ code: 2, stdout: '' });
  });

  test('checks the web configuration too, and tells the problems of both', async () => {
    await using directory = await temporaryDirectory();
    const file = await directory.file('config.yml', 'groups:\n  - name: a\n    targets: ["127.0.0.1:1"]\n');
    const web = await directory.file('web.yml', 'rate_limit: {burst: 5, interval: 1s}\n');
    const check = (config: string, webConfig: string) =>
      run(['--config.check', `--config.file=${config}`, `--web.config.file=${webConfig}`]);
    expect(await check(file, web)).toMatchObject({ code: 0, stdout: `${file}: ok, 1 targets\n${web}: ok\n` });
    const [bad, badWeb] = [await directory.file('bad.yml', 'a: 1\n'), await directory.file('web2.yml', 'b: 1\n')];
    expect(await check(file, badWeb)).toMatchObject({ code: 2, stdout: '' });
    const { code, stderr } = await check(bad, badWeb);
    expect(code).toBe(2);
    expect(stderr).toContain(`${bad}:1:1: a: "a" is not a known key`);
    expect(stderr).toContain(`${badWeb}:1:1: b: "b" is not a known key`);
    expect(await check(file, `${web}.none`)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`${web}.none: cannot be read: there is no such file\n`),
    });
    expect(await check(file, '')).toMatchObject({ code: 2 });
  });
});

describe('an unexpected error', () => {
  test('is said, and is not mistaken for a target that is down', async () => {
    const { streams, written } = capture();
    const write = () => {
      throw new Error('broken');
    };
    expect(await main(['discover'], { ...streams, stdout: { write } })).toBe(3);
    expect(written.stderr).toMatch(/^port-exporter: unexpected error: Error: broken\n/);
  });
});
