import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { freePort } from '../e2e-ports.ts';
import { type Program, runWell } from '../e2e-program.ts';
import type { Stage } from '../e2e-stage.ts';

/** Settings of Postfix for one of its servers, on top of main.cf; `through: postscreen` puts that in front of it. */
export type PostfixServer = { readonly through?: 'postscreen'; readonly settings?: Readonly<Record<string, string>> };

const START = { timeout: 20_000, interval: 20 };

/** A running Postfix. */
export type Postfix<Name extends string> = {
  readonly master: Program;
  /** host:port of each server. */
  readonly addresses: Readonly<Record<Name, string>>;
  readonly logFile: string;
  /** What it has logged of its talks so far, one line each. */
  readonly log: () => readonly string[];
};

const MASTER = '/usr/lib/postfix/sbin/master';
/** What the servers need beside them. There is no queue manager: nothing is ever sent. */
const HELPERS = `\
postlog unix-dgram n - n - 1 postlogd
anvil unix - - n - 1 anvil
tlsmgr unix - - n 1000? 1 tlsmgr
smtpd pass - - n - - smtpd
dnsblog unix - - n - 0 dnsblog
`;

/** Debian's Postfix with a configuration, queue and log of its own; its servers listen on free ports of loopback. Needs root. */
export async function startPostfix<Name extends string>(
  stage: Stage,
  servers: Readonly<Record<Name, PostfixServer>>,
): Promise<Postfix<Name>> {
  const at = (name: string) => join(stage.directory, 'postfix', name);
  // Its processes are other users.
  chmodSync(stage.directory, 0o755);
  for (const name of ['queue/pid', 'queue/private', 'queue/public', 'data']) mkdirSync(at(name), { recursive: true });
  await runWell(['chown', 'postfix', at('queue/private'), at('queue/public'), at('data')]);
  const addresses = {} as Record<Name, string>;
  let masterCf = HELPERS;
  for (const [name, { through = 'smtpd', settings = {} }] of Object.entries<PostfixServer>(servers) as [
    Name,
    PostfixServer,
  ][]) {
    const address = `127.0.0.1:${await freePort()}`;
    addresses[name] = address;
    const options = Object.entries(settings).map(([key, value]) => `  -o ${key}=${value}\n`);
    masterCf += `${address} inet n - n - ${through === 'postscreen' ? 1 : '-'} ${through}\n${options.join('')}`;
  }
  stage.write('postfix/etc/master.cf', masterCf);
  stage.write('postfix/etc/main.cf', mainCf(at));
  const master = stage.start([MASTER, '-c', at('etc'), '-d'], { group: true });
  const logFile = at('log');
  const lines = () => (existsSync(logFile) ? readFileSync(logFile, 'utf8').split('\n') : []);
  await vi.waitFor(() => expect(lines().join()).toContain('daemon started'), START);
  const log = () => lines().filter((line) => /postfix\/(smtpd|postscreen)\[/.test(line));
  return { master, addresses, logFile, log };
}

/** As Debian has it, where it matters: the banner, and one client's limits, which hold for loopback too. */
function mainCf(at: (name: string) => string): string {
  return `\
compatibility_level = 3.6
queue_directory = ${at('queue')}
data_directory = ${at('data')}
maillog_file = ${at('log')}
maillog_file_prefixes = ${tmpdir()}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.example.org
smtpd_banner = $myhostname ESMTP $mail_name (Debian/GNU)
mydestination =
local_recipient_maps =
alias_maps =
smtpd_client_event_limit_exceptions =
smtpd_relay_restrictions = reject_unauth_destination
postscreen_access_list =
postscreen_greet_wait = 2s
`;
}
