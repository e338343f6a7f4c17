import { formatEndpoint } from '../core/endpoint.ts';
import type { IpAddress } from '../core/ip.ts';
import type { Phase, Reason } from '../core/reason.ts';
import type { Failure, ProbeResult, TlsFacts } from '../core/result.ts';
import type { Authorities } from '../net/authorities.ts';
import { classify } from '../net/classify.ts';
import type { Clock, DeadlineSlot, Deadlines, Expirable } from '../net/clock.ts';
import type { Connection, Dialer, DialListener, Dialling } from '../net/dialer.ts';
import type { Startable } from '../net/pacer.ts';
import type { Resolution, Resolver } from '../net/resolver.ts';
import { handshake, type TlsListener, type TlsOutcome } from '../net/tls.ts';
import type { Policy } from './policy.ts';
import type { ProbeSpec } from './spec.ts';

/** The outside world as probes see it. Only the composition root names the real one. */
export type World = {
  readonly clock: Clock;
  readonly deadlines: Deadlines;
  readonly dialer: Dialer;
  readonly resolver: Resolver;
  readonly authorities: Authorities;
};

/** One probe to do. Times in monotonic ms. */
export type ProbeOrder = {
  readonly spec: ProbeSpec;
  readonly policy: Policy;
  /** The host of the spec, where that is a literal address. */
  readonly literal: IpAddress | undefined;
  /** When it was asked for: from then on the target is due its timeout. */
  readonly askedAt: number;
  /** When its scrape has to answer. */
  readonly limitAt: number;
};

/** How much of the time the resolver may take, so that a slow one is told apart from a slow target. */
const RESOLVE_SHARE = 0.5;
/** A probe that was given less of its time than this has not been given a chance: its timeout is the exporter's fault. */
const FAIR_SHARE = 0.25;

/**
 * One execution of a check: resolve, judge, connect, TLS. Measures each phase, keeps one deadline, closes its socket on every path, and
 * calls `done` exactly once with a result: it has no other way to fail. One object with methods, no promise or closure on the way of a
 * plain connect: that is most of what a probe costs (docs/benchmarks.md).
 */
export class Probe implements Startable, Expirable, DialListener, TlsListener {
  readonly #world: World;
  readonly #order: ProbeOrder;
  readonly #done: (result: ProbeResult) => void;
  readonly #budgetMs: number;
  #phase: Phase = 'resolve';
  #startedAt: number | undefined;
  #startedEpoch = 0;
  #deadline: DeadlineSlot | undefined;
  #lookUp: { abandon(): IpAddress | undefined } | undefined;
  #address: IpAddress | undefined;
  #dialling: Dialling | undefined;
  #resolveMs: number | undefined;
  #connectMs: number | undefined;
  #tlsMs: number | undefined;
  #phaseAt = 0;
  #latencyErrorMs = 0;
  #stale = false;
  #tls: TlsFacts | undefined;
  #over = false;

  /** It begins when `start` is called. */
  constructor(world: World, order: ProbeOrder, done: (result: ProbeResult) => void) {
    this.#world = world;
    this.#order = order;
    this.#budgetMs = Math.max(0, Math.min(order.spec.timeoutMs, order.limitAt - order.askedAt));
    this.#done = done;
  }

  start(): void {
    if (this.#over) return;
    const { clock, deadlines, resolver } = this.#world;
    const { spec, policy, literal, limitAt } = this.#order;
    const { endpoint, family } = spec;
    this.#startedAt = clock.now();
    this.#startedEpoch = clock.epoch();
    const share = literal === undefined ? RESOLVE_SHARE : 1;
    this.#deadline = deadlines.set(this, Math.min(this.#startedAt + this.#budgetMs * share, limitAt));
    if (literal !== undefined) this.#reach(literal);
    else if (!policy.mayResolve(endpoint)) this.#refuse(endpoint.host);
    else this.#lookUp = resolver.resolve(endpoint.host, family, (resolution) => this.#resolved(resolution));
  }

  /** Its time is over: whatever has not happened by now does not count. */
  expire(): void {
    if (this.#over) return;
    const standIn = this.#phase === 'resolve' ? this.#lookUp?.abandon() : undefined;
    if (standIn === undefined) this.#finish(this.#lateness());
    else this.#resolved({ ok: true, address: standIn, stale: true });
  }

  /** The result as it would be if time were over now, for a scrape that cannot wait as long as the one that began this probe. */
  unfinished(): ProbeResult {
    return this.#result(this.#lateness());
  }

  connected(socket: Connection, connectMs: number, errorMs: number): void {
    this.#connectMs = connectMs;
    this.#latencyErrorMs = errorMs;
    const { tls, endpoint } = this.#order.spec;
    if (tls === undefined) {
      this.#finish(undefined);
      return;
    }
    this.#phase = 'tls';
    this.#phaseAt = this.#world.clock.now();
    const secureContext = this.#world.authorities.context();
    handshake(socket, { host: endpoint.host, serverName: tls.serverName, secureContext }, this);
  }

  failed(error: Error): void {
    this.#fail(error);
  }

  secured(): void {
    this.#tlsMs = this.#world.dialer.pacer.arrival() - this.#phaseAt;
  }

  ended({ facts, error }: TlsOutcome): void {
    this.#tls = facts;
    if (error === undefined) this.#finish(undefined);
    else this.#fail(error);
  }

  #resolved(resolution: Resolution): void {
    if (this.#over) return;
    const { clock, deadlines } = this.#world;
    const now = clock.now();
    this.#lookUp = undefined;
    if (!resolution.ok) {
      this.#finish({ reason: resolution.reason, phase: 'resolve', detail: resolution.detail });
      return;
    }
    this.#stale = resolution.stale;
    this.#resolveMs = now - (this.#startedAt ?? now);
    if (this.#deadline !== undefined) deadlines.clear(this, this.#deadline);
    this.#deadline = deadlines.set(this, Math.min(now + this.#budgetMs - this.#resolveMs, this.#order.limitAt));
    this.#reach(resolution.address);
  }

  #reach(address: IpAddress): void {
    const { endpoint } = this.#order.spec;
    const { dialer } = this.#world;
    this.#address = address;
    if (!this.#order.policy.allows(endpoint, address)) {
      this.#refuse(address.text);
      return;
    }
    this.#phase = 'connect';
    // Literal addresses come straight from the pacer; one that had to be looked up queues for its turn again.
    this.#dialling =
      this.#resolveMs === undefined
        ? dialer.dialNow(address, endpoint.port, this)
        : dialer.dial(address, endpoint.port, this);
  }

  #refuse(what: string): void {
    const detail = `probe.allow does not list ${what}, port ${this.#order.spec.endpoint.port}`;
    this.#finish({ reason: 'policy_denied', phase: 'resolve', detail });
  }

  #fail(error: Error): void {
    this.#finish({ reason: classify(error, this.#phase), phase: this.#phase, detail: error.message });
  }

  /** What it means that the time is over in this phase. */
  #lateness(): Failure {
    const phase = this.#phase;
    const where = formatEndpoint(this.#order.spec.endpoint);
    if (this.#startedAt === undefined) return this.#fault(`the probe of ${where} was not started in time`);
    if (phase === 'resolve')
      return { reason: 'dns_timeout', phase, detail: `${this.#order.spec.endpoint.host}: no answer from the resolver` };
    if (phase === 'connect') {
      const { startedAt, fault } = this.#dialling ?? {};
      if (startedAt === undefined) return this.#fault(fault?.message ?? 'no free file descriptor');
      const given = this.#world.clock.now() - startedAt;
      if (given < this.#budgetMs * FAIR_SHARE)
        return this.#fault(`only ${given.toFixed(0)} ms were left when the connect began`);
    }
    return { reason: 'timeout', phase, detail: `no answer from ${where} within ${Math.round(this.#budgetMs)} ms` };
  }

  #fault(detail: string): Failure {
    return { reason: 'exporter_error', phase: this.#phase, detail };
  }

  #finish(failure: Failure | undefined): void {
    if (this.#over) return;
    this.#over = true;
    const result = this.#result(failure);
    if (this.#deadline !== undefined) this.#world.deadlines.clear(this, this.#deadline);
    this.#dialling?.cancel();
    this.#done(result);
  }

  #result(failure: Failure | undefined): ProbeResult {
    return {
      startedAt: this.#startedEpoch || this.#world.clock.epoch(),
      durationMs: this.#tookMs(failure),
      budgetMs: this.#budgetMs,
      phases: this.#phases(),
      latencyErrorMs: this.#latencyErrorMs,
      ...(this.#address && { address: this.#address }),
      ...(this.#stale && { staleAddress: true as const }),
      ...(failure && { failure }),
      ...(this.#tls && { tls: this.#tls }),
    };
  }

  #phases(): Partial<Record<Phase, number>> {
    const phases: Partial<Record<Phase, number>> = {};
    if (this.#resolveMs !== undefined) phases.resolve = this.#resolveMs;
    if (this.#connectMs !== undefined) phases.connect = this.#connectMs;
    if (this.#tlsMs !== undefined) phases.tls = this.#tlsMs;
    return phases;
  }

  /** From the first question to the last answer. Time spent waiting for our own turn is not the target's. */
  #tookMs(failure: Failure | undefined): number {
    if (failure === undefined) return (this.#resolveMs ?? 0) + (this.#connectMs ?? 0) + (this.#tlsMs ?? 0);
    const now = this.#world.clock.now();
    if (this.#phase === 'resolve') return now - (this.#startedAt ?? now);
    const dialled = this.#dialling?.startedAt;
    return (this.#resolveMs ?? 0) + (dialled === undefined ? 0 : now - dialled);
  }
}

/** Why the exporter's own faults are told apart: they say nothing about the target. */
export function isExporterError(result: ProbeResult): boolean {
  return result.failure?.reason === ('exporter_error' satisfies Reason);
}
