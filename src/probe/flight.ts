import type { ProbeResult } from '../core/result.ts';
import type { Startable } from '../net/pacer.ts';
import type { ProbeOrder } from './order.ts';
import type { Waiter } from './round.ts';
import { Probe } from './run.ts';
import type { World } from './world.ts';

/** What a flight tells: a verdict for somebody who waits, and that it is over. */
export type FlightListener = {
  verdict(waiter: Waiter, result: ProbeResult): void;
  over(flight: Flight, result: ProbeResult): void;
};

/**
 * A probe asked for or under way, and everybody who waits for it. It goes on for the most patient of them; each gets the verdict at its
 * own deadline: one scrape's hurry is not another's timeout. The probe itself is made when its turn comes, as thousands may wait.
 */
export class Flight implements Startable {
  readonly plan: ProbeOrder;
  readonly #world: World;
  readonly #listener: FlightListener;
  readonly #waiting = new Set<Waiter>();
  /** Those whose deadline is the probe's: the most patient ones. */
  #patient: Waiter[] = [];
  #probe: Probe | undefined;
  #started = false;
  #over = false;
  /** The deadline of the probe: that of its most patient waiter. */
  #dueAt = 0;

  constructor(world: World, plan: ProbeOrder, listener: FlightListener) {
    this.#world = world;
    this.plan = plan;
    this.#listener = listener;
  }

  start(): void {
    if (this.#over) return;
    this.#started = true;
    for (const waiter of this.#waiting) this.#admit(waiter);
    this.#made().start();
  }

  join(waiter: Waiter): void {
    waiter.flight = this;
    this.#waiting.add(waiter);
    if (this.#started) this.#admit(waiter);
  }

  /** Gives one waiter its verdict now, as things stand, and goes on for the others; without any it ends. */
  release(waiter: Waiter): void {
    if (this.#over) return;
    const result = this.#made().unfinished(waiter.budgetMs, waiter.askedAt);
    this.#waiting.delete(waiter);
    if (waiter.slot !== undefined) this.#world.deadlines.clear(waiter, waiter.slot);
    this.#listener.verdict(waiter, result);
    if (this.#waiting.size === 0) this.#end(result);
  }

  /** Sets the deadline of a waiter: the most patient one's is the probe's, the others have their own. */
  #admit(waiter: Waiter): void {
    const { clock, deadlines } = this.#world;
    waiter.dueAt = Math.min(clock.now() + waiter.budgetMs, waiter.limitAt);
    if (waiter.dueAt < this.#dueAt) {
      waiter.slot = deadlines.set(waiter, waiter.dueAt);
      return;
    }
    if (waiter.dueAt === this.#dueAt) {
      this.#patient.push(waiter);
      return;
    }
    for (const other of this.#patient) if (this.#waiting.has(other)) other.slot = deadlines.set(other, other.dueAt);
    this.#patient = [waiter];
    this.#dueAt = waiter.dueAt;
    this.#made().allow(waiter.dueAt, waiter.budgetMs);
  }

  #made(): Probe {
    this.#probe ??= new Probe(this.#world, this.plan, (result) => this.#land(result));
    return this.#probe;
  }

  #land(result: ProbeResult): void {
    if (this.#over) return;
    for (const waiter of this.#waiting) {
      const own = waiter.budgetMs === result.budgetMs ? result : { ...result, budgetMs: waiter.budgetMs };
      this.#listener.verdict(waiter, own);
    }
    this.#end(result);
  }

  #end(result: ProbeResult): void {
    this.#over = true;
    this.#probe?.cancel();
    for (const waiter of this.#waiting) if (waiter.slot !== undefined) this.#world.deadlines.clear(waiter, waiter.slot);
    this.#listener.over(this, result);
  }
}
