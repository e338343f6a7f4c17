import { type IpAddress, parseIp } from '../core/ip.ts';
import { ProbeFailure, type Reason } from '../core/reason.ts';
import type { Outcome } from './subprocess.ts';

/** What came back. `rttMs` as ping printed it, from the kernel's time stamps; absent where the payload is too small to hold one. */
export type PingReply = {
  readonly rttMs?: number;
  /** TTL (IPv4) or hop limit (IPv6) that the reply arrived with; absent where the kernel does not tell. */
  readonly hopLimit?: number;
};

/** How much of ping's words is shown. */
const LONGEST_WORDS = 200;
const REPLY = /^\d+ bytes from (\S+): (?:icmp_)?seq=\d+(?: ttl=(\d{1,3}))?(?: time=(\d{1,7}(?:\.\d{1,3})?) ms)?$/m;
/** A reply that is not as it should be: truncated, with a wrong checksum, of somebody else. */
const ODD_REPLY = /^\d+ bytes from .*$/m;
/** The packet went out, and nothing came back. */
const SILENCE = /^1 packets transmitted, 0 (?:packets )?received/m;
const NO_RIGHT = /socket: (?:Operation not permitted|Permission denied)$|permission denied \(are you root\?\)$/m;

/**
 * What ping says when the packet did not get through: its own words for the ICMP error that came back (its only way to tell), then those
 * of the C libraries, glibc's and musl's, for what the kernel said at once. Source: iputils, ping.c and ping6_common.c.
 */
const NO_WAY: readonly (readonly [said: RegExp, reason: Reason])[] = [
  [/^From \S+ icmp_seq=\d+ (?:Destination Net .*|Destination unreachable: No route)$/m, 'network_unreachable'],
  [/^From \S+ icmp_seq=\d+ (?!Redirect|Source Quench).*$/m, 'host_unreachable'],
  [/: (?:connect|send\w+|recv\w+): Network (?:is )?unreachable$/m, 'network_unreachable'],
  [/: (?:connect|send\w+|recv\w+): (?:No route to host|Host is unreachable)$/m, 'host_unreachable'],
  // Larger than the interface or the path takes, and not to be fragmented.
  [/: (?:local error|send\w+): message too (?:long|large).*$/im, 'host_unreachable'],
];

/** What became of one echo request to `address`, by what ping said. Throws ProbeFailure when no proper reply came. */
export function judgePing({ stdout, stderr, code, signal, tooMuch }: Outcome, address: IpAddress): PingReply {
  if (tooMuch) throw new ProbeFailure('exporter_error', 'ping says far more than it should');
  const reply = readReply(stdout, address);
  if (reply !== undefined) return reply;
  const odd = ODD_REPLY.exec(stdout);
  if (odd !== null) throw new ProbeFailure('unexpected_response', `expected an echo reply, got ${quoted(odd[0])}`);
  const said = `${stdout}\n${stderr}`;
  for (const [pattern, reason] of NO_WAY) {
    const found = pattern.exec(said);
    if (found !== null) throw new ProbeFailure(reason, `ping says ${quoted(found[0])}`);
  }
  if (SILENCE.test(stdout)) throw new ProbeFailure('timeout', 'no echo reply');
  if (NO_RIGHT.test(stderr)) throw mayNot(stderr);
  throw new ProbeFailure('exporter_error', ending(stderr, code, signal));
}

/** Who may not start ping, or whose ping may not open its socket. */
export function mayNot(said: string, options?: ErrorOptions): ProbeFailure {
  const cure = 'give it the capability NET_RAW, or its group a place in net.ipv4.ping_group_range';
  return new ProbeFailure('exporter_error', `ping may not send: ${cure} (${quoted(said)})`, options);
}

function readReply(stdout: string, address: IpAddress): PingReply | undefined {
  const [, from = '', hopLimit, rtt] = REPLY.exec(stdout) ?? [];
  const sender = parseIp(from);
  if (sender === undefined || Buffer.compare(sender.bytes, address.bytes) !== 0) return undefined;
  return {
    ...(rtt !== undefined && { rttMs: Number(rtt) }),
    ...(hopLimit !== undefined && { hopLimit: Number(hopLimit) }),
  };
}

function ending(stderr: string, code: number | null, signal: NodeJS.Signals | null): string {
  if (signal === 'SIGKILL') return 'ping hangs, or was ended by somebody else';
  const how = signal === null ? `ended with ${code}` : `was ended by ${signal}`;
  return stderr.trim() === '' ? `ping ${how} and said nothing of a packet` : `ping ${how}: ${quoted(stderr)}`;
}

function quoted(said: string): string {
  return JSON.stringify(
    said
      .replace(/[^\x20-\x7e]+/g, ' ')
      .trim()
      .slice(0, LONGEST_WORDS),
  );
}
