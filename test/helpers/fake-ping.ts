import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { parseIp } from '../../src/core/ip.ts';
import { systemClock } from '../../src/net/clock.ts';
import { Pings, type PingsOptions } from '../../src/net/ping.ts';
import type { EchoRequest } from '../../src/net/ping-program.ts';

const IPUTILS = `[ "$1" = -V ] && echo 'ping from iputils 20221126' && exit 0`;
const BUSYBOX = `[ "$1" = -V ] && printf "ping: invalid option -- 'V'\\nBusyBox v1.36.1 (2024-06-10) multi-call binary.\\n" >&2 && exit 1`;

/** Replaced where a fake ping is to have its own directory in its script. */
const HERE = '@HERE@';

/** A ping that is a script of the test's own, and what it has noted in its log. */
export type FakePing = {
  readonly directory: string;
  readonly pings: Pings;
  readonly log: () => readonly string[];
};

/** A script that stands in for ping until the test is over. `note` in it writes a line into the log. */
export function fakePing(
  script: string,
  how: 'iputils' | 'busybox' | 'neither' = 'iputils',
  options?: PingsOptions,
): FakePing {
  const directory = emptyDirectory();
  const about = { iputils: IPUTILS, busybox: BUSYBOX, neither: '' }[how];
  const text = `#!/bin/sh\n${about}\nnote() { printf '%s\\n' "$*" >>'${HERE}/log'; }\n${script}\n`.replaceAll(
    HERE,
    directory,
  );
  writeFileSync(join(directory, 'log'), '');
  install(directory, text);
  return {
    directory,
    pings: new Pings(systemClock, { directories: [directory], ...options }),
    log: () => readFileSync(join(directory, 'log'), 'utf8').split('\n').filter(Boolean),
  };
}

/** Puts a script called ping into the directory. */
export function install(directory: string, text: string): void {
  writeFileSync(join(directory, 'ping'), text);
  chmodSync(join(directory, 'ping'), 0o755);
}

export function emptyDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'ping-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Asks for one echo; 5 seconds are enough for what a test waits for. */
export function ask(pings: Pings, host = '127.0.0.1', request: Partial<EchoRequest> = {}) {
  const address = parseIp(host);
  if (address === undefined) throw new Error(`${host} is no address`);
  return pings.ping(address, { dontFragment: false, timeoutMs: 5000, ...request });
}
