import { readdirSync, readlinkSync } from 'node:fs';
import { vi } from 'vitest';
import type { Exporter } from './e2e-exporter.ts';

/** How many files a process has open, sockets included. */
function openFiles(pid: number): number {
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

/** The same as openThings once it stays the same: right after a scrape some of it is about to be closed. */
export async function thingsAtRest(exporter: Exporter): Promise<Readonly<Record<string, number>>> {
  let [last, same] = ['', 0];
  return vi.waitFor(
    async () => {
      const things = await openThings(exporter);
      const text = JSON.stringify(things);
      same = text === last ? same + 1 : 0;
      last = text;
      if (same < 2) throw new Error(`still changing: ${text}`);
      return things;
    },
    { timeout: 20_000, interval: 100 },
  );
}

/** All that an exporter holds: open files, and what keeps its event loop busy (timers, look-ups, sockets), by kind. */
export async function openThings(exporter: Exporter): Promise<Readonly<Record<string, number>>> {
  const samples = await exporter.scrape('/metrics?collect[]=exporter');
  const kinds = samples.of('nodejs_active_resources').map(({ labels, value }) => [labels['type'], value]);
  return { files: openFiles(exporter.program.pid), ...Object.fromEntries(kinds) };
}
