import { parseIp, toIp } from '../core/ip.ts';

/** Who counts as one client: an address, and of IPv6 the network that one machine gets as a whole. */
export function clientOf(remoteAddress: string): string {
  const address = parseIp(remoteAddress);
  if (address === undefined) return remoteAddress;
  const { bytes } = toIp(address.bytes);
  return Buffer.from(bytes.length === 16 ? bytes.subarray(0, 8) : bytes).toString('hex');
}
