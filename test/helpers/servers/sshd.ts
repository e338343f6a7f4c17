import { join } from 'node:path';
import { freePort } from '../e2e-ports.ts';
import { type Program, run, runWell } from '../e2e-program.ts';
import type { Stage } from '../e2e-stage.ts';

/** A running sshd. */
export type Sshd = {
  readonly address: string;
  readonly port: number;
  readonly program: Program;
  /** What it has logged of its visitors so far, at its usual log level. */
  readonly log: () => readonly string[];
};

/** It wants /run/sshd, which a package or systemd makes: here in a /run that only it sees. */
const IN_ITS_OWN_RUN = `
mount -t tmpfs tmpfs /run && mkdir -m 755 /run/sshd || exit
PATH=$PATH:/usr/sbin:/sbin
exec "$(command -v sshd)" "$@"`;

/** Debian's sshd with a host key and configuration of its own on a free port of loopback. Needs root and a mount namespace. */
export async function startSshd(stage: Stage, settings: readonly string[] = []): Promise<Sshd> {
  const port = await freePort();
  const name = `sshd-${port}`;
  const key = join(stage.directory, `${name}-key`);
  await runWell(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', key]);
  const lines = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${key}`,
    'PidFile none',
    'UsePAM no',
    'MaxStartups 100',
  ];
  const own = new Set(settings.map((line) => line.split(' ')[0]));
  const kept = lines.filter((line) => !own.has(line.split(' ')[0]));
  const file = stage.write(`${name}.conf`, [...kept, ...settings, ''].join('\n'));
  const program = stage.start(['unshare', '--mount', 'sh', '-c', IN_ITS_OWN_RUN, 'sh', '-D', '-e', '-f', file]);
  await program.said(/Server listening on/);
  const log = () =>
    program.stderr.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith('Server listening'));
  return { address: `127.0.0.1:${port}`, port, program, log };
}

/** How many of these lines fail2ban's stock filter takes for an attack. `perVisit`: as many lines in a row are of one connection. */
export async function banned(
  stage: Stage,
  lines: readonly string[],
  { mode, perVisit }: { readonly mode: 'normal' | 'aggressive'; readonly perVisit: number },
): Promise<number> {
  const log = lines.map((line, i) => `Nov 22 12:00:00 host sshd[${1000 + Math.floor(i / perVisit)}]: ${line}\n`);
  const file = stage.write(`auth-${mode}-${perVisit}.log`, log.join(''));
  const { stdout } = await run(['fail2ban-regex', file, `sshd[mode=${mode}]`]);
  const matched = /Lines: (\d+) lines, \d+ ignored, (\d+) matched/.exec(stdout);
  if (matched?.[1] !== String(lines.length)) throw new Error(`fail2ban-regex: ${stdout}`);
  return Number(matched[2]);
}
