import { toSeconds } from '../core/duration.ts';
import type { CheckSample, ProbeResult } from '../core/result.ts';
import type { CheckFamily } from './check.ts';

/** The families that a query has samples of. */
export const QUERY_FAMILIES = {
  duration: 'probe_dns_duration_seconds',
  answer: 'probe_dns_answer_rrs',
  authority: 'probe_dns_authority_rrs',
  additional: 'probe_dns_additional_rrs',
  succeeded: 'probe_dns_query_succeeded',
  serial: 'probe_dns_serial',
} as const;

export const QUERY_FAMILY_LIST: readonly CheckFamily[] = [
  {
    name: QUERY_FAMILIES.duration,
    help: 'How long each phase of a DNS query took; 0 for one that did not complete.',
  },
  { name: QUERY_FAMILIES.answer, help: 'How many records answer a DNS query; 0 without a reply.' },
  {
    name: QUERY_FAMILIES.authority,
    help: 'How many records the authority section of the reply has; 0 without a reply.',
  },
  {
    name: QUERY_FAMILIES.additional,
    help: 'How many records the additional section of the reply has; 0 without a reply.',
  },
  { name: QUERY_FAMILIES.succeeded, help: 'Whether a DNS query was replied to, whatever the reply is.' },
  {
    name: QUERY_FAMILIES.serial,
    help: 'Serial number of the zone as its SOA has it; 0 where the reply has no SOA.',
  },
];

/** Every sample of a result, in the words of blackbox_exporter: 0 where no reply came, and TLS is a part of connecting. */
export function queryReport({ phases, samples = [] }: ProbeResult): readonly CheckSample[] {
  const noted = (name: string) => samples.find((one) => one.name === name)?.value;
  const { resolve = 0, connect = 0, tls = 0, handshake } = phases;
  // A reply that will not do is one that came all the same.
  const request = handshake ?? (noted(QUERY_FAMILIES.duration) ?? 0) * 1000;
  const took = { resolve, connect: connect + tls, request };
  const durations = Object.entries(took).map(([phase, ms]) => {
    return { name: QUERY_FAMILIES.duration, labels: { phase }, value: toSeconds(ms) };
  });
  const counts = (['answer', 'authority', 'additional', 'succeeded'] as const).map((key) => {
    const name = QUERY_FAMILIES[key];
    return { name, labels: {}, value: noted(name) ?? 0 };
  });
  return [...durations, ...counts, ...samples.filter(({ name }) => name === QUERY_FAMILIES.serial)];
}
