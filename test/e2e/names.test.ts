import { expect, vi } from 'vitest';
import { startExporter } from '../helpers/e2e-exporter.ts';
import { createNamespace } from '../helpers/e2e-namespace.ts';
import { Samples } from '../helpers/e2e-samples.ts';
import { NAMESPACE, needs } from '../helpers/programs.ts';

const DEAD_RESOLVER = ['INPUT', '-p', 'udp', '--dport', '53', '-j', 'DROP'];

needs(...NAMESPACE)(
  'a name that does not exist, a resolver that fails and one that is silent are told apart',
  async (stage) => {
    const network = await createNamespace(stage);
    await network.listen('listen', '127.0.0.1', '5432');
    await network.listen('dns');
    const names = ['found', 'missing', 'broken', 'silent'];
    const targets = names.map((name) => ({ name, address: `${name}.example.test:5432` }));
    const exporter = await startExporter(stage, {
      config: { defaults: { timeout: '2s' }, groups: [{ name: 'all', targets }] },
      before: network.enter,
      ask: network.ask,
    });

    const samples = await exporter.scrape();

    expect(Object.fromEntries(names.map((name) => [name, samples.verdict(name)]))).toEqual({
      found: 'up',
      missing: 'dns_not_found in resolve',
      broken: 'dns_failure in resolve',
      silent: 'dns_timeout in resolve',
    });
    expect(samples.value('probe_dns_lookup_time_seconds', { name: 'found' })).toBeGreaterThan(0);
  },
);

needs(...NAMESPACE)('500 names behind a dead resolver do not touch 500 addresses beside them', async (stage) => {
  const network = await createNamespace(stage);
  await network.listen('listen', '0.0.0.0', '5432');
  await network.iptables('-A', ...DEAD_RESOLVER);
  const numbers = Array.from({ length: 500 }, (_, i) => i);
  const names = numbers.map((i) => `n${i}.example.test:5432`);
  const addresses = numbers.map((i) => `127.1.${i >> 8}.${i & 255}:5432`);
  const groups = [
    { name: 'names', targets: names },
    { name: 'addresses', targets: addresses },
  ];
  const exporter = await startExporter(stage, { config: { groups }, before: network.enter, ask: network.ask });

  const headers = { 'X-Prometheus-Scrape-Timeout-Seconds': '5' };
  const { seconds, body } = await exporter.get('/metrics', { headers });
  const samples = new Samples(body);

  expect(seconds).toBeLessThan(5);
  expect(samples.of('probe_success', { group: 'addresses' }).filter(({ value }) => value !== 1)).toEqual([]);
  const latencies = samples.of('probe_tcp_duration_seconds', { group: 'addresses', phase: 'connect' });
  expect(latencies).toHaveLength(500);
  const sorted = latencies.map(({ value }) => value).sort((a, b) => a - b);
  expect(sorted[250]).toBeLessThan(0.01);
  expect(sorted[499]).toBeLessThan(0.5);
  expect(samples.of('probe_failure_info', { group: 'names', reason: 'dns_timeout', phase: 'resolve' })).toHaveLength(
    500,
  );
});

needs(...NAMESPACE)('a name that was known is still probed when the resolver dies', async (stage) => {
  const network = await createNamespace(stage);
  await network.listen('listen', '127.0.0.1', '5432');
  await network.listen('dns');
  const target = { name: 'shop', address: 'shop.example.test:5432' };
  const exporter = await startExporter(stage, {
    config: { defaults: { timeout: '1s' }, groups: [{ name: 'all', targets: [target] }] },
    before: network.enter,
    ask: network.ask,
  });
  const before = await exporter.scrape();
  expect(before.verdict('shop')).toBe('up');
  expect(before.value('port_exporter_dns_stale_answers_total')).toBe(0);

  await network.iptables('-A', ...DEAD_RESOLVER);

  // The answer holds for a second; after that the resolver is asked again, in vain.
  await vi.waitFor(
    async () => {
      const samples = await exporter.scrape();
      expect(samples.verdict('shop')).toBe('up');
      expect(samples.value('port_exporter_dns_stale_answers_total')).toBeGreaterThan(0);
    },
    { timeout: 15_000, interval: 200 },
  );
});
