import { describe, expect, test } from 'vitest';
import { SelfMetrics } from '../../src/exposition/self.ts';
import type { Format } from '../../src/exposition/text.ts';

const SOURCES = {
  version: '1.2.3',
  targets: () => 7,
  inFlight: () => 2,
  probeResults: () => ({ success: 5, failure: 1, exporter_error: 0 }),
  probeFailures: () => ({ timeout: 1 }),
  staleAddresses: () => 3,
  lostLogLines: () => 4,
  lastReloadSuccessful: () => false,
  lastReloadSuccessAt: () => 1_700_000_000_500,
};

function self(): SelfMetrics {
  const own = new SelfMetrics({
    ...SOURCES,
    coverage: async () => ({ unmonitored: 3, listed: [{ address: '127.0.0.1:22', process: 'a"b\n' }], silent: 2 }),
  });
  own.observeScrape({ seconds: 0.3, cutShort: true, latencyErrorSeconds: 0.002 });
  return own;
}

describe.each<Format>(['text', 'openmetrics'])('as %s', (format) => {
  test.each([
    /^port_exporter_build_info\{version="1\.2\.3",nodeversion="v\d+\.\d+\.\d+"\} 1$/m,
    /^port_exporter_targets 7$/m,
    /^port_exporter_probes_in_flight 2$/m,
    /^port_exporter_probes_total\{result="success"\} 5$/m,
    /^port_exporter_probes_total\{result="exporter_error"\} 0$/m,
    /^port_exporter_probe_failures_total\{reason="timeout"\} 1$/m,
    /^port_exporter_dns_stale_answers_total 3$/m,
    /^port_exporter_log_lines_lost_total 4$/m,
    /^port_exporter_config_last_reload_successful 0$/m,
    /^port_exporter_config_last_reload_success_timestamp_seconds 1700000000\.5$/m,
    /^port_exporter_scrape_duration_seconds_count 1$/m,
    /^port_exporter_scrape_deadline_exceeded_total 1$/m,
    /^port_exporter_latency_error_seconds 0\.002$/m,
    /^port_exporter_unmonitored_listeners 3$/m,
    /^port_exporter_unmonitored_listener_info\{address="127\.0\.0\.1:22",process="a\\"b\\n"\} 1$/m,
    /^port_exporter_silent_targets 2$/m,
    /^process_resident_memory_bytes \d+$/m,
    /^nodejs_eventloop_lag_seconds /m,
  ])('%s', async (line) => expect(await self().render(format)).toMatch(line));
});

test('asking again does not count again', async () => {
  const own = self();
  await own.render('text');
  expect(await own.render('text')).toMatch(/^port_exporter_probes_total\{result="success"\} 5$/m);
});

test('OpenMetrics names counters without _total in their heading, and writes bounds as floats', async () => {
  const text = await self().render('openmetrics');
  expect(text).toContain('# TYPE port_exporter_probes counter\n');
  expect(text).toContain('port_exporter_scrape_duration_seconds_bucket{le="1.0"} 1\n');
  expect(text).toContain('port_exporter_scrape_duration_seconds_bucket{le="+Inf"} 1\n');
});

test('what listens is not told of where nobody asks for it, or where it is not known', async () => {
  const sources = { ...SOURCES, coverage: async () => undefined };
  for (const own of [new SelfMetrics(SOURCES), new SelfMetrics(sources)])
    expect(await own.render('text')).not.toMatch(/unmonitored|silent/);
});
