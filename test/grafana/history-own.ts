import { isExporterError, type ProbeResult } from '../../src/core/result.ts';
import { SelfMetrics } from '../../src/exposition/self.ts';
import { label } from '../../src/exposition/text.ts';
import { END, HOURS, RESTART, SCRAPERS, type Scraper, WATCHED } from './history-model.ts';

/** What this test's own process has is replaced, so that every run is the same. */
const PROCESS: Readonly<Record<string, (running: number) => number>> = {
  process_cpu_seconds_total: (running) => running * 0.013,
  process_resident_memory_bytes: (running) => 62e6 + (running % 3600) * 1500,
  nodejs_heap_size_used_bytes: (running) => 24e6 + (running % 600) * 9000,
  nodejs_eventloop_lag_p99_seconds: (running) => 0.01 + (running % 1200) / 1e6,
  process_open_fds: (running) => 24 + (running % 7),
  process_max_fds: () => 1024,
};

/** The exporter's own metrics, by its own code. */
export class OwnHistory {
  readonly #who: string;
  readonly #restarts: boolean;
  readonly #start = END - HOURS * 3600 - 86_400;
  #started = this.#start;
  #results: Record<string, number> = {};
  #failures: Record<string, number> = {};
  #metrics: SelfMetrics;

  constructor({ labels }: Scraper) {
    this.#who = Object.entries(labels)
      .map(([name, value]) => label(name, value))
      .join(',');
    this.#restarts = labels['instance'] === SCRAPERS[0]?.labels['instance'];
    this.#metrics = this.#fresh();
  }

  /** What it says of itself in the scrape with these results. */
  async at(time: number, results: readonly ProbeResult[]): Promise<string> {
    if (this.#restarts && time === END - RESTART) {
      this.#started = time;
      this.#results = {};
      this.#failures = {};
      this.#metrics = this.#fresh();
    }
    for (const result of results) this.#count(result);
    const longest = Math.max(...results.map(({ durationMs }) => durationMs));
    const late = Math.max(...results.map(({ latencyErrorMs }) => latencyErrorMs));
    this.#metrics.observeScrape({
      seconds: longest / 1000,
      cutShort: longest > 4900,
      latencyErrorSeconds: late / 1000,
    });
    return (await this.#metrics.render('openmetrics')).replace(
      /^(\w+)(?:\{(.*)\})? (\S+)$/gm,
      (_, name: string, labels: string | undefined, value: string) =>
        `${name}{${this.#who}${labels === undefined ? '' : `,${labels}`}} ${this.#value(name, value, time)}`,
    );
  }

  #value(name: string, value: string, time: number): string | number {
    if (name === 'process_start_time_seconds') return this.#started;
    return PROCESS[name]?.(time - this.#started) ?? value;
  }

  #count(result: ProbeResult): void {
    const { failure } = result;
    const outcome = isExporterError(result) ? 'exporter_error' : failure === undefined ? 'success' : 'failure';
    this.#results[outcome] = (this.#results[outcome] ?? 0) + 1;
    if (failure !== undefined) this.#failures[failure.reason] = (this.#failures[failure.reason] ?? 0) + 1;
  }

  #fresh(): SelfMetrics {
    return new SelfMetrics({
      version: '0.1.0',
      targets: () => WATCHED.length,
      inFlight: () => 1,
      probeResults: () => ({ success: 0, failure: 0, exporter_error: 0, ...this.#results }),
      probeFailures: () => this.#failures,
      staleAddresses: () => 0,
      lostLogLines: () => 0,
      lastReloadSuccessful: () => true,
      lastReloadSuccessAt: () => this.#started * 1000,
    });
  }
}
