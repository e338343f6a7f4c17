import { expect } from 'vitest';
import { startExporter } from '../helpers/e2e-exporter.ts';
import { createNamespace } from '../helpers/e2e-namespace.ts';
import { Samples } from '../helpers/e2e-samples.ts';
import { NAMESPACE, needs } from '../helpers/programs.ts';

needs(...NAMESPACE)(
  'a firewall that drops, a router that says no and a missing route are told apart',
  async (stage) => {
    const network = await createNamespace(stage);
    await network.listen('listen', '127.0.0.1', '5432');
    await network.iptables('-A', 'INPUT', '-d', '127.0.0.2', '-j', 'DROP');
    await network.iptables('-A', 'INPUT', '-d', '127.0.0.3', '-j', 'REJECT', '--reject-with', 'icmp-host-unreachable');
    const targets = [
      { name: 'running', address: '127.0.0.1:5432' },
      { name: 'stopped', address: '127.0.0.1:5433' },
      { name: 'dropped', address: '127.0.0.2:5432' },
      { name: 'rejected', address: '127.0.0.3:5432' },
      { name: 'without a route', address: '192.0.2.1:5432' },
    ];
    const config = { defaults: { timeout: '30s' }, groups: [{ name: 'all', targets }] };
    const exporter = await startExporter(stage, { config, before: network.enter, ask: network.ask });

    const headers = { 'X-Prometheus-Scrape-Timeout-Seconds': '4' };
    const { seconds, body } = await exporter.get('/metrics', { headers });
    const samples = new Samples(body);

    expect(seconds).toBeLessThan(4);
    expect(Object.fromEntries(targets.map(({ name }) => [name, samples.verdict(name)]))).toEqual({
      running: 'up',
      stopped: 'connection_refused in connect',
      dropped: 'timeout in connect',
      rejected: 'host_unreachable in connect',
      'without a route': 'network_unreachable in connect',
    });
    expect(samples.value('probe_success', { name: 'dropped' })).toBe(0);
    expect(samples.of('probe_tcp_duration_seconds', { name: 'dropped' })).toEqual([]);
    expect(samples.value('port_exporter_scrape_deadline_exceeded_total')).toBe(1);
  },
);

needs(...NAMESPACE)(
  'what a firewall forbids in words is unreachable, over IPv4 and IPv6, and closed as it should be',
  async (stage) => {
    const network = await createNamespace(stage);
    await network.listen('listen', '127.0.0.1', '5432');
    const forbid = (port: number, how: string) => [
      '-A',
      'INPUT',
      '-p',
      'tcp',
      '--dport',
      `${port}`,
      '-j',
      'REJECT',
      '--reject-with',
      how,
    ];
    await network.iptables(...forbid(81, 'icmp-admin-prohibited'));
    await network.iptables(...forbid(82, 'icmp-proto-unreachable'));
    await network.ip6tables(...forbid(83, 'icmp6-adm-prohibited'));
    await network.ip6tables(...forbid(84, 'icmp6-policy-fail'));
    await network.ip6tables(...forbid(85, 'icmp6-reject-route'));
    const addresses = ['127.0.0.1:81', '127.0.0.1:82', '[::1]:83', '[::1]:84', '[::1]:85'];
    const groups = [
      { name: 'open', targets: addresses.map((address) => ({ name: `open ${address}`, address })) },
      {
        name: 'closed',
        expect: 'closed',
        targets: addresses.map((address) => ({ name: `closed ${address}`, address })),
      },
    ];
    const exporter = await startExporter(stage, { config: { groups }, before: network.enter, ask: network.ask });

    const samples = new Samples((await exporter.get('/metrics')).body);

    const verdicts = addresses.map((address) => [
      samples.verdict(`open ${address}`),
      samples.verdict(`closed ${address}`),
    ]);
    expect(verdicts).toEqual(addresses.map(() => ['host_unreachable in connect', 'up']));
  },
);
