import { setImmediate as nextTurn } from 'node:timers/promises';
import { type IpAddress, parseIp } from '../core/ip.ts';
import type { Reason } from '../core/reason.ts';
import type { ProbeResult } from '../core/result.ts';
import type { Expirable } from '../net/clock.ts';
import type { Startable } from '../net/pacer.ts';
import type { Policy } from './policy.ts';
import { isExporterError, Probe, type World } from './run.ts';
import { type ProbeSpec, probeKey, type Target } from './spec.ts';
import type { States, TargetState } from './state.ts';

/** What to probe: a configured target, whose state is kept, or just a spec. */
export type ProbeRequest = { readonly spec: ProbeSpec } | Target;

/** How one round is done. */
export type RoundOptions = {
  /** The whole round answers within this time, ms. */
  readonly windowMs: number;
  readonly policy: Policy;
  /** Called after each result with how many there are. */
  readonly onProgress?: (finished: number) => void;
};

/**
 * One result per request, in order, and for configured targets the state after it. `cutShort`: the window was over before everything had
 * ended by itself.
 */
export type RoundOutcome = {
  readonly results: readonly ProbeResult[];
  readonly states: readonly (TargetState | undefined)[];
  readonly cutShort: boolean;
};

/** Counts since the start of the process. */
export type FleetStats = {
  readonly results: Record<'success' | 'failure' | 'exporter_error', number>;
  readonly failures: Partial<Record<Reason, number>>;
  /** Names that were probed at the address they had before the resolver failed. */
  staleAddresses: number;
};

/** Probes end this much before their round does, so that their own last word still counts, ms. */
const LAST_WORD_MS = 10;
/** Probes prepared in one turn of the loop. */
const SLICE = 100;

/** Who waits for a probe: a place in a round, and the target whose state the result changes. */
type Waiter = { readonly round: Round; readonly index: number; readonly target: Target | undefined };

/** What is worked out of a spec once. */
type Prepared = { readonly key: string; readonly literal: IpAddress | undefined };

/** A probe asked for or under way, and everybody who waits for it. The probe itself is made when its turn comes: thousands may wait. */
class Flight implements Startable {
  readonly prepared: Prepared;
  readonly limitAt: number;
  readonly waiting: Waiter[] = [];
  readonly #begin: (flight: Flight) => Probe;
  #probe: Probe | undefined;
  #over = false;

  constructor(prepared: Prepared, limitAt: number, begin: (flight: Flight) => Probe) {
    this.prepared = prepared;
    this.limitAt = limitAt;
    this.#begin = begin;
  }

  start(): void {
    if (!this.#over) this.#made().start();
  }

  /** Its time is over, started or not. */
  expire(): void {
    this.#made().expire();
  }

  unfinished(): ProbeResult {
    return this.#made().unfinished();
  }

  land(): void {
    this.#over = true;
  }

  #made(): Probe {
    this.#probe ??= this.#begin(this);
    return this.#probe;
  }
}

/** One round over many specs: an answer for each, in order, and in time. */
class Round implements Expirable {
  readonly results: (ProbeResult | undefined)[];
  readonly states: (TargetState | undefined)[];
  readonly flights: Flight[] = [];
  expired = false;
  readonly finished: Promise<void>;
  #missing: number;
  #finish: () => void = () => {};
  readonly #onProgress: ((finished: number) => void) | undefined;
  readonly #now: () => number;

  constructor(size: number, now: () => number, onProgress: RoundOptions['onProgress']) {
    this.results = new Array(size);
    this.states = new Array(size);
    this.#missing = size;
    this.#now = now;
    this.#onProgress = onProgress;
    this.finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  put(index: number, result: ProbeResult, state: TargetState | undefined): void {
    if (this.results[index] !== undefined) return;
    this.results[index] = result;
    this.states[index] = state;
    this.#missing--;
    this.#onProgress?.(this.results.length - this.#missing);
    if (this.#missing === 0) this.#finish();
  }

  /** Time to answer: probes begun for this round end now; one begun by a more patient round is reported as it stands. */
  expire(): void {
    this.expired = true;
    for (const [index, flight] of this.flights.entries()) this.settle(index, flight);
  }

  settle(index: number, flight: Flight): void {
    if (this.results[index] !== undefined) return;
    if (flight.limitAt <= this.#now()) flight.expire();
    // Still nothing: the probe goes on for others, and the state changes when it ends.
    if (this.results[index] === undefined) this.put(index, flight.unfinished(), undefined);
  }
}

/**
 * Probes many specs at once, paced, and shares what is under way: a target never sees two probes at a time from here, however many
 * scrapes ask. Keeps the states of configured targets.
 */
export class Fleet {
  readonly stats: FleetStats = {
    results: { success: 0, failure: 0, exporter_error: 0 },
    failures: {},
    staleAddresses: 0,
  };
  readonly #world: World;
  readonly #states: States;
  readonly #flights = new Map<string, Flight>();
  readonly #prepared = new WeakMap<ProbeSpec, Prepared>();

  constructor(world: World, states: States) {
    this.#world = world;
    this.#states = states;
  }

  /** Probes under way now. */
  get inFlight(): number {
    return this.#flights.size;
  }

  /** Resolves with one result per request, in order, never later than the window. Never rejects. */
  async round(requests: readonly ProbeRequest[], options: RoundOptions): Promise<RoundOutcome> {
    const { clock, deadlines } = this.#world;
    const limitAt = clock.now() + options.windowMs;
    const round = new Round(requests.length, clock.now, options.onProgress);
    const slot = deadlines.set(round, limitAt);
    for (let first = 0; first < requests.length; first += SLICE) {
      for (const [i, request] of requests.slice(first, first + SLICE).entries()) {
        this.#join(round, first + i, request, options.policy, limitAt - LAST_WORD_MS);
      }
      if (first + SLICE < requests.length) await nextTurn();
    }
    if (requests.length > 0) await round.finished;
    deadlines.clear(round, slot);
    const states = round.states.map((state, i) => state ?? this.#stateOf(requests[i]));
    return { results: round.results as ProbeResult[], states, cutShort: clock.now() >= limitAt - LAST_WORD_MS };
  }

  #join(round: Round, index: number, request: ProbeRequest, policy: Policy, limitAt: number): void {
    const prepared = this.#prepare(request.spec);
    const flight = this.#flights.get(prepared.key) ?? this.#take(prepared, request.spec, policy, limitAt);
    flight.waiting.push({ round, index, target: 'name' in request ? request : undefined });
    round.flights.push(flight);
    if (round.expired) round.settle(index, flight);
  }

  #take(prepared: Prepared, spec: ProbeSpec, policy: Policy, limitAt: number): Flight {
    const askedAt = this.#world.clock.now();
    const begin = (flight: Flight) =>
      new Probe(this.#world, { policy, spec, literal: prepared.literal, askedAt, limitAt }, (result) =>
        this.#land(flight, result),
      );
    const flight = new Flight(prepared, limitAt, begin);
    this.#flights.set(prepared.key, flight);
    this.#world.dialer.pacer.enqueue(flight);
    return flight;
  }

  #land(flight: Flight, result: ProbeResult): void {
    flight.land();
    this.#flights.delete(flight.prepared.key);
    this.#count(result);
    const at = this.#world.clock.now() - result.durationMs;
    for (const { round, index, target } of flight.waiting) {
      round.put(index, result, target && this.#states.record(target, result, at));
    }
  }

  #stateOf(request: ProbeRequest | undefined): TargetState | undefined {
    return request !== undefined && 'name' in request ? this.#states.of(request) : undefined;
  }

  #count(result: ProbeResult): void {
    const { results, failures } = this.stats;
    if (result.staleAddress) this.stats.staleAddresses++;
    if (result.failure === undefined) results.success++;
    else {
      results[isExporterError(result) ? 'exporter_error' : 'failure']++;
      failures[result.failure.reason] = (failures[result.failure.reason] ?? 0) + 1;
    }
  }

  #prepare(spec: ProbeSpec): Prepared {
    const known = this.#prepared.get(spec);
    if (known !== undefined) return known;
    const prepared = { key: probeKey(spec), literal: parseIp(spec.endpoint.host) };
    this.#prepared.set(spec, prepared);
    return prepared;
  }
}
