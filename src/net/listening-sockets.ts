import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { type IpAddress, toIp } from '../core/ip.ts';
import type { Pace } from './pace.ts';

/** A socket that listens on TCP on this machine. `inode`: its number, by which it is found in the process that has it open; '' unknown. */
export type ListeningSocket = { readonly address: IpAddress; readonly port: number; readonly inode: string };

/** The state "listening" in /proc/net/tcp. Source: Linux, include/net/tcp_states.h. */
const LISTEN = '0A';
/** Source: Linux, Documentation/networking/proc_net_tcp.rst. */
const LINE = /^\s*\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) \S+ ([0-9A-F]{2}) (?:\S+ \S+ \S+\s+\d+\s+\d+ (\d+) )?/;
/** Both tables of sockets. */
export const TABLES = ['tcp', 'tcp6'] as const;
/** The kernel gives a page at a time. */
const PAGE = 4096;
const MOST_SOCKETS = 20_000;

/** The listening socket that a line of the table is; 'other' for a connection, undefined for what is no line of it. */
export function readSocket(line: string): ListeningSocket | 'other' | undefined {
  const found = LINE.exec(line);
  if (found === null) return undefined;
  if (found[3] !== LISTEN) return 'other';
  return {
    address: toIp(bytesOf(found[1] ?? '')),
    port: Number.parseInt(found[2] ?? '', 16),
    inode: found[4] ?? '',
  };
}

/** The kernel prints each 32 bits of the address as one number in this machine's byte order: written back as one, the bytes are right. */
function bytesOf(hex: string): Uint8Array {
  const words = hex.match(/.{8}/g) ?? [];
  return new Uint8Array(Uint32Array.from(words, (word) => Number.parseInt(word, 16)).buffer);
}

/**
 * What listens on TCP on this machine, as far as the pace lets it be read; undefined where there is no /proc/net/tcp. Listening sockets
 * stand before all others, so a hundred thousand connections behind them cost nothing.
 */
export async function listeningSockets(pace: Pace, procDir = '/proc'): Promise<readonly ListeningSocket[] | undefined> {
  const found: ListeningSocket[] = [];
  let isTold = false;
  for (const table of TABLES) {
    let file: FileHandle;
    try {
      file = await open(join(procDir, 'net', table));
    } catch {
      // Another system, IPv6 switched off, or /proc hidden.
      continue;
    }
    try {
      isTold = true;
      await readTable(file, pace, found);
    } finally {
      await file.close();
    }
  }
  return isTold ? found : undefined;
}

async function readTable(file: FileHandle, pace: Pace, found: ListeningSocket[]): Promise<void> {
  const page = Buffer.allocUnsafe(PAGE);
  let rest = '';
  while (!pace.isOver && found.length < MOST_SOCKETS) {
    const { bytesRead } = await file.read(page, 0, PAGE, null);
    if (bytesRead === 0) return;
    const lines = (rest + page.toString('latin1', 0, bytesRead)).split('\n');
    rest = lines.pop() ?? '';
    if (!takeIn(lines, found)) return;
  }
}

/** Whether more may follow. */
function takeIn(lines: readonly string[], found: ListeningSocket[]): boolean {
  for (const line of lines) {
    const socket = readSocket(line);
    if (socket === 'other') return false;
    if (socket !== undefined) found.push(socket);
  }
  return true;
}
