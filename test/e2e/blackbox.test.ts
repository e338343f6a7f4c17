import { expect, vi } from 'vitest';
import { startBlackbox } from '../helpers/e2e-blackbox.ts';
import { startExporter } from '../helpers/e2e-exporter.ts';
import { freePort } from '../helpers/e2e-ports.ts';
import { type Series, startPrometheus } from '../helpers/e2e-prometheus.ts';
import type { Stage } from '../helpers/e2e-stage.ts';
import { peer } from '../helpers/peers.ts';
import { needs } from '../helpers/programs.ts';

const MODULES = { modules: { tcp_connect: { prober: 'tcp', timeout: '2s' } } };
const SAME_VALUE = ['probe_success', 'probe_ip_protocol', 'probe_ip_addr_hash'];
const SAME_LABELS = [
  'probe_failed_due_to_regex',
  ...SAME_VALUE,
  'probe_duration_seconds',
  'probe_dns_lookup_time_seconds',
];

needs('prometheus', 'prometheus-blackbox-exporter')(
  'a scrape job written for blackbox_exporter works when only its address is changed',
  async (stage) => {
    const service = stage.keep(await peer());
    const targets = [service.address, `127.0.0.1:${await freePort()}`];
    const exporter = await startExporter(stage, { config: MODULES });

    const [theirs, ours] = await Promise.all([
      scraped(stage, await startBlackbox(stage, MODULES), targets),
      scraped(stage, exporter.address, targets),
    ]);

    const wanted = theirs.filter(({ labels }) => SAME_LABELS.includes(labels['__name__'] ?? ''));
    expect(wanted).toHaveLength(targets.length * SAME_LABELS.length);
    const found = new Map(ours.map((series) => [identity(series), series.value]));
    expect(wanted.map(identity).filter((id) => !found.has(id))).toEqual([]);
    const compared = wanted.filter(({ labels }) => SAME_VALUE.includes(labels['__name__'] ?? ''));
    expect(compared.map((series) => [identity(series), found.get(identity(series))])).toEqual(
      compared.map((series) => [identity(series), series.value]),
    );
    const success = compared.filter(({ labels }) => labels['__name__'] === 'probe_success');
    expect(success.map(({ value }) => value).sort()).toEqual([0, 1]);
  },
);

/** All probe_* series of both targets, by the job as the documentation of blackbox_exporter has it. */
async function scraped(stage: Stage, address: string, targets: readonly string[]): Promise<readonly Series[]> {
  const prometheus = await startPrometheus(stage, {
    global: { scrape_interval: '1s' },
    scrape_configs: [
      {
        job_name: 'blackbox',
        metrics_path: '/probe',
        params: { module: ['tcp_connect'] },
        static_configs: [{ targets }],
        relabel_configs: [
          { source_labels: ['__address__'], target_label: '__param_target' },
          { source_labels: ['__param_target'], target_label: 'instance' },
          { target_label: '__address__', replacement: address },
        ],
      },
    ],
  });
  await vi.waitFor(async () => expect(await prometheus.value('count(probe_success)')).toBe(2), { timeout: 20_000 });
  return prometheus.query('{__name__=~"probe_.+"}');
}

function identity({ labels }: Series): string {
  return JSON.stringify(Object.entries(labels).sort());
}
