import type { IpAddress } from './ip.ts';
import type { Phase, Reason } from './reason.ts';

/** Why a probe failed, and where. `detail` is for people: it may change from version to version. */
export type Failure = {
  readonly reason: Reason;
  readonly phase: Phase;
  readonly detail: string;
  /** The phase was not one with the target, but with whom it sends us to, or with a proxy. */
  readonly elsewhere?: true;
};

/** What the peer's certificate says, known as soon as one was presented, verified or not. Times in seconds since 1970. */
export type CertificateFacts = {
  readonly earliestExpiry: number;
  readonly chainExpiry: number;
  readonly fingerprintSha256: string;
  readonly subject: string;
  readonly issuer: string;
  readonly subjectAlternative: string;
  readonly serialNumber: string;
};

/** What TLS agreed on. `version` and `cipher` in the names that blackbox_exporter uses ("TLS 1.3", IANA cipher names). */
export type TlsFacts = { readonly version: string; readonly cipher: string; readonly certificate?: CertificateFacts };

/**
 * What a server says of itself. `version` in its own words; `state` in one word of ours, such as "primary" or "auth_required". Both short
 * and printable.
 */
export type ServiceFacts = { readonly version?: string; readonly state?: string };

/** One value of a family that a check has of its own. */
export type CheckSample = {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
};

/**
 * One execution of a check against one target. Up has no `failure`; it cannot disagree with a boolean. Durations in milliseconds;
 * a phase that did not end, or did not happen, is absent.
 */
export type ProbeResult = {
  /** Wall clock at the start, milliseconds since 1970. */
  readonly startedAt: number;
  /** Time the probe itself took; waiting inside the exporter is not counted. */
  readonly durationMs: number;
  /** What the probe was allowed to take. */
  readonly budgetMs: number;
  readonly phases: Readonly<Partial<Record<Phase, number>>>;
  /** The address that was dialled. */
  readonly address?: IpAddress;
  /** The resolver failed, and `address` is what it had said before. */
  readonly staleAddress?: true;
  readonly failure?: Failure;
  /** What the connect to a port that should be closed came to, where it is. */
  readonly closed?: Failure;
  readonly tls?: TlsFacts;
  /** What the server said of itself, also when the check then failed. */
  readonly service?: ServiceFacts;
  readonly samples?: readonly CheckSample[];
  /** What happened on the way, a line each, for people: it may change from version to version. */
  readonly notes?: readonly string[];
  /** How much of the connect latency may be the exporter's own queueing, at most. */
  readonly latencyErrorMs: number;
};

/** Whether the probe failed by the exporter's own fault, which says nothing about the target. */
export function isExporterError(result: ProbeResult): boolean {
  return result.failure?.reason === 'exporter_error';
}
