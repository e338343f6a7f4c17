import { describe, expect, test } from 'vitest';
import { discover } from '../../src/cli/commands/discover.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Endpoint } from '../../src/core/endpoint.ts';
import { peer } from '../helpers/peers.ts';
import { capture, run } from './run.ts';

async function discoverFrom(found: readonly Endpoint[], json = false) {
  const { streams, written } = capture();
  const code = await discover({ json }, streams, () => found);
  return { code, ...written };
}

const FOUND: readonly Endpoint[] = [
  { host: '127.0.0.1', port: 5432 },
  { host: '::1', port: 6379 },
  { host: '10.0.0.7', port: 9999 },
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
    expect(targets.map(({ address, service, group }) => [address, service, group])).toEqual([
      ['127.0.0.1:5432', 'postgresql', 'local'],
      ['[::1]:6379', 'redis', 'local'],
      ['10.0.0.7:9999', 'tcp', 'local'],
    ]);
    expect(warnings).toEqual([]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
  });

  test('names each service in a comment', async () => {
    const { stdout } = await discoverFrom(FOUND);
    expect(stdout).toContain('      - 127.0.0.1:5432 # postgresql\n      - "[::1]:6379"   # redis\n');
  });

  test('prints the list as JSON', async () => {
    const { code, stdout } = await discoverFrom(FOUND.slice(1, 2), true);
    expect(JSON.parse(stdout)).toEqual({
      listeners: [{ target: '[::1]:6379', host: '::1', port: 6379, service: 'redis' }],
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
