import { isSocketPath } from '../core/endpoint.ts';
import type { IpAddress } from '../core/ip.ts';
import type { Phase } from '../core/reason.ts';
import { type Failure, isExporterError, type ProbeResult } from '../core/result.ts';
import type { Destination, SocketPath } from '../net/channel.ts';
import { classify, describe } from '../net/classify.ts';
import type { DeadlineSlot, Expirable } from '../net/clock.ts';
import type { Connection, DialListener, Dialling } from '../net/dialer.ts';
import type { Startable } from '../net/pacer.ts';
import type { Resolution } from '../net/resolver.ts';
import { placed } from './blame.ts';
import { asExpected } from './expectation.ts';
import { Handshake, type HandshakeListener } from './handshake.ts';
import { late } from './lateness.ts';
import type { ProbeOrder } from './order.ts';
import { denied } from './policy.ts';
import { transportOf } from './spec.ts';
import type { World } from './world.ts';

/** How much of the time the resolver may take, so that a slow one is told apart from a slow target. */
const RESOLVE_SHARE = 0.5;

/**
 * One execution of a check: resolve, judge, connect, and the handshake where there is one. Measures each phase, keeps one deadline, closes its socket on every path, and
 * calls `done` exactly once with a result: it has no other way to fail. One object with methods, no promise or closure on the way of a
 * plain connect: that is most of what a probe costs (docs/benchmarks.md).
 */
export class Probe implements Startable, Expirable, DialListener, HandshakeListener {
  readonly #world: World;
  readonly #order: ProbeOrder;
  readonly #done: (result: ProbeResult) => void;
  #budgetMs = 0;
  #dueAt = 0;
  #phase: Phase = 'resolve';
  #startedAt: number | undefined;
  #startedEpoch = 0;
  #deadline: DeadlineSlot | undefined;
  #lookUp: { abandon(): IpAddress | undefined } | undefined;
  #address: IpAddress | undefined;
  #dialling: Dialling | undefined;
  readonly #phases: Partial<Record<Phase, number>> = {};
  #latencyErrorMs = 0;
  #stale = false;
  /** When it knew whom to dial, monotonic ms. */
  #readyAt = 0;
  #handshake: Handshake | undefined;
  /** The verdict is known since then; what is missing is the goodbye. */
  #settled: { failure: Failure | undefined; readonly at: number } | undefined;
  #over = false;

  /** It begins when `start` is called, after `allow` has said how long it may take. */
  constructor(world: World, order: ProbeOrder, done: (result: ProbeResult) => void) {
    this.#world = world;
    this.#order = order;
    this.#done = done;
  }

  /** How long it may take: until `dueAt` (monotonic ms), out of a budget that it is due. May be said again while it runs. */
  allow(dueAt: number, budgetMs: number): void {
    this.#dueAt = dueAt;
    this.#budgetMs = budgetMs;
    if (this.#deadline !== undefined) this.#arm();
  }

  start(): void {
    if (this.#over) return;
    const { clock, resolver } = this.#world;
    const { spec, policy, literal } = this.#order;
    const { endpoint, family } = spec;
    this.#startedAt = clock.now();
    this.#startedEpoch = clock.epoch();
    const isNamed = literal === undefined && !isSocketPath(endpoint) && transportOf(spec) !== 'unresolved';
    if (!isNamed) this.#phase = 'connect';
    this.#arm();
    if (!isNamed) this.#reach(literal);
    else if (!policy.mayResolve(endpoint)) this.#finish(denied(endpoint.host, endpoint));
    else this.#lookUp = resolver.resolve(endpoint.host, family, (resolution) => this.#resolved(resolution));
  }

  /** Its time is over: whatever has not happened by now does not count. */
  expire(): void {
    if (this.#over) return;
    if (this.#settled !== undefined) {
      // Settled in time; only the peer's goodbye is missing.
      this.ended();
      return;
    }
    const standIn = this.#phase === 'resolve' ? this.#lookUp?.abandon() : undefined;
    if (standIn === undefined) this.#finish(this.#lateness(this.#budgetMs));
    else this.#resolved({ ok: true, address: standIn, stale: true });
  }

  /** The result as it would be if time were over now, for somebody who asked at `askedAt` and grants `budgetMs`. */
  unfinished(budgetMs: number, askedAt: number): ProbeResult {
    if (this.#settled !== undefined) return this.#result(this.#settled.failure, budgetMs);
    return this.#result(this.#lateness(budgetMs, askedAt), budgetMs);
  }

  /** Nobody waits any more. */
  cancel(): void {
    if (!this.#over) this.#close();
  }

  connected(socket: Connection, connectMs: number, errorMs: number): void {
    this.#phases.connect = connectMs;
    this.#latencyErrorMs = errorMs;
    const { spec } = this.#order;
    if (spec.tls === undefined && spec.use === undefined) this.#finish(undefined);
    else this.#begin().begin(socket, this.#address);
  }

  /** Errors of a connection that has been handed over are the handshake's to hear. */
  failed(error: Error): void {
    if (this.#handshake === undefined) this.#finish(this.#failureOf(error));
  }

  entered(phase: Phase): void {
    this.#phase = phase;
  }

  took(phase: Phase, ms: number, errorMs: number): void {
    this.#phases[phase] = ms;
    this.#latencyErrorMs = Math.max(this.#latencyErrorMs, errorMs);
  }

  settled(failure: Failure | undefined): void {
    this.#settled = { failure, at: this.#settled?.at ?? this.#world.clock.now() };
  }

  ended(): void {
    this.#finish(this.#settled?.failure);
  }

  #begin(): Handshake {
    this.#phase = this.#order.spec.tls === undefined ? 'handshake' : 'tls';
    this.#handshake = new Handshake(this.#world, this.#order, this);
    return this.#handshake;
  }

  #resolved(resolution: Resolution): void {
    if (this.#over) return;
    const now = this.#world.clock.now();
    this.#lookUp = undefined;
    if (!resolution.ok) {
      this.#finish({ reason: resolution.reason, phase: 'resolve', detail: resolution.detail });
      return;
    }
    this.#stale = resolution.stale;
    this.#phases.resolve = now - (this.#startedAt ?? now);
    this.#phase = 'connect';
    this.#arm();
    this.#reach(resolution.address);
  }

  /** Sets the deadline of the phase: the resolver's share of the time first, then all of it. */
  #arm(): void {
    const { deadlines } = this.#world;
    const share = this.#phase === 'resolve' && this.#handshake === undefined ? RESOLVE_SHARE : 1;
    const at = Math.min((this.#startedAt ?? 0) + this.#budgetMs * share, this.#dueAt);
    if (this.#deadline !== undefined) deadlines.clear(this, this.#deadline);
    this.#deadline = deadlines.set(this, share === 1 ? this.#dueAt : at);
  }

  /** Goes there. There is no address for a Unix socket, and for a name that only a proxy looks up. */
  #reach(address: IpAddress | undefined): void {
    const { spec, policy } = this.#order;
    const { endpoint, sourceIp } = spec;
    this.#address = address;
    const allowed = address === undefined ? policy.allowsName(endpoint) : policy.allows(endpoint, address);
    if (!allowed) {
      this.#finish(denied(address?.text ?? endpoint.host, endpoint));
      return;
    }
    this.#readyAt = this.#world.clock.now();
    const transport = transportOf(spec);
    const destination = address && { address, port: endpoint.port, sourceIp };
    if (transport === 'tcp') this.#dialling = this.#dial(destination ?? { path: endpoint.host });
    else if (transport === 'udp' && destination !== undefined) this.#begin().beginDatagrams(destination);
    else this.#begin().beginAlone(address);
  }

  /** Literal addresses come straight from the pacer; one that had to be looked up queues for its turn again. */
  #dial(destination: Destination | SocketPath): Dialling {
    const { dialer } = this.#world;
    return this.#phases.resolve === undefined ? dialer.dialNow(destination, this) : dialer.dial(destination, this);
  }

  #failureOf(error: Error): Failure {
    return { reason: classify(error, this.#phase), phase: this.#phase, detail: describe(error) };
  }

  /** What it means that the time of somebody is over now, who asked at `since` and granted `budgetMs`. */
  #lateness(budgetMs: number, since = 0): Failure {
    const [phase, endpoint] = [this.#phase, this.#handshake?.endpoint ?? this.#order.spec.endpoint];
    if (this.#startedAt === undefined) return late({ phase, endpoint, budgetMs });
    const dialling = this.#dialling;
    if (phase === 'connect' && this.#handshake === undefined && dialling?.startedAt === undefined)
      return late({ phase, endpoint, budgetMs, fault: dialling?.fault });
    const now = this.#world.clock.now();
    const queuedMs = (dialling?.startedAt ?? this.#readyAt) - this.#readyAt + (this.#handshake?.queuedMs ?? 0);
    const fault = this.#handshake?.fault;
    if (fault !== undefined) return late({ phase, endpoint, budgetMs, fault });
    const failure = late({ phase, endpoint, budgetMs, givenMs: now - Math.max(this.#startedAt, since) - queuedMs });
    return failure.reason === 'exporter_error' ? failure : (this.#handshake?.doubt ?? failure);
  }

  #finish(failure: Failure | undefined): void {
    if (this.#over) return;
    const result = this.#result(failure, this.#budgetMs);
    const { key, spec } = this.#order;
    const forgets = failure !== undefined && !spec.use?.check.remembersThroughFailures;
    if (forgets && !isExporterError(result)) this.#world.memories.forget(key);
    this.#close();
    this.#done(result);
  }

  #close(): void {
    this.#over = true;
    if (this.#deadline !== undefined) this.#world.deadlines.clear(this, this.#deadline);
    this.#lookUp?.abandon();
    this.#dialling?.cancel();
    this.#handshake?.close();
  }

  #result(failure: Failure | undefined, budgetMs: number): ProbeResult {
    const result = {
      startedAt: this.#startedEpoch || this.#world.clock.epoch(),
      // Where a timer was late, the target has not taken longer for that.
      durationMs: Math.min(this.#tookMs(failure), failure?.reason === 'timeout' ? budgetMs : Number.POSITIVE_INFINITY),
      budgetMs,
      phases: { ...this.#phases },
      latencyErrorMs: this.#latencyErrorMs,
      ...(this.#address && { address: this.#address }),
      ...(this.#stale && { staleAddress: true as const }),
      ...(failure && { failure: placed(failure, this.#handshake?.endpoint, this.#order.spec.endpoint) }),
      ...this.#handshake?.said,
    };
    return asExpected(result, this.#order.spec);
  }

  /** From the first question to the last answer. Time spent waiting for our own turn is not the target's. */
  #tookMs(failure: Failure | undefined): number {
    const { resolve = 0, connect = 0, tls = 0, handshake = 0 } = this.#phases;
    if (failure === undefined) return resolve + connect + tls + handshake;
    const now = this.#settled?.at ?? this.#world.clock.now();
    if (this.#phase === 'resolve' && this.#handshake === undefined) return now - (this.#startedAt ?? now);
    const reachedAt = this.#dialling === undefined ? this.#readyAt : (this.#dialling.startedAt ?? now);
    return resolve + now - reachedAt - (this.#handshake?.queuedMs ?? 0);
  }
}
