import { expect, vi } from 'vitest';
import { type Exporter, startExporter } from '../helpers/e2e-exporter.ts';
import { freePort } from '../helpers/e2e-ports.ts';
import { type Prometheus, startPrometheus } from '../helpers/e2e-prometheus.ts';
import { needs } from '../helpers/programs.ts';

needs('prometheus')('two Prometheus servers count each failed interval once', async (stage) => {
  const exporter = await startExporter(stage, { config: await nothingThere('1s') });
  const pair = await Promise.all(['a', 'b'].map((replica) => startPrometheus(stage, scrapeJob(exporter, replica))));
  const scrapes = (prometheus: Prometheus) => prometheus.value('count_over_time(probe_success[5m])');
  await vi.waitFor(
    async () => {
      for (const prometheus of pair) expect(await scrapes(prometheus)).toBeGreaterThanOrEqual(8);
    },
    { timeout: 25_000, interval: 200 },
  );

  for (const prometheus of pair) {
    const intervals = (await scrapes(prometheus)) ?? 0;
    const failures = (await prometheus.value('probe_consecutive_failures')) ?? 0;
    // The other server may have begun an interval or two earlier.
    expect(failures).toBeGreaterThanOrEqual(intervals - 1);
    expect(failures).toBeLessThanOrEqual(intervals + 3);
  }
});

needs()('a scraper that asks all the time does not count failures faster than the interval', async (stage) => {
  const exporter = await startExporter(stage, { config: await nothingThere('500ms') });
  const began = performance.now();
  let scrapes = 0;
  let failures = 0;
  while (failures < 4 && performance.now() - began < 20_000) {
    const before = failures;
    failures = (await exporter.scrape()).value('probe_consecutive_failures') ?? 0;
    expect(failures - before).toBeLessThanOrEqual(1);
    scrapes++;
  }

  // The first failure counts at once, each further one after an interval, less a quarter of it.
  const intervals = (performance.now() - began) / 500;
  expect(intervals).toBeGreaterThan(3 * 0.75);
  expect(scrapes).toBeGreaterThan(8);
});

async function nothingThere(interval: string): Promise<object> {
  const target = { name: 'down', address: `127.0.0.1:${await freePort()}`, interval, timeout: '200ms' };
  return { groups: [{ name: 'all', targets: [target] }] };
}

function scrapeJob({ address }: Exporter, replica: string): object {
  return {
    global: { scrape_interval: '1s', external_labels: { replica } },
    scrape_configs: [{ job_name: 'port_exporter', static_configs: [{ targets: [address] }] }],
  };
}
