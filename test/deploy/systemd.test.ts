import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { loadSmsConfig } from '../../src/sms/load.ts';
import { blocks, page, ROOT } from '../docs/pages.ts';
import { createNamespace } from '../helpers/e2e-namespace.ts';
import { run } from '../helpers/e2e-program.ts';
import { NAMESPACE, needs } from '../helpers/programs.ts';

const PAGE = 'docs/deployment.md';
const UNITS = ['port-exporter.service', 'port-exporter-sms.service'];
/** Of 100; a service without any of these settings has 96. */
const MOST_EXPOSED = 20;

/** What a unit sets, in its order: [key, value]. */
function settings(name: string): (readonly [string, string])[] {
  const lines = page(`deploy/systemd/${name}`).matchAll(/^(\w+)=(.*)$/gm);
  return Array.from(lines, ([, key = '', value = '']) => [key, value] as const);
}

function values(name: string, key: string): string[] {
  return settings(name).flatMap(([found, value]) => (found === key ? [value] : []));
}

describe.each(UNITS)('%s', (unit) => {
  test('starts a command that exists, with flags that it has', () => {
    const [, line = ''] = /^\/usr\/bin\/env port-exporter (.*)$/.exec(values(unit, 'ExecStart').join()) ?? [];
    const words = line.split(' ');
    const command = COMMANDS.find(({ name }) => name === (words[0]?.startsWith('--') ? 'serve' : words[0]));
    const flags = words.filter((word) => word.startsWith('--')).map((word) => word.slice(2).replace(/=.*/, ''));
    expect(flags.length).toBeGreaterThan(0);
    expect(Object.keys(command?.flags ?? {})).toEqual(expect.arrayContaining(flags));
  });

  test('has no rights and no way to get any', () => {
    expect(Object.fromEntries(settings(unit))).toMatchObject({
      DynamicUser: 'yes',
      CapabilityBoundingSet: '',
      NoNewPrivileges: 'yes',
      ProtectSystem: 'strict',
      ProtectHome: 'yes',
    });
    // Netlink tells which addresses are this machine's, for discover.report.
    const families =
      unit === 'port-exporter.service' ? 'AF_INET AF_INET6 AF_UNIX AF_NETLINK' : 'AF_INET AF_INET6 AF_UNIX';
    expect(values(unit, 'RestrictAddressFamilies')).toEqual([families]);
    expect(values(unit, 'SystemCallFilter')).toEqual(['@system-service', '~@resources']);
  });

  test('lets V8 make machine code', () => {
    expect(values(unit, 'MemoryDenyWriteExecute')).toEqual([]);
  });

  test('is given longer to end than it takes', () => {
    expect(values(unit, 'TimeoutStopSec')).toEqual(['30s']);
  });

  needs('systemd-analyze')('systemd understands all of it', async () => {
    const { code, stderr } = await run(['systemd-analyze', 'verify', '--man=no', join(ROOT, 'deploy/systemd', unit)]);
    expect([code, stderr]).toEqual([0, '']);
  });

  needs('systemd-analyze')('systemd finds little that it is exposed to', async () => {
    const judge = ['systemd-analyze', 'security', '--offline=true', '--no-pager', `--threshold=${MOST_EXPOSED}`];
    const { code, stdout } = await run([...judge, join(ROOT, 'deploy/systemd', unit)]);
    expect(code, stdout).toBe(0);
    expect(stdout).toContain('Overall exposure level');
  });
});

test('only the exporter is reloaded by SIGHUP, which would end the bridge', () => {
  expect(UNITS.map((unit) => values(unit, 'ExecReload'))).toEqual([['/bin/kill -HUP $MAINPID'], []]);
});

needs()('the configuration of the bridge in the documentation names the files that its unit has', async (stage) => {
  const [example] = blocks('yml').filter(({ page, text }) => page === PAGE && text.startsWith('bearer_token_file'));
  const text = example?.text ?? '';
  const credentials = values('port-exporter-sms.service', 'LoadCredential').map((value) => value.split(':')[0] ?? '');
  expect(credentials).toHaveLength(2);
  for (const name of credentials) {
    stage.write(name, 'a long random text of more than 32 characters\n');
    expect(text).toContain(`_file: /run/credentials/port-exporter-sms.service/${name}\n`);
  }
  const [directory = ''] = values('port-exporter-sms.service', 'StateDirectory');
  expect(text).toContain(`state_file: /var/lib/${directory}/`);

  const loaded = loadSmsConfig('sms.yml', text.replace(/\/(?:run|var)\/\S*\//g, `${stage.directory}/`));

  expect(loaded.ok ? [] : loaded.problems).toEqual([]);
});

needs(
  ...NAMESPACE,
  'setpriv',
  'ping',
)(
  'ping.conf and net.ipv4.ping_group_range let the ping of this machine send; without the second it does not',
  async (stage) => {
    const { enter } = await createNamespace(stage);
    const [bounding = ''] = values('ping.conf', 'CapabilityBoundingSet');
    expect(bounding).toBe('CAP_NET_RAW');
    // setpriv keeps its own rights over the change of user: only a second one, which has none, shows what NoNewPrivileges does.
    const as = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--bounding-set=-all,+net_raw'];
    const ping = [...enter, ...as, 'setpriv', '--no-new-privs', 'ping', '-c1', '-W1', '127.0.0.1'];
    const allow = async (range: string) => {
      const write = ['sh', '-c', 'echo "$1" > /proc/sys/net/ipv4/ping_group_range', 'sh', range];
      expect((await run([...enter, ...write])).code).toBe(0);
    };

    await allow('1 0');
    expect((await run(ping)).stderr).toMatch(/Operation not permitted|Permission denied/);

    await allow('0 2147483647');
    expect((await run(ping)).stdout).toContain('1 received');
  },
);
