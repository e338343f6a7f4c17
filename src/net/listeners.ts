import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Endpoint } from '../core/endpoint.ts';
import type { IpAddress } from '../core/ip.ts';
import { type ListeningSocket, readSocket, TABLES } from './listening-sockets.ts';

const LOOPBACK_4 = '127.0.0.1';
const LOOPBACK_6 = '::1';

/** One place to probe on this machine: how it can be reached from here, and the sockets behind it. */
export type Place = { readonly endpoint: Endpoint; readonly sockets: readonly ListeningSocket[] };

/** What listens on TCP on this machine, as it can be reached from here, sorted by port. Empty where there is no /proc/net/tcp. */
export function localListeners(procDir = '/proc'): Endpoint[] {
  const sockets = TABLES.flatMap((table) => read(join(procDir, 'net', table)).split('\n')).flatMap((line) => {
    const socket = readSocket(line);
    return socket === undefined || socket === 'other' ? [] : [socket];
  });
  return placesOf(sockets, procDir).map(({ endpoint }) => endpoint);
}

/** The places that sockets are, link-local ones left out, sorted by port. */
export function placesOf(sockets: readonly ListeningSocket[], procDir = '/proc'): Place[] {
  const byPort = new Map<number, ListeningSocket[]>();
  for (const socket of sockets) {
    if (isLinkLocal(socket.address)) continue;
    const same = byPort.get(socket.port);
    if (same === undefined) byPort.set(socket.port, [socket]);
    else same.push(socket);
  }
  const anyHost = hasLoopback6(procDir) ? LOOPBACK_6 : LOOPBACK_4;
  return Array.from(byPort)
    .sort(([a], [b]) => a - b)
    .flatMap(([port, same]) => placesOfPort(port, same, anyHost));
}

/** 169.254.0.0/16 and fe80::/10. */
function isLinkLocal({ family, bytes }: IpAddress): boolean {
  return family === 4 ? bytes[0] === 169 && bytes[1] === 254 : bytes[0] === 0xfe && ((bytes[1] ?? 0) & 0xc0) === 0x80;
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

function placesOfPort(port: number, sockets: readonly ListeningSocket[], anyHost: string): Place[] {
  const [first, ...more] = sockets;
  // Nearly every port has one socket, and there may be thousands of ports.
  if (first !== undefined && more.length === 0)
    return [{ endpoint: { host: reachedBy(first.address.text, anyHost), port }, sockets }];
  const addresses = sockets.map(({ address }) => address);
  const hosts = new Map(hostsOf(addresses, anyHost).map((host) => [host, [] as ListeningSocket[]]));
  const instead = hosts.get(anyHost) ?? hosts.get(LOOPBACK_4);
  for (const socket of sockets) (hosts.get(socket.address.text) ?? instead)?.push(socket);
  return Array.from(hosts, ([host, behind]) => ({ endpoint: { host, port }, sockets: behind }));
}

function reachedBy(address: string, anyHost: string): string {
  if (address === '0.0.0.0') return LOOPBACK_4;
  return address === '::' ? anyHost : address;
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
