import { setTimeout as wait } from 'node:timers/promises';
import { formatEndpoint } from '../core/endpoint.ts';
import { Pace } from '../net/pace.ts';
import { type Findings, lookAround, resolvedBy } from './look-around.ts';
import type { Target } from './spec.ts';
import type { States } from './state.ts';
import type { World } from './world.ts';

/** What metrics tell of the coverage of this machine. */
export type CoverageFacts = {
  readonly unmonitored: number;
  /** The first of them; `process` is '' where it is not known. */
  readonly listed: readonly { readonly address: string; readonly process: string }[];
  readonly silent: number;
};

/** How long what was found is told again, ms. */
const FRESH_MS = 60_000;
/** What looking around may take, ms; it holds nobody up meanwhile. */
const LOOK_MS = 5000;
/** How long whoever asks waits for a look that is under way, ms; after that it gets what was found before. */
const WAIT_MS = 200;
const MOST_LISTED = 100;

type Look = (targets: readonly Target[]) => Promise<Findings | undefined>;

/** What of this machine is watched, looked for when somebody asks, but not more often than every minute. */
export class CoverageWatch {
  readonly #now: () => number;
  readonly #look: Look;
  readonly #failed: (error: unknown) => void;
  #of: readonly Target[] | undefined;
  #lookedAt = 0;
  #facts: CoverageFacts | undefined;
  #underWay: Promise<void> | undefined;

  /** `failed` is told why this machine cannot be looked at. */
  constructor(now: () => number, look: Look, failed: (error: unknown) => void = () => undefined) {
    this.#now = now;
    this.#look = look;
    this.#failed = failed;
  }

  /** What is known for these targets; undefined until something is. Never rejects. */
  async facts(targets: readonly Target[]): Promise<CoverageFacts | undefined> {
    if (targets !== this.#of) {
      // A new configuration: what was true of the old one is not.
      this.#of = targets;
      this.#facts = undefined;
      this.#underWay = undefined;
      this.#lookedAt = Number.NEGATIVE_INFINITY;
    }
    if (this.#underWay === undefined && this.#now() - this.#lookedAt >= FRESH_MS) this.#underWay = this.#begin(targets);
    if (this.#underWay !== undefined) await soon(this.#underWay);
    return this.#of === targets ? this.#facts : undefined;
  }

  async #begin(targets: readonly Target[]): Promise<void> {
    this.#lookedAt = this.#now();
    const found = await this.#look(targets).catch((error: unknown) => {
      this.#failed(error);
      return undefined;
    });
    if (this.#of !== targets) return;
    this.#facts = found && factsOf(found);
    this.#underWay = undefined;
  }
}

async function soon(underWay: Promise<void>): Promise<void> {
  const late = new AbortController();
  const patience = wait(WAIT_MS, undefined, { signal: late.signal, ref: false }).catch(() => undefined);
  await Promise.race([underWay, patience]);
  late.abort();
}

function factsOf({ unmonitored, silent }: Findings): CoverageFacts {
  const listed = unmonitored
    .slice(0, MOST_LISTED)
    .map(({ endpoint, process }) => ({ address: formatEndpoint(endpoint), process: process?.name ?? '' }));
  return { unmonitored: unmonitored.length, listed, silent: silent.length };
}

/** Looks around as the exporter does: names are where they were last dialled, or where the resolver says. */
export function lookFrom({ clock, resolver }: Pick<World, 'clock' | 'resolver'>, states: States): Look {
  return (targets) => {
    const pace = new Pace(clock, LOOK_MS);
    const resolved = resolvedBy(resolver, pace);
    const addressOf = (target: Target) => states.of(target).last?.address ?? resolved(target);
    return lookAround(targets, addressOf, pace, { processesOf: 'unmonitored' });
  };
}
