import type { Context } from 'koa';
import type { Config, Problem } from '../config/config.ts';
import type { Logger } from '../core/log.ts';
import type { LabelBlocks } from '../exposition/fleet.ts';
import type { SelfMetrics } from '../exposition/self.ts';
import type { Clock } from '../net/clock.ts';
import type { Fleet } from '../probe/fleet.ts';
import type { States } from '../probe/state.ts';
import type { Admission } from './admission.ts';
import type { TargetIndexes } from './target-index.ts';

/** What the routes work with. Made once, by the composition root. */
export type Services = {
  readonly config: () => Config;
  readonly reload: () => Promise<{ readonly ok: boolean; readonly problems: readonly Problem[] }>;
  readonly indexes: TargetIndexes;
  readonly fleet: Fleet;
  readonly admission: Admission;
  readonly states: States;
  readonly blocks: LabelBlocks;
  readonly self: SelfMetrics;
  readonly clock: Clock;
  readonly log: Logger;
  readonly version: string;
  /** What a scrape must leave Prometheus of its timeout, ms. */
  readonly timeoutOffsetMs: number;
  /** Where people and Prometheus reach this exporter, when that is not where it listens. */
  readonly externalUrl: URL | undefined;
  /** The label `location` of this exporter, where it has one. */
  readonly location: string | undefined;
  /** '' or '/prefix': what every route stands behind. */
  readonly routePrefix: string;
};

/** The request cannot be answered as asked. The message is one line that says what would be right. */
export class RequestProblem extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'RequestProblem';
    this.status = status;
  }
}

/** Refuses a query that has other parameters than these; `takes` says what would be right. */
export function refuseUnknown(query: URLSearchParams, known: readonly string[], takes: string): void {
  for (const key of query.keys())
    if (!known.includes(key)) throw new RequestProblem(400, `${JSON.stringify(key.slice(0, 80))} is unknown: ${takes}`);
}

/** The value of a parameter that may be given once; undefined without it. */
export function single(query: URLSearchParams, name: string): string | undefined {
  const [value, ...more] = query.getAll(name);
  if (more.length > 0) throw new RequestProblem(400, `${name} is given ${more.length + 1} times: one is taken`);
  return value;
}

/** Bounds what is waited for at once: the request has its share of it until it is answered, or is refused now. */
export function admit(ctx: Context, results: number, { admission }: Services): void {
  const leave = admission.enter(ctx.req.socket.remoteAddress ?? '', results);
  if (leave === undefined) {
    ctx.set('Retry-After', '1');
    throw new RequestProblem(503, 'too many probes are waited for already: ask again when they have been answered');
  }
  ctx.res.once('close', leave);
}
