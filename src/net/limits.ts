import { readdirSync, readFileSync } from 'node:fs';

const UNKNOWN_LIMIT = 1024;
/** Prometheus with ten thousand targets, all of them hanging, has some 800 requests under way. */
const MOST_CLIENTS = 1024;
const LEAST_CLIENTS = 8;

/**
 * How many sockets probes may hold open at once: the limit of open files, less what is open already, less what clients may hold, less a
 * reserve for name look-ups and files. Source: proc(5), /proc/[pid]/limits. (Node raises the soft limit to the hard one when it starts.)
 */
export function openFileBudget(procSelf = '/proc/self'): number {
  const limit = softLimit(procSelf);
  const reserve = Math.min(256, Math.floor(limit / 5)) + clientBudget(procSelf);
  return Math.max(8, limit - openFiles(procSelf) - reserve);
}

/** How many connections clients of the web side may hold open at once: an eighth of the open files. */
export function clientBudget(procSelf = '/proc/self'): number {
  return Math.max(LEAST_CLIENTS, Math.min(MOST_CLIENTS, Math.floor(softLimit(procSelf) / 8)));
}

/** The ports that the kernel picks for our end of a connection, first and last. Source: ip-sysctl, ip_local_port_range. */
export function localPortRange(
  file = '/proc/sys/net/ipv4/ip_local_port_range',
): readonly [first: number, last: number] {
  const [first = Number.NaN, last = Number.NaN] = readOr(file, '1024 65535').trim().split(/\s+/).map(Number);
  return [first, last];
}

function softLimit(procSelf: string): number {
  const found = /^Max open files\s+(\d+|unlimited)/m.exec(readOr(`${procSelf}/limits`, ''));
  if (found === null) return UNKNOWN_LIMIT;
  return found[1] === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(found[1]);
}

function openFiles(procSelf: string): number {
  try {
    return readdirSync(`${procSelf}/fd`).length;
  } catch {
    return 32;
  }
}

function readOr(file: string, otherwise: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return otherwise;
  }
}
