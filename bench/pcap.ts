/** One TCP handshake as it went over the wire; times in nanoseconds since the first packet of the capture. */
export type Handshake = {
  readonly clientPort: number;
  readonly sentAt: number;
  answeredAt: number | undefined;
};

/** All handshakes of a capture, by the address that was called. */
export type Handshakes = ReadonlyMap<string, readonly Handshake[]>;

type Packet = { readonly at: number; readonly frame: Buffer };

const NANOSECOND_MAGIC = 0xa1b23c4d;
const ETHERNET = 1;
const SYN = 0x02;
const SYN_ACK = 0x12;

/** Reads a capture file (libpcap, little endian, nanoseconds, Ethernet) that holds SYN and SYN/ACK of IPv4. */
export function handshakes(capture: Buffer): Handshakes {
  const seen = new Map<string, Handshake[]>();
  for (const packet of packets(capture)) note(seen, packet);
  return seen;
}

function* packets(capture: Buffer): Generator<Packet> {
  if (capture.length < 24 || capture.readUInt32LE(0) !== NANOSECOND_MAGIC) throw new Error('not a nanosecond capture');
  if (capture.readUInt32LE(20) !== ETHERNET) throw new Error('not an Ethernet capture');
  const origin = capture.length > 24 ? capture.readUInt32LE(24) : 0;
  for (let offset = 24; offset + 16 <= capture.length; ) {
    const at = (capture.readUInt32LE(offset) - origin) * 1e9 + capture.readUInt32LE(offset + 4);
    const length = capture.readUInt32LE(offset + 8);
    yield { at, frame: capture.subarray(offset + 16, offset + 16 + length) };
    offset += 16 + length;
  }
}

function note(seen: Map<string, Handshake[]>, { at, frame }: Packet): void {
  const ip = frame.subarray(14);
  const tcp = ip.subarray(((ip[0] ?? 0) & 0x0f) * 4);
  const flags = (tcp[13] ?? 0) & SYN_ACK;
  if (flags === SYN) noteCall(seen, address(ip, 16), tcp.readUInt16BE(0), at);
  if (flags === SYN_ACK) noteAnswer(seen, address(ip, 12), tcp.readUInt16BE(2), at);
}

// A repeated SYN belongs to the call that sent the first one.
function noteCall(seen: Map<string, Handshake[]>, host: string, clientPort: number, at: number): void {
  const calls = seen.get(host) ?? [];
  if (calls.some((call) => call.clientPort === clientPort)) return;
  calls.push({ clientPort, sentAt: at, answeredAt: undefined });
  seen.set(host, calls);
}

function noteAnswer(seen: Map<string, Handshake[]>, host: string, clientPort: number, at: number): void {
  const call = seen.get(host)?.find((candidate) => candidate.clientPort === clientPort);
  if (call !== undefined) call.answeredAt ??= at;
}

function address(ip: Buffer, offset: number): string {
  return ip.subarray(offset, offset + 4).join('.');
}
