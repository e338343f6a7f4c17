import { expect, vi } from 'vitest';
import { type Exporter, startExporter } from '../helpers/e2e-exporter.ts';
import { freePort } from '../helpers/e2e-ports.ts';
import { startPrometheus } from '../helpers/e2e-prometheus.ts';
import type { Stage } from '../helpers/e2e-stage.ts';
import { peer } from '../helpers/peers.ts';
import { needs } from '../helpers/programs.ts';

const SOON = { timeout: 25_000, interval: 200 };

needs('prometheus')(
  'Prometheus needs nothing but the address of /sd to scrape each target at its own interval',
  async (stage) => {
    const services = [stage.keep(await peer()), stage.keep(await peer()), stage.keep(await peer())];
    const addresses = services.map(({ address }) => address);
    const exporter = await startExporter(stage, { config: threeIntervals(addresses) });
    const prometheus = await startPrometheus(stage, discovery(exporter));
    const scrapes = (name: string) => prometheus.value(`count_over_time(probe_success{name="${name}"}[5m])`);
    await vi.waitFor(async () => expect(await scrapes('every second')).toBeGreaterThanOrEqual(13), SOON);

    const often = (await scrapes('every second')) ?? 0;
    expect(near((await scrapes('every two seconds')) ?? 0, often / 2)).toBe(true);
    expect(near((await scrapes('every three seconds')) ?? 0, often / 3)).toBe(true);
    const targets = await prometheus.targets();
    expect(
      Object.fromEntries(targets.map(({ scrapeInterval, labels }) => [labels['name'] ?? 'itself', scrapeInterval])),
    ).toEqual({
      'every second': '1s',
      'every two seconds': '2s',
      'every three seconds': '3s',
      itself: '1s',
    });
    expect(targets.find(({ labels }) => labels['name'] === 'every two seconds')?.labels).toEqual({
      job: 'port_exporter',
      instance: exporter.address,
      target: addresses[1],
      name: 'every two seconds',
      service: 'tcp',
      group: 'all',
      severity: 'warning',
      team: 'data',
    });
    expect(targets.map(({ health, lastError }) => [health, lastError])).toEqual(Array(4).fill(['up', '']));
    expect(await prometheus.value('min(up)')).toBe(1);
    expect(await prometheus.value('count(up)')).toBe(4);
    expect(await prometheus.value('min(min_over_time(probe_success[5m]))')).toBe(1);
    expect(await prometheus.value('port_exporter_targets')).toBe(3);
  },
);

needs('prometheus', 'redis-server')(
  'a Redis that stops and comes back is seen by Prometheus, with the reason',
  async (stage) => {
    const port = await freePort();
    const redis = await startRedis(stage, port);
    const exporter = await startExporter(stage, { config: watch(`127.0.0.1:${port}`) });
    const prometheus = await startPrometheus(stage, discovery(exporter));
    await vi.waitFor(async () => expect(await prometheus.value('probe_success')).toBe(1), SOON);

    await redis.end();

    await vi.waitFor(async () => expect(await prometheus.value('probe_success')).toBe(0), SOON);
    expect(await prometheus.query('probe_failure_info')).toMatchObject([
      { labels: { name: 'cache', service: 'redis', reason: 'connection_refused', phase: 'connect' }, value: 1 },
    ]);
    await vi.waitFor(async () => expect(await prometheus.value('probe_consecutive_failures')).toBeGreaterThan(2), SOON);

    await startRedis(stage, port);

    await vi.waitFor(async () => expect(await prometheus.value('probe_success')).toBe(1), SOON);
    expect(await prometheus.query('probe_failure_info')).toEqual([]);
    expect(await prometheus.value('probe_consecutive_failures')).toBe(0);
    expect(await prometheus.value('probe_state_changes_total')).toBe(2);
  },
);

needs('prometheus')('behind an external URL with a path, /sd sends Prometheus through that path', async (stage) => {
  const service = stage.keep(await peer());
  const port = await freePort();
  const exporter = await startExporter(stage, {
    config: watch(service.address),
    args: [`--web.listen-address=127.0.0.1:${port}`, `--web.external-url=http://127.0.0.1:${port}/ports/`],
  });
  const prometheus = await startPrometheus(stage, discovery(exporter, '/ports/sd'));

  await vi.waitFor(async () => expect(await prometheus.value('probe_success')).toBe(1), SOON);

  await vi.waitFor(async () => expect(await prometheus.value('count(up == 1)')).toBe(2), SOON);
  const urls = (await prometheus.targets()).map(({ scrapeUrl }) => scrapeUrl).sort();
  expect(urls).toEqual([`${exporter.url}/ports/metrics?collect=exporter`, `${exporter.url}/ports/probe?target=cache`]);
});

function discovery({ url }: Exporter, path = '/sd'): object {
  return {
    global: { scrape_interval: '1s' },
    scrape_configs: [
      { job_name: 'port_exporter', http_sd_configs: [{ url: `${url}${path}`, refresh_interval: '1s' }] },
    ],
  };
}

function threeIntervals(addresses: readonly string[]): object {
  const names = ['every second', 'every two seconds', 'every three seconds'];
  const targets = addresses.map((address, i) => ({ name: names[i], address, interval: `${i + 1}s` }));
  return {
    defaults: { timeout: '500ms' },
    groups: [{ name: 'all', severity: 'warning', labels: { team: 'data' }, targets }],
  };
}

function watch(address: string): object {
  const target = { name: 'cache', address, service: 'redis', check: 'connect', interval: '1s', timeout: '500ms' };
  return { groups: [{ name: 'databases', targets: [target] }] };
}

async function startRedis(stage: Stage, port: number) {
  const files = ['--dir', stage.directory, '--save', '', '--appendonly', 'no'];
  const redis = stage.start(['redis-server', '--bind', '127.0.0.1', '--port', String(port), ...files]);
  await redis.said(/Ready to accept connections/);
  return redis;
}

/** One scrape more or less: the first ones do not fall together. */
function near(count: number, expected: number): boolean {
  return Math.abs(count - expected) <= 1.5;
}
