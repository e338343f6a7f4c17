import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { freePort } from '../e2e-ports.ts';
import type { Program } from '../e2e-program.ts';
import type { Stage } from '../e2e-stage.ts';

const PROTOCOLS = ['imap', 'imaps', 'pop3', 'pop3s'] as const;
type Protocol = (typeof PROTOCOLS)[number];

const START = { timeout: 20_000, interval: 20 };

/** A running Dovecot. */
export type Dovecot = {
  readonly master: Program;
  /** host:port of each protocol. */
  readonly addresses: Readonly<Record<Protocol, string>>;
  readonly logFile: string;
  /** What it has logged of its talks so far, one line each. */
  readonly log: () => readonly string[];
};

export type DovecotOptions = {
  /** With a key, in PEM. Without it there is no TLS. */
  readonly certificate?: { readonly cert: Buffer; readonly key: Buffer };
};

/** Debian's Dovecot with a configuration, directory and log of its own; it listens on free ports of loopback. Needs root. */
export async function startDovecot(stage: Stage, options: DovecotOptions = {}): Promise<Dovecot> {
  // Its processes are other users.
  chmodSync(stage.directory, 0o755);
  const ports = { imap: await freePort(), imaps: await freePort(), pop3: await freePort(), pop3s: await freePort() };
  const name = `dovecot-${ports.imap}`;
  const file = stage.write(`${name}/dovecot.conf`, configuration(stage, name, ports, options));
  const logFile = join(stage.directory, name, 'log');
  const master = stage.start(['dovecot', '-F', '-c', file], { group: true });
  const lines = () => (existsSync(logFile) ? readFileSync(logFile, 'utf8').split('\n') : []);
  await vi.waitFor(() => expect(lines().join()).toContain('starting up'), START);
  const addresses = PROTOCOLS.map((protocol) => [protocol, `127.0.0.1:${ports[protocol]}`]);
  const log = () => lines().filter((line) => /(imap|pop3)-login: /.test(line));
  return { master, addresses: Object.fromEntries(addresses), logFile, log };
}

function configuration(
  stage: Stage,
  name: string,
  ports: Readonly<Record<Protocol, number>>,
  { certificate }: DovecotOptions,
): string {
  const at = (file: string) => join(stage.directory, name, file);
  const listener = (protocol: Protocol) => `  inet_listener ${protocol} {\n    port = ${ports[protocol]}\n  }\n`;
  const tls = ['ssl = no'];
  if (certificate !== undefined) {
    const cert = stage.write(`${name}/cert.pem`, certificate.cert.toString());
    const key = stage.write(`${name}/key.pem`, certificate.key.toString());
    tls.splice(0, 1, 'ssl = yes', `ssl_cert = <${cert}`, `ssl_key = <${key}`);
  }
  return `\
base_dir = ${at('run')}
state_dir = ${at('state')}
log_path = ${at('log')}
listen = 127.0.0.1
protocols = imap pop3
${tls.join('\n')}
passdb {
  driver = static
  args = password=secret
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=${at('home')}
}
service imap-login {
${listener('imap')}${listener('imaps')}}
service pop3-login {
${listener('pop3')}${listener('pop3s')}}
`;
}
