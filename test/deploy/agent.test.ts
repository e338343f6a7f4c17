import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { parseShard } from '../../src/probe/shard.ts';
import { page, ROOT } from '../docs/pages.ts';
import { startExporter } from '../helpers/e2e-exporter.ts';
import { runWell } from '../helpers/e2e-program.ts';
import { startPrometheus } from '../helpers/e2e-prometheus.ts';
import { closedPort, peer } from '../helpers/peers.ts';
import { needs } from '../helpers/programs.ts';

const FILE = 'deploy/prometheus-agent/prometheus.yml';
const CONFIG = parse(page(FILE));
const SOON = { timeout: 55_000, interval: 500 };

describe('deploy/prometheus-agent/prometheus.yml', () => {
  test('asks as many exporters as there are shards, each for its own', () => {
    const urls: string[] = CONFIG.scrape_configs[0].http_sd_configs.map(({ url }: { url: string }) => url);
    const shards = urls.map((url) => parseShard(new URL(url).searchParams.get('shard') ?? ''));
    expect(shards).toEqual(urls.map((_, index) => ({ index, count: urls.length })));
    expect(new Set(urls.map((url) => new URL(url).host)).size).toBe(urls.length);
  });

  test('adds no label by which the rules would take one target for several', () => {
    expect(Object.keys(CONFIG.global.external_labels)).toEqual(['location']);
    expect(CONFIG.scrape_configs.map(({ job_name }: { job_name: string }) => job_name)).toEqual(['port_exporter']);
  });

  needs('promtool')('Prometheus accepts it for an agent', async () => {
    expect(await runWell(['promtool', 'check', 'config', '--agent', join(ROOT, FILE)])).toContain('SUCCESS');
  });
});

needs('prometheus')('an agent that scrapes two shards has another Prometheus raise the alert', async (stage) => {
  const service = stage.keep(await peer());
  const down = `127.0.0.1:${await closedPort()}`;
  const targets = ['t0', 't1', 't2', 't3'].map((name) => ({ name, address: service.address }));
  const config = {
    defaults: { interval: '1s', timeout: '500ms', failures: 2 },
    groups: [{ name: 'all', targets: [...targets, { name: 'dead', address: down }] }],
  };
  const exporters = [await startExporter(stage, { config }), await startExporter(stage, { config })];
  const rules = { global: { evaluation_interval: '1s' }, rule_files: [join(ROOT, 'alerts/port-exporter.rules.yml')] };
  const central = await startPrometheus(stage, rules, ['--web.enable-remote-write-receiver']);
  const agent = {
    ...CONFIG,
    scrape_configs: [
      {
        ...CONFIG.scrape_configs[0],
        http_sd_configs: exporters.map(({ url }, i) => ({ url: `${url}/sd?shard=${i}/2`, refresh_interval: '1s' })),
      },
    ],
    remote_write: [{ ...CONFIG.remote_write[0], url: `http://${central.address}/api/v1/write` }],
  };
  stage.start([
    'prometheus',
    '--enable-feature=agent',
    `--config.file=${stage.write('agent.yml', JSON.stringify(agent))}`,
    `--storage.agent.path=${join(stage.directory, 'agent')}`,
    '--web.listen-address=127.0.0.1:0',
  ]);

  await vi.waitFor(async () => expect(await central.value('count(probe_success)')).toBe(5), SOON);
  expect(await central.value('count(count by (instance) (probe_success))')).toBe(2);
  expect(await central.value('count(probe_success{location="frankfurt"})')).toBe(5);
  await vi.waitFor(async () => {
    const alerts = await central.query('ALERTS{alertname="PortDown", alertstate="firing"}');
    expect(alerts.map(({ labels }) => labels['name'])).toEqual(['dead']);
  }, SOON);
});
