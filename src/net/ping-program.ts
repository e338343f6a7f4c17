import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { type IpAddress, parseIp } from '../core/ip.ts';
import { ProbeFailure } from '../core/reason.ts';
import { Subprocess } from './subprocess.ts';

/** One echo request. Without `payloadSize` it carries as much as blackbox_exporter's. */
export type EchoRequest = {
  readonly payloadSize?: number;
  /** Sets the bit in the header of IPv4; routers never fragment IPv6. */
  readonly dontFragment: boolean;
  readonly ttl?: number;
  readonly sourceIp?: string;
  readonly timeoutMs: number;
};

/** The ping of this machine. The one of BusyBox knows fewer options. */
export type PingProgram = { readonly file: string; readonly kind: 'iputils' | 'busybox' };

/** Bytes, as blackbox_exporter sends. Source: prober/icmp.go. */
const PAYLOAD = 28;
/** What fits into an IPv4 packet behind its header and ICMP's, bytes. */
const MOST_PAYLOAD = 65_507;
/** What it may take to say its version, ms. */
const VERSION_MS = 5000;
/** Beyond PATH, which may be short where a service is started. */
const USUAL = ['/usr/bin', '/bin', '/usr/sbin', '/sbin'];
const INSTALL = 'install iputils-ping (Fedora, Arch and Alpine call it iputils)';

/** Where this machine may have its ping. */
export function pingDirectories(path: string = process.env['PATH'] ?? ''): readonly string[] {
  return [...path.split(delimiter).filter(isAbsolute), ...USUAL];
}

/** The first ping in these directories. Rejects with exporter_error when there is none, or none that is known. */
export async function findPing(directories: readonly string[]): Promise<PingProgram> {
  const file = directories.map((directory) => join(directory, 'ping')).find(isProgram);
  if (file === undefined) throw new ProbeFailure('exporter_error', `ping is not installed: ${INSTALL}`);
  const kind = kindOf(await version(file));
  if (kind === undefined)
    throw new ProbeFailure('exporter_error', `${file} is neither the ping of iputils nor BusyBox's: ${INSTALL}`);
  return { file, kind };
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** BusyBox has no such option, and says who it is when it complains. */
async function version(file: string): Promise<string> {
  const child = new Subprocess(file, 'ping', ['-V']);
  const tooLong = setTimeout(() => child.kill(), VERSION_MS);
  try {
    const { stdout, stderr } = await child.ended;
    return `${stdout}\n${stderr}`;
  } finally {
    clearTimeout(tooLong);
  }
}

function kindOf(said: string): PingProgram['kind'] | undefined {
  if (/^ping (?:from|utility,) iputils/m.test(said)) return 'iputils';
  return /^BusyBox v/m.test(said) ? 'busybox' : undefined;
}

/**
 * The arguments for one echo request: options, checked numbers and literal addresses only. Throws exporter_error where this ping cannot
 * do what is asked. Source: ping(8) of iputils; BusyBox, networking/ping.c.
 */
export function pingArguments({ kind }: PingProgram, address: IpAddress, request: EchoRequest): readonly string[] {
  const { payloadSize = PAYLOAD, dontFragment, ttl, sourceIp, timeoutMs } = request;
  const own = kind === 'iputils' ? ['-n', address.family === 6 ? '-6' : '-4'] : [];
  const size = ['-s', whole('a payload', payloadSize, 0, MOST_PAYLOAD)];
  // For the case that nobody is left to end it: the time itself is kept by whoever started it.
  const wait = ['-W', whole('a timeout in seconds', Math.ceil(timeoutMs / 1000) + 1, 1, 86_400)];
  const hops = ttl === undefined ? [] : ['-t', whole('a TTL', ttl, 1, 255)];
  const from = sourceIp === undefined ? [] : ['-I', literal(sourceIp, address.family)];
  const unfragmented = dontFragment && address.family === 4 ? dontFragmentOf(kind) : [];
  return [...own, '-c', '1', ...wait, ...size, ...hops, ...from, ...unfragmented, '--', address.text];
}

function dontFragmentOf(kind: PingProgram['kind']): readonly string[] {
  if (kind === 'iputils') return ['-M', 'do'];
  throw new ProbeFailure('exporter_error', `the ping of BusyBox does not know dont_fragment: ${INSTALL}`);
}

function whole(what: string, value: number, least: number, most: number): string {
  if (Number.isInteger(value) && value >= least && value <= most) return String(value);
  throw new ProbeFailure('exporter_error', `${what} must be a whole number from ${least} to ${most}, not ${value}`);
}

function literal(text: string, family: 4 | 6): string {
  const address = parseIp(text);
  if (address?.family === family) return address.text;
  throw new ProbeFailure('exporter_error', `the source must be an IPv${family} address, as the target's is`);
}
