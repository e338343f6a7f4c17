import { describe, expect, test } from 'vitest';
import { discover } from '../../src/cli/commands/discover.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Endpoint } from '../../src/core/endpoint.ts';
import type { Listener } from '../../src/net/survey.ts';
import { peer } from '../helpers/peers.ts';
import { capture, run } from './run.ts';

async function discoverFrom(found: readonly Listener[], json = false) {
  const { streams, written } = capture();
  const settings = { json, report: false, 'config.file': undefined };
  const code = await discover(settings, streams, async () => found);
  return { code, ...written };
}

function listener(host: string, port: number, name?: string, pid = port): Listener {
  const endpoint = { host, port };
  return name === undefined ? { endpoint } : { endpoint, process: { pid, name, command: [] } };
}

const FOUND = [
  listener('127.0.0.1', 5432, 'redis-server'),
  listener('::1', 6379),
  listener('10.0.0.7', 9999, 'a\n# b'),
  listener('::1', 22, 'sshd'),
  listener('127.0.0.1', 8443, 'nginx'),
  listener('127.0.0.1', 25, 'docker-proxy'),
];

function load(text: string, listeners: readonly Endpoint[] = []) {
  const loaded = loadConfig('discovered.yml', text, { listeners: () => listeners });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.config;
}

describe('discover', () => {
  test('prints a configuration that loads as it is, with a target for each listener', async () => {
    const { code, stdout, stderr } = await discoverFrom(FOUND);
    const { targets, warnings } = load(stdout);
    expect(targets.map(({ address, service, group, spec }) => [address, service, group, spec.use?.check.name])).toEqual(
      [
        ['127.0.0.1:5432', 'redis', 'local', 'redis'],
        ['[::1]:6379', 'redis', 'local', undefined],
        ['10.0.0.7:9999', 'tcp', 'local', undefined],
        ['[::1]:22', 'ssh', 'local', 'ssh'],
        ['127.0.0.1:8443', 'https', 'local', undefined],
        ['127.0.0.1:25', 'smtp', 'local', 'smtp'],
      ],
    );
    expect(warnings).toEqual([]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
  });

  test('speaks to what the process says, connects to the rest, and says how each is known', async () => {
    const { stdout } = await discoverFrom(FOUND);
    expect(stdout.slice(stdout.indexOf('      - '))).toBe(
      `      - { address: 127.0.0.1:5432, service: redis } # redis-server
      - "[::1]:6379"                                # redis by its port
      - 10.0.0.7:9999                               # tcp (a\\x0a# b)
      - { address: "[::1]:22", service: ssh }       # sshd
      - 127.0.0.1:8443                              # https (nginx)
      - 127.0.0.1:25                                # smtp by its port (docker-proxy)
`,
    );
  });

  test('does not speak to the second port of a process that has one for other things', async () => {
    const { stdout } = await discoverFrom([
      listener('127.0.0.1', 6379, 'redis-server', 7),
      listener('127.0.0.1', 16_379, 'redis-server', 7),
    ]);
    expect(stdout).toMatch(/127\.0\.0\.1:6379, service: redis .*\n {6}- 127\.0\.0\.1:16379 +# tcp \(redis-server\)\n$/);
  });

  test('prints the list as JSON', async () => {
    const { code, stdout } = await discoverFrom(FOUND.slice(0, 3), true);
    expect(JSON.parse(stdout)).toEqual({
      listeners: [
        {
          ...{ target: '127.0.0.1:5432', host: '127.0.0.1', port: 5432 },
          ...{ service: 'redis', known_by: 'process', process: 'redis-server', pid: 5432 },
        },
        {
          ...{ target: '[::1]:6379', host: '::1', port: 6379 },
          ...{ service: 'redis', known_by: 'port', process: null, pid: null },
        },
        {
          ...{ target: '10.0.0.7:9999', host: '10.0.0.7', port: 9999 },
          ...{ service: 'tcp', known_by: null, process: 'a\n# b', pid: 9999 },
        },
      ],
    });
    expect(code).toBe(0);
  });

  test('says that nothing listens, and prints a configuration for whatever will', async () => {
    const { code, stdout, stderr } = await discoverFrom([]);
    expect(stderr).toMatch(/^Nothing listens on TCP on this machine.*\n$/);
    expect(load(stdout, [{ host: '127.0.0.1', port: 22 }]).targets).toMatchObject([{ address: '127.0.0.1:22' }]);
    expect(code).toBe(0);
  });

  test('prints an empty list as JSON when nothing listens', async () => {
    expect(JSON.parse((await discoverFrom([], true)).stdout)).toEqual({ listeners: [] });
  });

  test.runIf(process.platform === 'linux')('finds what really listens here', async () => {
    await using up = await peer();
    const { stdout } = await run(['discover']);
    expect(load(stdout).targets.map(({ address }) => address)).toContain(up.address);
  });
});
