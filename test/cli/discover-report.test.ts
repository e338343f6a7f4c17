import { describe, expect, test } from 'vitest';
import { discoverReport } from '../../src/cli/commands/discover-report.ts';
import type { Listener } from '../../src/net/survey.ts';
import type { Findings } from '../../src/probe/look-around.ts';
import { closedPort, peer } from '../helpers/peers.ts';
import { target } from '../helpers/world.ts';
import { capture, run } from './run.ts';
import { temporaryDirectory } from './temporary.ts';

const REDIS: Listener = {
  endpoint: { host: '127.0.0.1', port: 5432 },
  process: { pid: 77, name: 'redis-server', command: [] },
};
const BUS: Listener = {
  endpoint: { host: '127.0.0.1', port: 15_432 },
  process: { pid: 77, name: 'redis-server', command: [] },
};
const SSH: Listener = { endpoint: { host: '::1', port: 22 } };
const ALL = [SSH, REDIS, BUS];

async function report(findings: Partial<Findings>, json = false) {
  await using directory = await temporaryDirectory();
  const file = await directory.file('config.yml', 'groups: [{name: a, targets: ["h:1"]}]');
  const { streams, written } = capture();
  const look = async () => ({ listeners: ALL, unmonitored: [], silent: [], ...findings });
  return { code: await discoverReport({ file, json, look }, streams), ...written };
}

const SESSIONS = target('localhost', 6379, { name: 'sessions', service: 'redis', group: 'caches' });

describe('discover --report', () => {
  test('lists what is not monitored and what does not listen, and fails', async () => {
    const { code, stdout } = await report({
      unmonitored: [SSH, BUS],
      silent: [SESSIONS, target('127.0.0.1', 1, { group: '' })],
    });
    expect(stdout).toBe(`Listens here, and no target watches it:
  ADDRESS          SERVICE  PROCESS
  [::1]:22         ssh
  127.0.0.1:15432  tcp      redis-server (77)

Is monitored, and nothing listens there:
  TARGET                     SERVICE  GROUP
  sessions (localhost:6379)  redis    caches
  127.0.0.1:1                tcp

3 listen here, 2 of them not monitored; 2 monitored and silent
`);
    expect(code).toBe(1);
  });

  test.each([{ unmonitored: [SSH] }, { silent: [SESSIONS] }])('fails for either of them', async (findings) => {
    expect(await report(findings)).toMatchObject({ code: 1 });
  });

  test('is content where all is monitored', async () => {
    expect(await report({})).toEqual({
      code: 0,
      stdout: '3 listen here, 0 of them not monitored; 0 monitored and silent\n',
      stderr: '',
    });
  });

  test('prints the same as JSON', async () => {
    const { code, stdout } = await report({ unmonitored: [BUS], silent: [SESSIONS] }, true);
    expect(JSON.parse(stdout)).toEqual({
      listening: 3,
      unmonitored: [
        {
          ...{ target: '127.0.0.1:15432', host: '127.0.0.1', port: 15_432 },
          ...{ service: 'tcp', known_by: null, process: 'redis-server', pid: 77 },
        },
      ],
      silent: [{ name: 'sessions', target: 'localhost:6379', service: 'redis', group: 'caches' }],
    });
    expect(code).toBe(1);
  });

  test('cannot be mistaken for a terminal that obeys: names are made visible', async () => {
    const evil = { ...SSH, process: { pid: 1, name: '\x1b[2J', command: [] } };
    const { stdout } = await report({
      unmonitored: [evil],
      listeners: [evil],
      silent: [target('127.0.0.1', 1, { name: '\u202ex' })],
    });
    expect(['\x1b', '\u202e'].filter((char) => stdout.includes(char))).toEqual([]);
  });

  test.each([
    ['does not tell', async () => undefined, /\)\n$/],
    ['refuses to tell', () => Promise.reject(new Error('no netlink')), /\): Error: no netlink\n$/],
  ])('fails as a program does where this system %s what listens', async (_, look, end) => {
    await using directory = await temporaryDirectory();
    const file = await directory.file('config.yml', 'groups: [{name: a, targets: ["h:1"]}]');
    const { streams, written } = capture();
    expect(await discoverReport({ file, json: true, look }, streams)).toBe(3);
    expect(written.stderr).toMatch(/^port-exporter discover: what listens here could not be found out .*\n$/);
    expect(written.stderr).toMatch(end);
    expect(written.stdout).toBe('');
  });

  test('says every problem of a configuration that cannot be used', async () => {
    await using directory = await temporaryDirectory();
    const file = await directory.file('bad.yml', 'nonsense: 1\ngroups: 5\n');
    const { code, stdout, stderr } = await run(['discover', '--report', `--config.file=${file}`]);
    expect(stderr.split('\n').filter((line) => line.includes('bad.yml:'))).toHaveLength(2);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  test('looks where the configuration always is unless it is told', async () => {
    const { code, stderr } = await run(['discover', '--report', '--config.file=/nowhere/x.yml']);
    expect(stderr).toContain('/nowhere/x.yml: cannot be read');
    expect(code).toBe(2);
  });

  test('refuses a configuration where nothing is to be compared with it', async () => {
    expect(await run(['discover', '--config.file=x.yml'])).toEqual({
      code: 2,
      stdout: '',
      stderr: 'port-exporter discover: --config.file needs --report (try port-exporter discover --help)\n',
    });
  });

  test.runIf(process.platform === 'linux')('looks at this machine', async () => {
    await using watched = await peer();
    const closed = await closedPort();
    await using directory = await temporaryDirectory();
    const targets = `["localhost:${watched.port}", "127.0.0.1:${closed}"]`;
    const file = await directory.file('config.yml', `groups: [{name: a, targets: ${targets}}]`);
    const { code, stdout } = await run(['discover', '--report', '--json', `--config.file=${file}`]);
    const { silent, unmonitored } = JSON.parse(stdout) as {
      silent: { name: string }[];
      unmonitored: { port: number }[];
    };
    expect(silent.map(({ name }) => name)).toEqual([`127.0.0.1:${closed}`]);
    expect(unmonitored.map(({ port }) => port)).not.toContain(watched.port);
    expect(code).toBe(1);
  });
});
