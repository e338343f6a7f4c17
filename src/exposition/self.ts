import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { CoverageFacts } from '../probe/coverage-watch.ts';
import { renderCoverage } from './coverage.ts';
import { type Format, heading, label, sample } from './text.ts';

/** What the exporter's own metrics are read from, at the moment they are asked for. */
export type SelfSources = {
  readonly version: string;
  readonly targets: () => number;
  readonly inFlight: () => number;
  readonly probeResults: () => Readonly<Record<string, number>>;
  readonly probeFailures: () => Readonly<Partial<Record<string, number>>>;
  readonly staleAddresses: () => number;
  readonly lostLogLines: () => number;
  readonly lastReloadSuccessful: () => boolean;
  /** Milliseconds since 1970. */
  readonly lastReloadSuccessAt: () => number;
  /** What of this machine is watched: undefined where that is not asked for, or not known. */
  readonly coverage?: () => Promise<CoverageFacts | undefined>;
};

/** One scrape, as the exporter's own metrics see it. */
export type ScrapeFacts = {
  readonly seconds: number;
  readonly cutShort: boolean;
  readonly latencyErrorSeconds: number;
};

/** Gauges of prom-client under the name of a counter, which promtool refuses. The families without _total tell the same, by type. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

/** The exporter's own metrics. Read through prom-client, written by our own renderer, which knows both formats without renaming anything. */
export class SelfMetrics {
  readonly #registry = new Registry();
  readonly #coverage: SelfSources['coverage'];
  readonly #scrapes: Histogram;
  readonly #cutShort: Counter;
  readonly #latencyError: Gauge;

  constructor(sources: SelfSources) {
    const registers = [this.#registry];
    addSources(registers, sources);
    this.#coverage = sources.coverage;
    this.#scrapes = new Histogram({
      name: 'port_exporter_scrape_duration_seconds',
      help: 'How long it took to probe for a scrape of /metrics.',
      buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    });
    this.#cutShort = new Counter({
      name: 'port_exporter_scrape_deadline_exceeded_total',
      help: 'Scrapes of /metrics that had to answer before every probe had ended by itself.',
      registers,
    });
    this.#latencyError = new Gauge({
      name: 'port_exporter_latency_error_seconds',
      help: "Upper bound of what the exporter's own queueing can have added to a latency of the last scrape.",
      registers,
    });
    collectDefaultMetrics({ register: this.#registry });
    for (const name of MISNAMED) this.#registry.removeSingleMetric(name);
  }

  /** A scrape of /metrics. */
  observeScrape(facts: ScrapeFacts): void {
    this.#scrapes.observe(facts.seconds);
    if (facts.cutShort) this.#cutShort.inc();
    this.observeLatencyError(facts.latencyErrorSeconds);
  }

  /** What the exporter's own queueing can have added to a latency of the last scrape, of /metrics or of /probe. */
  observeLatencyError(seconds: number): void {
    this.#latencyError.set(seconds);
  }

  async render(format: Format): Promise<string> {
    const coverage = await this.#coverage?.();
    let text = coverage === undefined ? '' : renderCoverage(coverage, format);
    for (const family of await this.#registry.getMetricsAsJSON()) {
      text += heading({ name: family.name, type: family.type as unknown as string, help: family.help }, format);
      for (const { labels, value, metricName } of family.values as readonly Value[]) {
        const rendered = Object.entries(labels).map(([name, of]) => label(name, numericLabel(name, of, format)));
        text += sample(metricName ?? family.name, rendered.join(','), value);
      }
    }
    return text;
  }
}

type Value = {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  readonly metricName?: string;
};

/** OpenMetrics wants bucket bounds and quantiles written as floats: le="1.0". */
function numericLabel(name: string, value: string | number, format: Format): string {
  const whole = format === 'openmetrics' && (name === 'le' || name === 'quantile') && /^\d+$/.test(String(value));
  return whole ? `${value}.0` : String(value);
}

function addSources(registers: Registry[], sources: SelfSources): void {
  new Gauge({
    name: 'port_exporter_build_info',
    help: 'Version of the exporter and of Node.js.',
    labelNames: ['version', 'nodeversion'],
    registers,
  }).set({ version: sources.version, nodeversion: process.version }, 1);
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  gauge('port_exporter_config_last_reload_successful', 'Whether the last reload of the configuration was taken.', () =>
    Number(sources.lastReloadSuccessful()),
  );
  gauge(
    'port_exporter_config_last_reload_success_timestamp_seconds',
    'When the configuration was last taken.',
    () => sources.lastReloadSuccessAt() / 1000,
  );
  gauge('port_exporter_targets', 'Configured targets, discovered ones included.', sources.targets);
  gauge('port_exporter_probes_in_flight', 'Probes under way now.', sources.inFlight);
  counters(registers, 'port_exporter_probes_total', 'Probes by result.', 'result', sources.probeResults);
  counters(
    registers,
    'port_exporter_probe_failures_total',
    'Failed probes by reason.',
    'reason',
    sources.probeFailures,
  );
  counters(
    registers,
    'port_exporter_dns_stale_answers_total',
    'Probes of the last known address, because the resolver failed.',
    undefined,
    () => ({
      all: sources.staleAddresses(),
    }),
  );
  counters(
    registers,
    'port_exporter_log_lines_lost_total',
    'Lines of the log that could not be written.',
    undefined,
    () => ({ all: sources.lostLogLines() }),
  );
}

/** A counter that is kept elsewhere, so that counting costs a probe nothing. */
function counters(
  registers: Registry[],
  name: string,
  help: string,
  labelName: string | undefined,
  read: () => Readonly<Partial<Record<string, number>>>,
): void {
  new Counter({
    name,
    help,
    labelNames: labelName === undefined ? [] : [labelName],
    registers,
    collect() {
      this.reset();
      for (const [value, count] of Object.entries(read())) {
        if (labelName === undefined) this.inc(count ?? 0);
        else this.inc({ [labelName]: value }, count ?? 0);
      }
    },
  });
}
