import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { test } from 'vitest';
import { postgresDirectories } from './e2e-alert-services.ts';
import { Stage } from './e2e-stage.ts';

/** What a machine may not have: a program, a right, or the time for a slow test. */
export type Need =
  | 'amtool'
  | 'bash'
  | 'busybox'
  | 'chromium'
  | 'dnsmasq'
  | 'dovecot'
  | 'etcd'
  | 'fail2ban-regex'
  | 'faketime'
  | 'git'
  | 'helm'
  | 'ip'
  | 'iptables'
  | 'mariadbd'
  | 'memcached'
  | 'mosquitto'
  | 'named'
  | 'nats-server'
  | 'nginx'
  | 'nsenter'
  | 'openssl'
  | 'pgbouncer'
  | 'ping'
  | 'postfix'
  | 'postgres'
  | 'prometheus'
  | 'prometheus-alertmanager'
  | 'prometheus-blackbox-exporter'
  | 'promtool'
  | 'rabbitmq-server'
  | 'redis-server'
  | 'root'
  | 'rsync'
  | 'script'
  | 'setpriv'
  | 'slapd'
  | 'squid'
  | 'sshd'
  | 'systemd-analyze'
  | 'tinyproxy'
  | 'unbound'
  | 'vsftpd'
  | 'zookeeper'
  | 'network namespaces'
  | 'E2E_CLONE=1';

/** A test with a stage of its own, cleared when it is over, however it ends. */
export type StagedTest = (title: string, body: (stage: Stage) => Promise<void>) => void;

/** A network of the test's own: what `createNamespace` needs. */
export const NAMESPACE: readonly Need[] = ['root', 'ip', 'iptables', 'nsenter', 'network namespaces'];

/** Debian has it as a library, and starts it by a script of its init system. */
const ZOOKEEPER = '/usr/share/java/zookeeper.jar';
const TEST_MS = 120_000;
const SLOW_TEST_MS = 600_000;
/** What takes its time where others want the machine too. */
const SLOW: readonly Need[] = ['E2E_CLONE=1', 'rabbitmq-server'];
const CLEAR_MS = 30_000;

/**
 * Tests with real programs. Where one of them is not there the test is left out, and the run says so at its end (see LeftOut); with
 * CI=true it fails instead, unless MAY_LACK names the program. Tests of one file run side by side: they mostly wait.
 */
export function needs(...needed: readonly Need[]): StagedTest {
  return (title, body) =>
    test(title, {
      timeout: needed.some((need) => SLOW.includes(need)) ? SLOW_TEST_MS : TEST_MS,
      concurrent: true,
    }, async (context) => {
      const missing = needed.filter((need) => !isHere(need));
      if (missing.length > 0) {
        const why = `needs ${missing.join(', ')}`;
        if (process.env['CI'] === 'true' && !missing.every(mayLack))
          throw new Error(`${why}: with CI=true nothing may be left out`);
        context.skip(why);
      }
      const stage = new Stage();
      context.onTestFailed(() => stage.showOutput());
      context.onTestFinished(() => stage.clear(), CLEAR_MS);
      await body(stage);
    });
}

/** What whoever starts the tests knows to be missing, in words with spaces between them. */
function mayLack(need: Need): boolean {
  return (process.env['MAY_LACK'] ?? '').split(' ').includes(need);
}

function isHere(need: Need): boolean {
  if (need === 'root') return process.getuid?.() === 0;
  if (need === 'E2E_CLONE=1') return process.env['CI'] === 'true' || process.env['E2E_CLONE'] === '1';
  if (need === 'network namespaces') return canUnshare();
  if (need === 'zookeeper') return findProgram('java') !== undefined && existsSync(ZOOKEEPER);
  return findProgram(need) !== undefined;
}

function canUnshare(): boolean {
  const [command, ...args] = ['unshare', '--mount', '--net', 'true'] as const;
  return spawnSync(command, args).status === 0;
}

/** Where a program is, the directories of administrators included, which PATH may not name, and Debian's of PostgreSQL. */
function findProgram(name: string): string | undefined {
  const directories = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin', ...postgresDirectories()];
  return directories.map((directory) => join(directory, name)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
