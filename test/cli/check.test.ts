import { describe, expect, test } from 'vitest';
import { closedPort, peer } from '../helpers/peers.ts';
import { run, terminal } from './run.ts';
import { temporaryDirectory } from './temporary.ts';

/** A configuration with one target that is up and one that is down. */
async function setUp() {
  const up = await peer();
  const directory = await temporaryDirectory();
  const down = `127.0.0.1:${await closedPort()}`;
  const file = await directory.file(
    'config.yml',
    `
groups:
  - name: databases
    labels: { team: data }
    targets:
      - name: orders
        address: ${up.address}
  - name: caches
    targets:
      - ${down}
`,
  );
  return {
    up: up.address,
    down,
    flag: `--config.file=${file}`,
    directory,
    [Symbol.asyncDispose]: async () => {
      await up[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

describe('check', () => {
  test('prints a table with what is down first, and exits with 1', async () => {
    await using site = await setUp();
    const { code, stdout, stderr } = await run(['check', site.flag]);
    const [header, first, second, blank, last] = stdout.split('\n');
    expect(header).toMatch(/^STATE +TARGET +SERVICE +LATENCY +REASON +WHAT TO LOOK AT$/);
    expect(first).toMatch(/^DOWN +127\.0\.0\.1:\d+ +tcp +- +connection_refused in connect +the host answered, nothing/);
    expect(second).toMatch(/^UP +orders \(127\.0\.0\.1:\d+\) +tcp +\d+\.\d+ ms$/);
    expect(blank).toBe('');
    expect(last).toMatch(/^1 up, 1 down, 0 not probed; \d\.\d+ s$/);
    expect(stderr).toBe('');
    expect(code).toBe(1);
  });

  test('exits with 0 when all that was asked for is up', async () => {
    await using site = await setUp();
    const { code, stdout } = await run(['check', site.flag, '--group=databases']);
    expect(stdout).toContain('1 up, 0 down, 0 not probed');
    expect(code).toBe(0);
  });

  test('prints JSON in the order of the file', async () => {
    await using site = await setUp();
    const { code, stdout } = await run(['check', site.flag, '--json']);
    const { up, down, targets } = JSON.parse(stdout);
    expect({ up, down }).toEqual({ up: 1, down: 1 });
    expect(targets).toMatchObject([
      { name: 'orders', target: site.up, group: 'databases', labels: { team: 'data' }, up: true, ip: '127.0.0.1' },
      { name: site.down, target: site.down, group: 'caches', up: false, reason: 'connection_refused' },
    ]);
    expect(targets[0].phase_seconds.connect).toBeGreaterThan(0);
    expect(code).toBe(1);
  });

  test('takes targets by name and by address', async () => {
    await using site = await setUp();
    const { stdout } = await run(['check', site.flag, '--target=orders', `--target=${site.down}`]);
    expect(stdout).toContain('1 up, 1 down, 0 not probed');
    const byAddress = await run(['check', site.flag, `--target=${site.up}`]);
    expect(byAddress.stdout).toContain('1 up, 0 down, 0 not probed');
  });

  test('probes nothing, says so and exits with 2 when no group has one of the targets', async () => {
    await using site = await setUp();
    const { code, stdout, stderr } = await run(['check', site.flag, '--target=orders', '--group=caches']);
    expect(stderr).toBe(
      '--group and --target: none of these targets is in one of these groups, so there is nothing to probe\n',
    );
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });

  test('refuses every group and target that is not configured, at once', async () => {
    await using site = await setUp();
    const { code, stdout, stderr } = await run(['check', site.flag, '--group=database', '--target=oders', '--group=x']);
    expect(stderr).toBe(
      [
        '--group: no group is called "database": did you mean databases?',
        '--group: no group is called "x"',
        '--target: no target is called "oders": did you mean orders?',
        '',
      ].join('\n'),
    );
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });

  test('says every problem of a bad configuration, probes nothing and exits with 2', async () => {
    await using site = await setUp();
    const file = await site.directory.file(
      'bad.yml',
      'grops: []\ngroups:\n  - name: a\n    targets: ["127.0.0.1:99999", "nonsense"]\n',
    );
    const { code, stdout, stderr } = await run(['check', `--config.file=${file}`]);
    expect(stderr.split('\n')).toHaveLength(4);
    expect(stderr).toContain(`${file}:1:1: `);
    expect(stderr).toContain('did you mean groups?');
    expect(stderr).toContain('the port must be 1 to 65535');
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });

  test('says that the file is not there, and exits with 2', async () => {
    await using directory = await temporaryDirectory();
    const { code, stderr } = await run(['check', '--config.file', `${directory.path}/none.yml`]);
    expect(stderr).toBe(`${directory.path}/none.yml: cannot be read: there is no such file\n`);
    expect(code).toBe(2);
  });

  test('says so when the configuration has only modules', async () => {
    await using directory = await temporaryDirectory();
    const file = await directory.file('blackbox.yml', 'modules:\n  tcp_connect:\n    prober: tcp\n');
    const { code, stderr } = await run(['check', `--config.file=${file}`]);
    expect(stderr).toBe(`${file} has no targets: nothing was probed\n`);
    expect(code).toBe(0);
  });

  test('says what is probably not meant on standard error', async () => {
    await using site = await setUp();
    const text = `groups:\n  - name: a\n    targets:\n      - { address: "${site.up}", service: mysql, timeout: 200ms }\n`;
    const file = await site.directory.file('warned.yml', text);
    const { code, stderr } = await run(['check', `--config.file=${file}`]);
    expect(stderr).toMatch(/^warning: .*: without options.user .*\n$/);
    expect(code).toBe(1);
  });
});

describe('check on a terminal', () => {
  test('shows how far it is on standard error, and wipes that line before the table', async () => {
    await using site = await setUp();
    const { stderr } = await run(['check', site.flag], { stderr: terminal(100) });
    const [nothing, first, ...later] = stderr.split('\r\x1b[K');
    expect([nothing, first, later.at(-1)]).toEqual(['', 'probing 0/2', '']);
  });

  test('colours the states and fits the table to the width', async () => {
    await using site = await setUp();
    const { stdout } = await run(['check', site.flag], { stdout: terminal(90) });
    expect(stdout).toContain('\x1b[31mDOWN\x1b[0m ');
    expect(stdout).toContain('\x1b[32mUP\x1b[0m ');
    expect(stdout).not.toContain('WHAT TO LOOK AT');
    expect(stdout).toContain('\n       the host answered, nothing listens on the port');
  });

  test.each([
    { env: { NO_COLOR: '1' }, colours: false },
    { env: { TERM: 'dumb' }, colours: false },
    { env: { NO_COLOR: '' }, colours: true },
  ])('colours with $env: $colours', async ({ env, colours }) => {
    await using site = await setUp();
    const { stdout } = await run(['check', site.flag], { stdout: terminal(90), env });
    expect(stdout.includes('\x1b')).toBe(colours);
  });

  test('writes nothing but JSON to standard output with --json', async () => {
    await using site = await setUp();
    const { stdout } = await run(['check', site.flag, '--json'], { stdout: terminal(90), stderr: terminal(90) });
    expect(JSON.parse(stdout)).toMatchObject({ up: 1, down: 1 });
  });
});
