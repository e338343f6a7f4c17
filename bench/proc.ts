import { readdir, readFile } from 'node:fs/promises';

/** CPU time a process has used so far, all threads, in seconds with nanosecond counters. */
export async function cpuSeconds(pid: number): Promise<number> {
  const threads = await readdir(`/proc/${pid}/task`);
  const used = await Promise.all(threads.map((thread) => threadNanoseconds(`/proc/${pid}/task/${thread}/schedstat`)));
  const total = used.reduce((sum, nanoseconds) => sum + nanoseconds, 0);
  if (total === 0) throw new Error('this kernel does not count CPU time in /proc/PID/schedstat');
  return total / 1e9;
}

async function threadNanoseconds(file: string): Promise<number> {
  return Number((await readFile(file, 'utf8')).split(' ')[0]);
}

export type Memory = { readonly resident: number; readonly peak: number };

/** Resident memory now and its highest value since the start, in bytes. */
export async function memory(pid: number): Promise<Memory> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return { resident: kilobytes(status, 'VmRSS') * 1024, peak: kilobytes(status, 'VmHWM') * 1024 };
}

function kilobytes(status: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]);
}

/** How many files, sockets included, a process has open. */
export async function descriptors(pid: number): Promise<number> {
  return (await readdir(`/proc/${pid}/fd`)).length;
}

/** TCP connections accepted in this network namespace so far, whoever accepted them. */
export async function connectionsAccepted(): Promise<number> {
  const lines = (await readFile('/proc/self/net/snmp', 'utf8')).split('\n').filter((line) => line.startsWith('Tcp:'));
  const [names = [], values = []] = lines.map((line) => line.split(' '));
  return Number(values[names.indexOf('PassiveOpens')]);
}

/** How many files a process that we start may have open. */
export async function openFileLimit(): Promise<number> {
  const limits = await readFile('/proc/self/limits', 'utf8');
  return Number(/^Max open files\s+\d+\s+(\d+)/m.exec(limits)?.[1]);
}
