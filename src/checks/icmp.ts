import { z } from 'zod';
import { toSeconds } from '../core/duration.ts';
import type { CheckSample, ProbeResult } from '../core/result.ts';
import type { Check } from './check.ts';
import type { Echo } from './wire.ts';

/** One echo request, in the words of blackbox_exporter's icmp_probe. Without `payloadSize` it carries 28 bytes. */
export type IcmpOptions = Echo;

/** The families that an echo has samples of, as blackbox_exporter has them. Source: prober/icmp.go. */
const FAMILIES = { duration: 'probe_icmp_duration_seconds', hopLimit: 'probe_icmp_reply_hop_limit' } as const;

const ICMP = {
  name: 'icmp',
  ports: [],
  tls: {},
  form: 'host',
  phase: 'connect',
  transport: () => 'none',
  families: [
    { name: FAMILIES.duration, help: 'How long the phases of an ICMP echo took; 0 for one that did not complete.' },
    { name: FAMILIES.hopLimit, help: 'The hop limit (TTL) that the reply arrived with.' },
  ],
  report,
  async run(talk, options) {
    const { rttMs, setupMs, hopLimit } = await talk.wires.echo(options);
    talk.measuredMs = rttMs;
    if (setupMs !== undefined) talk.sample(FAMILIES.duration, setupMs / 1000, { phase: 'setup' });
    if (hopLimit !== undefined) talk.sample(FAMILIES.hopLimit, hopLimit);
  },
} as const satisfies Partial<Check<IcmpOptions>>;

/**
 * An ICMP echo, sent by the ping of this machine: whether the host is there, and nothing of what listens on it. Source: RFC 792; RFC 4443.
 */
export const icmp: Check<IcmpOptions> = {
  ...ICMP,
  summary: 'an ICMP echo, sent by the `ping` of this machine, is replied to',
  options: z.strictObject({}).transform((): IcmpOptions => ({ dontFragment: false })),
  optionNames: [],
  written: () => ({}),
};

/** The same as the configuration of modules writes it. Source: blackbox_exporter, CONFIGURATION.md, <icmp_probe>. */
export const icmpEcho: Check<IcmpOptions> = {
  ...ICMP,
  summary: 'an ICMP echo, which must be replied to',
  // Made by whoever reads the configuration, never written under `options:`.
  options: z.custom<IcmpOptions>((value) => typeof value === 'object' && value !== null && 'dontFragment' in value),
};

function report({ phases, samples = [] }: ProbeResult): readonly CheckSample[] {
  const setup = samples.find(({ name }) => name === FAMILIES.duration)?.value ?? 0;
  const took = { resolve: phases.resolve ?? 0, setup: setup * 1000, rtt: phases.connect ?? 0 };
  return [
    ...Object.entries(took).map(([phase, ms]) => ({
      name: FAMILIES.duration,
      labels: { phase },
      value: toSeconds(ms),
    })),
    ...samples.filter(({ name }) => name === FAMILIES.hopLimit),
  ];
}
