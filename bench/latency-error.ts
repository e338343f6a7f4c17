import { milliseconds } from './format.ts';
import type { Handshakes } from './pcap.ts';
import { maximum, median, quantile } from './statistics.ts';

/** By how much reported connect times differ from the packets, in seconds. */
export type LatencyError = {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  /** Half of the handshakes took no longer than this between SYN and SYN/ACK. */
  readonly truthP50: number;
};

/** Compares every reported time with SYN -> SYN/ACK of the same target; every one of them has to be in the capture. */
export function latencyError(reported: ReadonlyMap<string, number>, seen: Handshakes): LatencyError {
  const errors: number[] = [];
  const truths: number[] = [];
  for (const [host, seconds] of reported) {
    const truth = onlyHandshake(seen, host);
    truths.push(truth);
    errors.push(Math.abs(seconds - truth));
  }
  return {
    count: errors.length,
    p50: quantile(errors, 0.5),
    p99: quantile(errors, 0.99),
    p999: quantile(errors, 0.999),
    max: maximum(errors),
    truthP50: quantile(truths, 0.5),
  };
}

function onlyHandshake(seen: Handshakes, host: string): number {
  const [handshake, ...others] = seen.get(host) ?? [];
  if (handshake?.answeredAt === undefined) throw new Error(`${host} is reported up, but its handshake is not captured`);
  if (others.length > 0) throw new Error(`${host} was called ${others.length + 1} times in one round`);
  return (handshake.answeredAt - handshake.sentAt) / 1e9;
}

/** The middle of several rounds, figure by figure. */
export function medianError(rounds: readonly LatencyError[]): LatencyError {
  const middle = (pick: (round: LatencyError) => number): number => median(rounds.map(pick));
  return {
    count: middle((round) => round.count),
    p50: middle((round) => round.p50),
    p99: middle((round) => round.p99),
    p999: middle((round) => round.p999),
    max: middle((round) => round.max),
    truthP50: middle((round) => round.truthP50),
  };
}

/** Table cells: p50, p99, p99.9, worst. */
export function errorCells({ p50, p99, p999, max }: LatencyError): string[] {
  return [p50, p99, p999, max].map(milliseconds);
}
