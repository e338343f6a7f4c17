import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Endpoint } from '../core/endpoint.ts';
import { cidrContains, type IpAddress, parseCidr, toIp } from '../core/ip.ts';

/** The state "listening" in /proc/net/tcp. Source: Linux, include/net/tcp_states.h. */
const LISTEN = '0A';
const LINK_LOCAL = ['169.254.0.0/16', 'fe80::/10'].flatMap((text) => parseCidr(text) ?? []);
const LOOPBACK_4 = '127.0.0.1';
const LOOPBACK_6 = '::1';

type Socket = { readonly address: IpAddress; readonly port: number };

/** What listens on TCP on this machine, as it can be reached from here, sorted by port. Empty where there is no /proc/net/tcp. */
export function localListeners(procDir = '/proc'): Endpoint[] {
  const sockets = ['tcp', 'tcp6'].flatMap((table) => parseTable(read(join(procDir, 'net', table))));
  const byPort = new Map<number, IpAddress[]>();
  for (const { address, port } of sockets) {
    const same = byPort.get(port);
    if (same === undefined) byPort.set(port, [address]);
    else same.push(address);
  }
  const anyHost = hasLoopback6(procDir) ? LOOPBACK_6 : LOOPBACK_4;
  return Array.from(byPort)
    .sort(([a], [b]) => a - b)
    .flatMap(([port, addresses]) => hostsOf(addresses, anyHost).map((host) => ({ host, port })));
}

/**
 * Whether ::1 is there. A socket on all IPv6 addresses usually takes IPv4 as well, but not surely; ::1 reaches it in any case, except on
 * a machine without IPv6 addresses, where it can only have been meant for IPv4.
 */
function hasLoopback6(procDir: string): boolean {
  return read(join(procDir, 'net', 'if_inet6')).includes('00000000000000000000000000000001');
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // Another system, IPv6 switched off, or /proc hidden: nothing to discover then.
    return '';
  }
}

function parseTable(text: string): Socket[] {
  return text.split('\n').flatMap((line) => {
    const found = /^\s*\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) \S+ ([0-9A-F]{2}) /.exec(line);
    if (found === null || found[3] !== LISTEN) return [];
    const address = toIp(bytesOf(found[1] ?? ''));
    const port = Number.parseInt(found[2] ?? '', 16);
    return LINK_LOCAL.some((block) => cidrContains(block, address)) ? [] : [{ address, port }];
  });
}

/** The kernel prints each 32 bits of the address as one number in this machine's byte order: written back as one, the bytes are right. */
function bytesOf(hex: string): Uint8Array {
  const words = hex.match(/.{8}/g) ?? [];
  return new Uint8Array(Uint32Array.from(words, (word) => Number.parseInt(word, 16)).buffer);
}

/**
 * The hosts to probe for one port. A socket on all addresses is one place; sockets on different addresses are different places, but
 * 127.0.0.1 and ::1 of one port are one service bound to both.
 */
function hostsOf(addresses: readonly IpAddress[], anyHost: string): string[] {
  const four = addresses.filter(({ family }) => family === 4).map(({ text }) => text);
  if (four.includes('0.0.0.0')) return [LOOPBACK_4];
  const six = addresses.filter(({ family }) => family === 6).map(({ text }) => text);
  const rest = six.includes('::') ? [anyHost] : six;
  const wanted = four.includes(LOOPBACK_4) ? rest.filter((text) => text !== LOOPBACK_6) : rest;
  return [...new Set([...four, ...wanted])].sort();
}
