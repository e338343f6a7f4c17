/** One echo request, in the words of blackbox_exporter's icmp_probe. Without `payloadSize` it carries 28 bytes. */
export type IcmpOptions = {
  readonly payloadSize?: number;
  readonly dontFragment: boolean;
  readonly ttl?: number;
};

/** The families that an echo has samples of, as blackbox_exporter has them (prober/icmp.go). */
export const ICMP_FAMILIES = {
  duration: 'probe_icmp_duration_seconds',
  hopLimit: 'probe_icmp_reply_hop_limit',
} as const;

/** The values of `phase` in its durations: the look-up, everything around the packet, and the way there and back. */
export const ICMP_PHASES = ['resolve', 'setup', 'rtt'] as const;
