import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pace } from './pace.ts';

/**
 * A process as it calls itself: `name` is at most 15 characters long. `command` is its command line, which may hold secrets: to be
 * compared, never to be shown; empty unless it was asked for.
 */
export type Process = { readonly pid: number; readonly name: string; readonly command: readonly string[] };

/** The class that Java runs stands behind a class path of several kilobytes. */
const MOST_COMMAND = 64 * 1024;

/** The process of that number, with its command line where `needsCommand` says so of its name; undefined when it has ended. */
export async function processOf(
  pid: number,
  needsCommand: (name: string) => boolean,
  pace: Pace,
  procDir = '/proc',
): Promise<Process | undefined> {
  const directory = join(procDir, String(pid));
  const comm = await pace.within(readFile(join(directory, 'comm'), 'utf8'));
  if (comm === undefined) return undefined;
  const name = comm.replace(/\n$/, '');
  // The kernel makes whoever reads it wait while the process changes its memory, which may be long.
  const command = needsCommand(name) ? await pace.within(commandLine(join(directory, 'cmdline'))) : undefined;
  return { pid, name, command: command ?? [] };
}

async function commandLine(path: string): Promise<readonly string[]> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MOST_COMMAND), 0, MOST_COMMAND, null);
    return buffer
      .toString('utf8', 0, bytesRead)
      .split('\0')
      .filter((word) => word !== '');
  } finally {
    await file.close();
  }
}
