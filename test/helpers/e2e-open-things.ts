import { readdirSync, readlinkSync } from 'node:fs';
import type { Exporter } from './e2e-exporter.ts';

/** How many files a process has open, sockets included. */
export function openFiles(pid: number): number {
  return linksOf(pid).length;
}

export function openSockets(pid: number): number {
  return linksOf(pid).filter((link) => link.startsWith('socket:')).length;
}

function linksOf(pid: number): readonly string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
    } catch {
      // Closed meanwhile.
      return [];
    }
  });
}

/** All that an exporter at rest holds: open files, and what keeps its event loop busy (timers, look-ups, sockets), by kind. */
export async function openThings(exporter: Exporter): Promise<Readonly<Record<string, number>>> {
  const samples = await exporter.scrape('/metrics?collect[]=exporter');
  const kinds = samples.of('nodejs_active_resources').map(({ labels, value }) => [labels['type'], value]);
  return { files: openFiles(exporter.program.pid), ...Object.fromEntries(kinds) };
}
