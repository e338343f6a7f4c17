/** How much of everything one run does. */
export type Plan = {
  /** Targets of the big scrape. */
  readonly targets: number;
  /** Numbers of targets probed at once for the latency error; the first scrape and the warm-ups come on top. */
  readonly latencyCounts: readonly number[];
  readonly latencyRounds: number;
  readonly cpuRounds: number;
  readonly scrapeRounds: number;
  readonly probeRounds: number;
  readonly probeSeconds: number;
  readonly memoryScrapes: number;
  readonly blackholeRounds: number;
};

export const FULL: Plan = {
  targets: 10_000,
  latencyCounts: [100, 1_000, 10_000],
  latencyRounds: 7,
  cpuRounds: 7,
  scrapeRounds: 9,
  probeRounds: 3,
  probeSeconds: 8,
  memoryScrapes: 100,
  blackholeRounds: 3,
};

export const QUICK: Plan = {
  targets: 1_000,
  latencyCounts: [100, 1_000],
  latencyRounds: 1,
  cpuRounds: 1,
  scrapeRounds: 2,
  probeRounds: 1,
  probeSeconds: 2,
  memoryScrapes: 10,
  blackholeRounds: 1,
};
