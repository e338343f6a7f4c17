import { spawn } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { RESERVED_PORTS } from './ports.ts';
import { run } from './processes.ts';

const OUTSIDE = 'PORT_EXPORTER_BENCH_OUTSIDE';

/** True once this process has been started again in a network of its own. */
export function isInsideNamespace(): boolean {
  const outside = process.env[OUTSIDE];
  if (outside === undefined) return false;
  if (outside === currentNamespace()) throw new Error('unshare did not make a new network namespace');
  return true;
}

/**
 * Runs this very command line again in a new network namespace and gives its exit code. An ordinary user gets one
 * through a user namespace; keeping capabilities instead of posing as root is what tcpdump needs there.
 */
export async function enterNamespace(path: string): Promise<number> {
  const how = process.getuid?.() === 0 ? ['--net'] : ['--map-current-user', '--keep-caps', '--net'];
  const args = [...how, '--', process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const env = { ...process.env, PATH: path, [OUTSIDE]: currentNamespace() };
  const child = spawn('unshare', args, { stdio: 'inherit', env });
  const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
  process.on('SIGTERM', forward).on('SIGINT', forward);
  return await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? 'SIGKILL']));
  });
}

/** Loopback only, with room for ten thousand connections at once. */
export async function prepareNamespace(): Promise<void> {
  await run('ip', ['link', 'set', 'lo', 'up']);
  await writeFile('/proc/sys/net/core/somaxconn', '65535');
  await writeFile('/proc/sys/net/ipv4/tcp_max_syn_backlog', '65535');
  await writeFile('/proc/sys/net/ipv4/ip_local_port_range', '1024 65535');
  await writeFile('/proc/sys/net/ipv4/ip_local_reserved_ports', RESERVED_PORTS);
}

function currentNamespace(): string {
  return readlinkSync('/proc/self/ns/net');
}
