import { type Dir, opendirSync, readlinkSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pace } from './pace.ts';

/** Files of one process that are looked at: what listens was opened early, and stands before a hundred thousand connections. */
const MOST_FILES = 10_000;
/** How many names of a directory are read at a time. */
const BATCH = 64;
/** It holds sockets for services that it has not started yet: whoever else has one open is the better answer. */
const INIT = 1;

/**
 * Which process has each of these sockets open, by the sockets' inodes: a process and not the workers that it has made. Those that this
 * user may not see, and those that nobody was found for before the pace was over, are left out.
 */
export async function socketOwners(
  inodes: Iterable<string>,
  pace: Pace,
  procDir = '/proc',
): Promise<ReadonlyMap<string, number>> {
  const search: Search = { procDir, pace, wanted: new Set(inodes), owners: new Map() };
  search.wanted.delete('');
  for (const pid of inOrder(await processIds(procDir))) {
    if (search.wanted.size === 0 || pace.isOver) break;
    if (pace.isDue) await pace.turn();
    await lookThrough(pid, search);
  }
  return search.owners;
}

type Search = {
  readonly procDir: string;
  readonly pace: Pace;
  readonly wanted: Set<string>;
  readonly owners: Map<string, number>;
};

async function processIds(procDir: string): Promise<number[]> {
  try {
    const names = await readdir(procDir);
    return names.filter((name) => /^\d+$/.test(name)).map(Number);
  } catch {
    return [];
  }
}

/** This process first, which is sure to be seen; of others the eldest, who made the others. */
function inOrder(pids: readonly number[]): number[] {
  const rank = (pid: number) => (pid === process.pid ? 0 : pid === INIT ? 2 : 1);
  return pids.toSorted((a, b) => rank(a) - rank(b) || a - b);
}

/**
 * Looks at the open files of one process. Synchronously, a millisecond at a time: /proc makes nobody wait, while a way through the thread
 * pool for each file would cost ten times as much.
 */
async function lookThrough(pid: number, search: Search): Promise<void> {
  const files = join(search.procDir, String(pid), 'fd');
  let directory: Dir | undefined;
  try {
    directory = opendirSync(files, { bufferSize: BATCH });
    for (let count = 0; count < MOST_FILES && search.wanted.size > 0; count++) {
      if (search.pace.isDue) await search.pace.turn();
      if (search.pace.isOver) return;
      const entry = directory.readSync();
      if (entry === null) return;
      note(pid, join(files, entry.name), search);
    }
  } catch {
    // Somebody else's, or it has ended meanwhile.
  } finally {
    directory?.closeSync();
  }
}

function note(pid: number, file: string, { wanted, owners }: Search): void {
  let link: string;
  try {
    link = readlinkSync(file);
  } catch {
    // Closed meanwhile.
    return;
  }
  const inode = /^socket:\[(\d+)\]$/.exec(link)?.[1];
  if (inode !== undefined && wanted.delete(inode)) owners.set(inode, pid);
}
