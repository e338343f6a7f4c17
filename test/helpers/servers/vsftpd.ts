import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { visit } from '../checks.ts';
import { freePort } from '../e2e-ports.ts';
import type { Program } from '../e2e-program.ts';
import type { Stage } from '../e2e-stage.ts';

/** A running vsftpd. */
export type Vsftpd = {
  readonly listener: Program;
  readonly address: string;
  readonly logFile: string;
  /** What it has logged so far, one line each. */
  readonly log: () => readonly string[];
};

/** Debian's vsftpd with a configuration and log of its own, on a free port of loopback. Needs root. */
export async function startVsftpd(stage: Stage, settings: Readonly<Record<string, string>> = {}): Promise<Vsftpd> {
  const port = await freePort();
  const at = (name: string) => join(stage.directory, `vsftpd-${port}`, name);
  mkdirSync(at('empty'), { recursive: true });
  const all = {
    listen: 'YES',
    listen_address: '127.0.0.1',
    listen_port: `${port}`,
    background: 'NO',
    anonymous_enable: 'NO',
    local_enable: 'YES',
    // As in Debian's own configuration: a line for each connection.
    xferlog_enable: 'YES',
    vsftpd_log_file: at('log'),
    secure_chroot_dir: at('empty'),
    ...settings,
  };
  const lines = Object.entries(all).map(([key, value]) => `${key}=${value}\n`);
  const file = stage.write(`vsftpd-${port}/vsftpd.conf`, lines.join(''));
  const listener = stage.start(['vsftpd', file], { group: true });
  const address = `127.0.0.1:${port}`;
  const log = () => (existsSync(at('log')) ? readFileSync(at('log'), 'utf8').split('\n').slice(0, -1) : []);
  await vi.waitFor(async () => expect((await visit(address, {})).failure).toBeUndefined(), { timeout: 20_000 });
  return { listener, address, logFile: at('log'), log };
}
