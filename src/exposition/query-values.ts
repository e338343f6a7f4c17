import { dnsQuery, QUERY_FAMILIES } from '../checks/dns-query.ts';
import type { ProbeResult } from '../core/result.ts';
import type { ProbeSpec } from '../probe/spec.ts';

/** A probe: what was asked, or of which target. */
type Probed = {
  readonly result: ProbeResult;
  readonly spec?: ProbeSpec;
  readonly configured?: { readonly target: { readonly spec: ProbeSpec } };
};

type QueryValue = {
  readonly name: string;
  readonly help: string;
  readonly value: (view: Probed) => number | undefined;
};

/** What a DNS query of a module tells, beside how long it took. */
export const QUERY_VALUES: readonly QueryValue[] = [
  query('answer', 'How many records answer a DNS query; 0 without a reply.'),
  query('authority', 'How many records the authority section of the reply has; 0 without a reply.'),
  query('additional', 'How many records the additional section of the reply has; 0 without a reply.'),
  query('succeeded', 'Whether a DNS query was replied to, whatever the reply is.'),
  {
    name: QUERY_FAMILIES.serial,
    help: 'Serial number of the zone as its SOA has it; 0 where the reply has no SOA.',
    value: ({ result }) => sampleOf(result, QUERY_FAMILIES.serial),
  },
];

/** 0 where no reply came, as in blackbox_exporter: such a query has not succeeded either. */
function query(of: 'answer' | 'authority' | 'additional' | 'succeeded', help: string): QueryValue {
  const name = QUERY_FAMILIES[of];
  return {
    name,
    help,
    value: (view) => (isDnsQuery(view) ? (sampleOf(view.result, name) ?? 0) : undefined),
  };
}

/** How long the phases of a query took, ms, in the words of blackbox_exporter, where TLS is a part of connecting. */
export function queryPhases(view: Probed): readonly (readonly [phase: string, ms: number])[] {
  if (!isDnsQuery(view)) return [];
  const { resolve = 0, connect = 0, tls = 0, handshake } = view.result.phases;
  // A reply that will not do is one that came all the same.
  const request = handshake ?? (sampleOf(view.result, QUERY_FAMILIES.duration) ?? 0) * 1000;
  return [
    ['resolve', resolve],
    ['connect', connect + tls],
    ['request', request],
  ];
}

function isDnsQuery({ spec, configured }: Probed): boolean {
  return (configured?.target.spec ?? spec)?.use?.check === dnsQuery;
}

/** The value of a family without labels that the check has noted. */
export function sampleOf({ samples }: ProbeResult, name: string): number | undefined {
  return samples?.find((one) => one.name === name)?.value;
}
