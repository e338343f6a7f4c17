import { type Endpoint, formatEndpoint } from '../core/endpoint.ts';
import type { Phase } from '../core/reason.ts';
import type { Failure } from '../core/result.ts';

/** A probe whose time is over. */
export type LateProbe = {
  readonly phase: Phase;
  readonly endpoint: Endpoint;
  /** What the target was due. */
  readonly budgetMs: number;
  /** What it was given, waiting inside the exporter not counted; undefined when it was never asked. */
  readonly givenMs?: number;
  /** The fault of this machine that kept it from being asked. */
  readonly fault?: Error | undefined;
};

/** A target that was given less of its time than this has not been given a chance: that is the exporter's fault, not its own. */
const FAIR_SHARE = 0.25;

/** What it means that a probe's time is over. */
export function late({ phase, endpoint, budgetMs, givenMs, fault }: LateProbe): Failure {
  const where = formatEndpoint(endpoint);
  if (givenMs === undefined) {
    const why = fault?.message ?? 'it was not its turn yet, or there was no free file descriptor';
    return { reason: 'exporter_error', phase, detail: `${where} was not asked in time: ${why}` };
  }
  if (givenMs < budgetMs * FAIR_SHARE) {
    return {
      reason: 'exporter_error',
      phase,
      detail: `the exporter was late: ${where} had only ${givenMs.toFixed(0)} ms`,
    };
  }
  if (phase === 'resolve')
    return { reason: 'dns_timeout', phase, detail: `${endpoint.host}: no answer from the resolver` };
  return { reason: 'timeout', phase, detail: `no answer from ${where} within ${Math.round(budgetMs)} ms` };
}
