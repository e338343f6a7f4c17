import { networkInterfaces } from 'node:os';
import type { Endpoint } from '../core/endpoint.ts';
import { type IpAddress, parseIp } from '../core/ip.ts';
import type { Place } from './listeners.ts';
import type { Pace } from './pace.ts';
import { type Process, processOf } from './processes.ts';
import { socketOwners } from './socket-owners.ts';

/** A place, and the process behind it where that may be known. */
export type Listener = { readonly endpoint: Endpoint; readonly process?: Process };

/** The places with their processes, as far as the pace and the rights of this user go. `needsCommand`: as in `processOf`. */
export async function withProcesses(
  places: readonly Place[],
  needsCommand: (name: string) => boolean,
  pace: Pace,
  procDir = '/proc',
): Promise<readonly Listener[]> {
  const inodes = places.flatMap(({ sockets }) => sockets.map(({ inode }) => inode));
  const owners = await socketOwners(inodes, pace, procDir);
  const processes = new Map<number, Process>();
  for (const pid of new Set(owners.values())) {
    if (pace.isOver) break;
    const found = await processOf(pid, needsCommand, pace, procDir);
    if (found !== undefined) processes.set(pid, found);
  }
  return places.map(({ endpoint, sockets }) => {
    const pids = sockets.flatMap(({ inode }) => owners.get(inode) ?? []);
    const process = pids.flatMap((pid) => processes.get(pid) ?? [])[0];
    return process === undefined ? { endpoint } : { endpoint, process };
  });
}

/** Every address of this machine's interfaces. */
export function machineAddresses(): IpAddress[] {
  return Object.values(networkInterfaces())
    .flat()
    .flatMap((one) => (one === undefined ? [] : (parseIp(one.address) ?? [])));
}
