import { expect, vi } from 'vitest';
import { startApp } from '../helpers/e2e-app.ts';
import { type Exporter, startExporter } from '../helpers/e2e-exporter.ts';
import { connectNamespaces, createNamespace, type Namespace } from '../helpers/e2e-namespace.ts';
import { openThings, thingsAtRest } from '../helpers/e2e-open-things.ts';
import { Samples } from '../helpers/e2e-samples.ts';
import type { Stage } from '../helpers/e2e-stage.ts';
import { NAMESPACE, needs } from '../helpers/programs.ts';

const SOON = { timeout: 10_000, interval: 200 };
const HEALTHY = {
  open: 'up',
  closed: 'connection_refused in connect',
  silent: 'timeout in handshake',
  web: 'up',
  here: 'up',
};
const FAR = ['open', 'closed', 'silent', 'web'];

/** What is done to the network, how it is undone, and what becomes of each far target meanwhile. */
const LOSSES: readonly {
  readonly what: string;
  readonly lose: (near: Namespace, far: Namespace) => Promise<unknown>;
  readonly restore: (near: Namespace, far: Namespace) => Promise<unknown>;
  readonly verdict: string;
}[] = [
  {
    what: 'a link that is down here',
    lose: (near) => near.ip('link', 'set', 'eth0', 'down'),
    restore: (near) => near.ip('link', 'set', 'eth0', 'up'),
    verdict: 'network_unreachable in connect',
  },
  {
    what: 'a link that is down at the other end',
    lose: (_, far) => far.ip('link', 'set', 'eth0', 'down'),
    restore: (_, far) => far.ip('link', 'set', 'eth0', 'up'),
    verdict: 'host_unreachable in connect',
  },
  {
    what: 'a firewall that drops everything',
    lose: async (near) => {
      await near.iptables('-A', 'INPUT', '-i', 'eth0', '-j', 'DROP');
      await near.iptables('-A', 'OUTPUT', '-o', 'eth0', '-j', 'DROP');
    },
    restore: (near) => near.iptables('-F'),
    verdict: 'timeout in connect',
  },
];

for (const { what, lose, restore, verdict } of LOSSES) {
  needs(...NAMESPACE)(`${what} has its reason, and is over with the next scrape; nothing stays open`, async (stage) => {
    const { near, far, exporter } = await startNearAndFar(stage);
    expect(await verdicts(exporter)).toEqual(HEALTHY);
    expect(await verdicts(exporter)).toEqual(HEALTHY);
    const before = await thingsAtRest(exporter);
    const underWay = exporter.get('/metrics');
    await vi.waitFor(async () => expect(await inFlight(exporter)).toBeGreaterThan(0), SOON);

    await lose(near, far);

    expect(allOf(new Samples((await underWay).body))).toMatchObject({ silent: 'timeout in handshake', here: 'up' });
    const lost = Object.fromEntries(FAR.map((name) => [name, verdict]));
    for (let scrape = 1; scrape <= 3; scrape++) expect(await verdicts(exporter)).toEqual({ ...lost, here: 'up' });
    await restore(near, far);
    expect(await verdicts(exporter)).toEqual(HEALTHY);
    await vi.waitFor(async () => expect(await openThings(exporter)).toEqual(before), SOON);
  });
}

needs(...NAMESPACE)(
  'a resolver that goes away and comes back costs nothing but the probes of new names',
  async (stage) => {
    const network = await createNamespace(stage);
    await network.listen('listen', '127.0.0.1', '5432');
    const resolver = await network.listen('dns');
    const exporter = await startExporter(stage, {
      config: {
        defaults: { timeout: '2s' },
        groups: [{ name: 'all', targets: [{ name: 'known', address: 'known.example.test:5432' }] }],
        probe: { allow: ['*.example.test'] },
      },
      before: network.enter,
      ask: network.ask,
    });
    const probe = async (name: string) => {
      const samples = await exporter.scrape(`/probe?target=${name}.example.test:5432&module=tcp_connect`);
      return samples.of('probe_failure_info')[0]?.labels['reason'] ?? 'up';
    };
    expect((await exporter.scrape()).verdict('known')).toBe('up');
    expect(await probe('first')).toBe('up');
    const before = await thingsAtRest(exporter);

    await network.iptables('-A', 'INPUT', '-p', 'udp', '--dport', '53', '-j', 'DROP');
    expect(await probe('second')).toBe('dns_timeout');
    expect((await exporter.scrape()).verdict('known')).toBe('up');
    await network.iptables('-F');
    expect(await probe('second')).toBe('up');

    await resolver.end();
    expect(await probe('third')).toBe('dns_failure');
    expect((await exporter.scrape()).verdict('known')).toBe('up');
    await network.listen('dns');
    expect(await probe('third')).toBe('up');
    await vi.waitFor(async () => expect(await openThings(exporter)).toEqual(before), SOON);
  },
);

/** An exporter on one machine, most of its targets on another. */
async function startNearAndFar(stage: Stage) {
  const [near, far] = [await createNamespace(stage), await createNamespace(stage)];
  await connectNamespaces(near, far);
  await far.listen('listen', '10.0.0.2', '5432');
  await near.listen('listen', '127.0.0.1', '5432');
  const web = await startApp(stage, { host: '10.0.0.2', path: '/health', before: far.enter });
  const targets = [
    { name: 'open', address: '10.0.0.2:5432' },
    { name: 'closed', address: '10.0.0.2:5433' },
    { name: 'silent', address: '10.0.0.2:5432', service: 'redis', timeout: '4500ms' },
    { name: 'web', address: web, checks: ['port', { http: { path: '/health', status: 200 } }] },
    { name: 'here', address: '127.0.0.1:5432' },
  ];
  const config = { defaults: { timeout: '5s' }, groups: [{ name: 'all', targets }] };
  return { near, far, exporter: await startExporter(stage, { config, before: near.enter, ask: near.ask }) };
}

async function verdicts(exporter: Exporter): Promise<Readonly<Record<string, string>>> {
  return allOf(await exporter.scrape());
}

function allOf(samples: Samples): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.keys(HEALTHY).map((name) => [name, samples.verdict(name)]));
}

async function inFlight(exporter: Exporter): Promise<number> {
  const own = await exporter.scrape('/metrics?collect[]=exporter');
  return own.value('port_exporter_probes_in_flight') ?? 0;
}
