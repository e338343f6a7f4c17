import { formatEndpoint } from '../core/endpoint.ts';
import type { Reason } from '../core/reason.ts';
import { type Failure, isExporterError, type ProbeResult } from '../core/result.ts';
import type { ProbeSpec } from './spec.ts';

/** What a port is expected to be. */
export const EXPECTATIONS = ['open', 'closed'] as const;
export type Expectation = (typeof EXPECTATIONS)[number];

/** What a connect comes to from where nobody gets through: that is all that can be said of a port from outside. */
const KEPT_OUT: ReadonlySet<Reason> = new Set([
  'connection_refused',
  'timeout',
  'host_unreachable',
  'network_unreachable',
]);
/** Whoever cuts a connection has accepted it. */
const CUT: ReadonlySet<Reason> = new Set(['connection_reset', 'closed_early']);

/**
 * The result as it is for somebody who expects what the spec says: to a port that should be closed the connect must fail. What says
 * nothing about the port (its name is not found, the exporter is at fault) is a failure for everybody.
 */
export function asExpected(result: ProbeResult, { expect, endpoint }: ProbeSpec): ProbeResult {
  if (expect !== 'closed' || isExporterError(result)) return result;
  const { failure, ...rest } = result;
  if (isOpen(result)) return { ...rest, failure: opened(formatEndpoint(endpoint), failure) };
  return failure?.phase === 'connect' && KEPT_OUT.has(failure.reason) ? { ...rest, closed: failure } : result;
}

/** What comes after the connect is courtesy. */
function isOpen({ failure, phases }: ProbeResult): boolean {
  return phases.connect !== undefined || (failure?.phase === 'connect' && CUT.has(failure.reason));
}

function opened(where: string, failure: Failure | undefined): Failure {
  const cut = failure === undefined ? '' : `, and then: ${failure.detail}`;
  return { reason: 'unexpectedly_open', phase: 'connect', detail: `${where} accepts connections${cut}` };
}
