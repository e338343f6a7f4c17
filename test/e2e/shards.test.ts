import { expect, vi } from 'vitest';
import { type Exporter, startExporter } from '../helpers/e2e-exporter.ts';
import { startPrometheus } from '../helpers/e2e-prometheus.ts';
import { peer } from '../helpers/peers.ts';
import { needs } from '../helpers/programs.ts';

const SOON = { timeout: 25_000, interval: 200 };
const NAMES = ['orders-db', 'sessions', 'mail', 'shop', 'größer', 'a b', 'web-11', 'web-22', 'web-33', '[::1]:6379'];

needs('prometheus')('exporters that share out one list are scraped for each target once', async (stage) => {
  const service = stage.keep(await peer());
  const config = watch(service.address);
  const exporters = [await startExporter(stage, { config }), await startExporter(stage, { config })];
  const urls = exporters.map(({ url }, i) => ({ url: `${url}/sd?shard=${i}/2` }));
  const prometheus = await startPrometheus(stage, job(urls));
  await vi.waitFor(async () => expect(await prometheus.value('count(probe_success)')).toBe(NAMES.length), SOON);

  expect(await prometheus.value('max(count by (name) (probe_success))')).toBe(1);
  const instances = await prometheus.query('count by (instance) (probe_success)');
  expect(new Set(instances.map(({ labels }) => labels['instance']))).toEqual(addresses(exporters));
  // What the exporters say of themselves is a scrape of its own.
  await vi.waitFor(async () => {
    const own = await prometheus.query('port_exporter_targets');
    expect(own.map(({ value }) => value)).toEqual([NAMES.length, NAMES.length]);
  }, SOON);
});

needs('prometheus')(
  'a shard has the targets that the hashmod of Prometheus leaves of the whole list',
  async (stage) => {
    const service = stage.keep(await peer());
    const exporter = await startExporter(stage, { config: watch(service.address) });
    for (const shard of [0, 1, 2]) {
      const relabelled = [
        { source_labels: ['name'], modulus: 3, target_label: '__tmp_shard', action: 'hashmod' },
        { source_labels: ['__tmp_shard'], regex: String(shard), action: 'keep' },
      ];
      const prometheus = await startPrometheus(stage, job([{ url: `${exporter.url}/sd` }], relabelled));
      const { body } = await exporter.get(`/sd?shard=${shard}/3`);
      const own = (JSON.parse(body) as { labels: Record<string, string> }[]).flatMap(
        ({ labels }) => labels['name'] ?? [],
      );
      expect(own.length).toBeGreaterThan(0);
      await vi.waitFor(async () => {
        const found = (await prometheus.targets()).flatMap(({ labels }) => labels['name'] ?? []);
        expect(found.toSorted()).toEqual(own.toSorted());
      }, SOON);
    }
  },
);

function watch(address: string): object {
  const targets = NAMES.map((name) => ({ name, address }));
  return { defaults: { interval: '1s', timeout: '500ms' }, groups: [{ name: 'all', targets }] };
}

function job(urls: readonly { readonly url: string }[], relabelled: readonly object[] = []): object {
  const sd = urls.map((one) => ({ ...one, refresh_interval: '1s' }));
  return {
    global: { scrape_interval: '1s', scrape_timeout: '1s' },
    scrape_configs: [{ job_name: 'port_exporter', http_sd_configs: sd, relabel_configs: relabelled }],
  };
}

function addresses(exporters: readonly Exporter[]): Set<string> {
  return new Set(exporters.map(({ address }) => address));
}
