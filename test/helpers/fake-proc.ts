import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A process of a /proc that is made up: its name, its command line, and what its files are. */
type FakeProcess = {
  readonly name?: string;
  readonly command?: readonly string[];
  /** What the links in fd/ say, such as socket:[12]. */
  readonly files?: readonly string[];
};

type FakeProc = {
  readonly tcp?: readonly string[];
  readonly tcp6?: readonly string[];
  readonly processes?: Readonly<Record<number, FakeProcess>>;
};

const HEADER = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';

/** A line of /proc/net/tcp as a little-endian machine prints it. */
export function socketLine(local: string, inode: number, state = '0A'): string {
  const rest = `00000000:0000 00:00000000 00000000   999        0 ${inode} 1 0000000000000000 100 0 0 10 0`;
  return `   0: ${local} 00000000:0000 ${state} ${rest}\n`;
}

/** A directory that looks like /proc, gone when the test is over. */
export function fakeProc({ tcp = [], tcp6 = [], processes = {} }: FakeProc): string {
  const proc = mkdtempSync(join(tmpdir(), 'proc-'));
  onTestFinished(() => rmSync(proc, { recursive: true }));
  mkdirSync(join(proc, 'net'));
  writeFileSync(join(proc, 'net', 'tcp'), HEADER + tcp.join(''));
  writeFileSync(join(proc, 'net', 'tcp6'), HEADER + tcp6.join(''));
  for (const [pid, { name = 'x', command = [], files = [] }] of Object.entries(processes)) {
    mkdirSync(join(proc, pid, 'fd'), { recursive: true });
    writeFileSync(join(proc, pid, 'comm'), `${name}\n`);
    writeFileSync(join(proc, pid, 'cmdline'), command.map((word) => `${word}\0`).join(''));
    for (const [i, target] of files.entries()) symlinkSync(target, join(proc, pid, 'fd', String(i)));
  }
  return proc;
}
