import type { Plan } from './plan.ts';

/** What every measurement is given. */
export type Bench = {
  readonly plan: Plan;
  /** The exporter's main.js. */
  readonly exporter: string;
  /** The compiled raw.c. */
  readonly raw: string;
  /** A folder for configurations and captures, removed at the end. */
  readonly directory: string;
  /** One line of progress. */
  say(line: string): void;
};

/** One promise of the project and what came of it; `met` is absent where nothing was promised. */
export type Goal = {
  readonly figure: string;
  readonly goal: string;
  readonly measured: string;
  readonly met?: boolean;
};

/** One measurement, ready to be written down. */
export type Section = {
  readonly title: string;
  readonly how: string;
  readonly goals: readonly Goal[];
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly notes: readonly string[];
};

export type Measure = (bench: Bench) => Promise<Section>;
