import type { Check, Transport } from '../checks/check.ts';
import { type Endpoint, formatEndpoint } from '../core/endpoint.ts';
import type { TlsMaterial } from '../net/authorities.ts';
import type { TlsJudge } from '../net/tls.ts';
import type { Layer } from './layers.ts';
import type { MaintenanceWindow } from './maintenance.ts';

/**
 * How TLS is spoken: right after connect (`direct`, the default), by the service's own way (`starttls`), so only where the server offers it,
 * or only over further connections (`later`: a redirect to https). `serverName` overrides the host of the address (SNI and certificate check); `judge` is "all" unless said otherwise.
 */
export type TlsSpec = TlsMaterial & {
  readonly how?: 'direct' | 'starttls' | 'offered' | 'later';
  readonly serverName?: string;
  readonly judge?: TlsJudge;
};

/** A check and what it is told. `courtesy`: only the connect counts, the dialogue is there to leave well. */
export type CheckUse = { readonly check: Check; readonly options: unknown; readonly courtesy?: true };

/** Which address family to dial when a name has both, and whether the other one will do when it has only that. */
export type FamilyPreference = { readonly prefer: 4 | 6; readonly fallback: boolean };

/** All that one probe needs, defaults applied. Times in milliseconds. */
export type ProbeSpec = {
  readonly endpoint: Endpoint;
  readonly timeoutMs: number;
  readonly family: FamilyPreference;
  readonly tls?: TlsSpec;
  /** Absent for a plain connect. */
  readonly use?: CheckUse;
  /** Where the port should be closed: only for a plain connect. */
  readonly expect?: 'closed';
  /** Path and query, where the target is a URL. */
  readonly resource?: string;
  /** The local address to connect from. */
  readonly sourceIp?: string;
};

/** A check without a place to apply it to: what /probe?module= names. Without `timeoutMs` the scrape's own timeout is the only limit. */
export type Module = {
  readonly name: string;
  readonly timeoutMs?: number;
  readonly family: FamilyPreference;
  readonly tls?: TlsSpec;
  readonly use?: CheckUse;
  readonly sourceIp?: string;
  /** Where to, when /probe is not told; it insists without. */
  readonly defaultPort?: number;
};

/** How its peer is reached. */
export function transportOf({ use, endpoint, tls }: ProbeSpec): Transport {
  return use?.check.transport?.(use.options, { endpoint, inTls: startsInTls(tls) }) ?? 'tcp';
}

/** How a module speaks TLS to a target that was written as one in TLS (https://), or not. */
export function tlsTowards(tls: TlsSpec | undefined, inTls: boolean): TlsSpec | undefined {
  return tls?.how === 'later' && inTls ? Object.freeze({ ...tls, how: 'direct' }) : tls;
}

/** Whether TLS is spoken right after connecting. */
export function startsInTls(tls: TlsSpec | undefined): boolean {
  return tls !== undefined && (tls.how ?? 'direct') === 'direct';
}

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
  /** The module that says how it is checked, where it names one. */
  readonly module?: string;
  /** What the check is seen as made of, bottom first, where the configuration says so. */
  readonly layers?: readonly Layer[];
  /** When work on it is planned, where it ever is. */
  readonly maintenance?: readonly MaintenanceWindow[];
  readonly spec: ProbeSpec;
};

/** What makes two probes the same probe: they may then share one execution. */
export function probeKey({ endpoint, family, tls, use, expect, resource = '', sourceIp = '' }: ProbeSpec): string {
  const how = `${family.prefer}${family.fallback ? '+' : ''}${tls === undefined ? '' : ` tls ${JSON.stringify(tls)}`}`;
  const what =
    use === undefined ? '' : ` ${use.courtesy ? 'leaving ' : ''}${use.check.name} ${JSON.stringify(use.options)}`;
  const from = sourceIp === '' ? '' : ` from ${sourceIp}`;
  return `${formatEndpoint(endpoint)}${resource} ${how}${what}${from}${expect === undefined ? '' : ` ${expect}`}`;
}
