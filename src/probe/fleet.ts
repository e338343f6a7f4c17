import { setImmediate as nextTurn } from 'node:timers/promises';
import { type IpAddress, parseIp } from '../core/ip.ts';
import type { Reason } from '../core/reason.ts';
import { isExporterError, type ProbeResult } from '../core/result.ts';
import { Flight, type FlightListener } from './flight.ts';
import type { ProbeOrder } from './order.ts';
import type { Policy } from './policy.ts';
import { Round, Waiter } from './round.ts';
import { type ProbeSpec, probeKey, type Target } from './spec.ts';
import type { States, TargetState } from './state.ts';
import type { World } from './world.ts';

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

/** What is worked out of a spec once. */
type Prepared = { readonly key: string; readonly literal: IpAddress | undefined };

/** Probes end this much before their round does, so that their own last word still counts, ms. */
const LAST_WORD_MS = 10;
/** Probes prepared in one turn of the loop. */
const SLICE = 100;

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

  /** Probes asked for or under way now. */
  get inFlight(): number {
    return this.#flights.size;
  }

  /** Resolves with one result per request, in order, never later than the window. Never rejects. */
  async round(requests: readonly ProbeRequest[], options: RoundOptions): Promise<RoundOutcome> {
    const { clock, deadlines } = this.#world;
    const limitAt = clock.now() + options.windowMs;
    const round = new Round(requests.length, options.onProgress);
    const slot = deadlines.set(round, limitAt);
    for (let first = 0; first < requests.length; first += SLICE) {
      for (const [i, request] of requests.slice(first, first + SLICE).entries()) {
        this.#join(round, first + i, request, options.policy, limitAt - LAST_WORD_MS);
      }
      if (first + SLICE < requests.length) await nextTurn();
    }
    await round.finished;
    deadlines.clear(round, slot);
    return {
      results: round.results as ProbeResult[],
      states: round.states,
      cutShort: clock.now() >= limitAt - LAST_WORD_MS,
    };
  }

  #join(round: Round, index: number, request: ProbeRequest, policy: Policy, limitAt: number): void {
    const { spec } = request;
    const target = 'name' in request ? request : undefined;
    const waiter = new Waiter(round, index, target, spec.timeoutMs, this.#world.clock.now(), limitAt);
    const prepared = this.#prepare(spec);
    const flight = this.#flights.get(prepared.key) ?? this.#open({ ...prepared, spec, policy });
    flight.join(waiter);
    round.add(waiter);
  }

  #open(plan: ProbeOrder): Flight {
    const flight = new Flight(this.#world, plan, this.#listener);
    this.#flights.set(plan.key, flight);
    this.#world.dialer.pacer.enqueue(flight);
    return flight;
  }

  readonly #listener: FlightListener = {
    verdict: (waiter, result) => {
      const at = this.#world.clock.now() - result.durationMs;
      const state = waiter.target && this.#states.record(waiter.target, result, at);
      waiter.round.put(waiter.index, result, state);
    },
    over: (flight, result) => {
      this.#flights.delete(flight.plan.key);
      this.#count(result);
    },
  };

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
