import { type Endpoint, formatEndpoint } from '../core/endpoint.ts';

/** How TLS is spoken right after connect. `serverName` overrides the host of the address (SNI and certificate check). */
export type TlsSpec = { readonly serverName?: string };

/** Which address family to dial when a name has both, and whether the other one will do when it has only that. */
export type FamilyPreference = { readonly prefer: 4 | 6; readonly fallback: boolean };

/** All that one probe needs, defaults applied. Times in milliseconds. */
export type ProbeSpec = {
  readonly endpoint: Endpoint;
  readonly timeoutMs: number;
  readonly family: FamilyPreference;
  readonly tls?: TlsSpec;
};

/** A check without a place to apply it to: what /probe?module= names. Without `timeoutMs` the scrape's own timeout is the only limit. */
export type Module = {
  readonly name: string;
  readonly timeoutMs?: number;
  readonly family: FamilyPreference;
  readonly tls?: TlsSpec;
};

export const SEVERITIES = ['critical', 'warning'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** One configured place to watch. Names are unique; `address` is the canonical text of `spec.endpoint`. */
export type Target = {
  readonly name: string;
  readonly address: string;
  readonly service: string;
  readonly group: string;
  readonly severity: Severity;
  readonly labels: Readonly<Record<string, string>>;
  readonly intervalMs: number;
  /** Failed checks in a row that make it down for the alert rules. */
  readonly failures: number;
  /** Names of the targets it cannot work without. */
  readonly dependsOn: readonly string[];
  readonly spec: ProbeSpec;
};

/** What makes two probes the same probe: they may then share one execution. */
export function probeKey(spec: ProbeSpec): string {
  const { family, tls } = spec;
  const how = `${family.prefer}${family.fallback ? '+' : ''}${tls === undefined ? '' : ` tls ${tls.serverName ?? ''}`}`;
  return `${formatEndpoint(spec.endpoint)} ${how}`;
}
