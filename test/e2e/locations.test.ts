import { expect, vi } from 'vitest';
import { type AlertChain, startAlertChain } from '../helpers/e2e-alert-chain.ts';
import { slackMessages } from '../helpers/e2e-alert-recorder.ts';
import { startExporter } from '../helpers/e2e-exporter.ts';
import { createWorld, type Place, type World } from '../helpers/e2e-places.ts';
import type { Stage } from '../helpers/e2e-stage.ts';
import { NAMESPACE, type Need, needs } from '../helpers/programs.ts';

const CHAIN: readonly Need[] = [...NAMESPACE, 'prometheus', 'prometheus-alertmanager'];
const PORT = 5432;
const SOON = { timeout: 60_000, interval: 200 };

for (const scraping of ['by discovery', 'in one'] as const) {
  needs(...CHAIN)(
    `a place that loses its network is one warning, a target that most places lose is a page: scraped ${scraping}`,
    async (stage) => {
      const world = await createWorld(stage, ['zurich', 'frankfurt', 'london'], 5);
      await world.network.listen('listen', '0.0.0.0', String(PORT));
      const chain = await startAlertChain(stage, await startExporters(stage, world), { scraping });
      const [zurich, frankfurt] = world.places as [Place, Place, Place];
      const [first = ''] = world.hosts;
      await seen(chain, 15);

      await zurich.isolate();
      await chain.told(1, 0);
      await chain.holdsBack(`db-${first}`, 'PortDownFromSomeLocations');
      await zurich.rejoin();
      await chain.told(2, 0);
      await seen(chain, 15);
      await Promise.all([zurich, frankfurt].map((place) => world.refuse(place, first)));
      await chain.told(3, 1);
      await Promise.all([zurich, frankfurt].map((place) => world.admit(place, first)));
      await chain.told(4, 2);

      const [isolated, , down] = slackMessages(chain.slack);
      expect(chain.slackTitles()).toEqual([
        'WARNING PortExporterIsolated',
        'RESOLVED PortExporterIsolated',
        'CRITICAL PortDown in databases',
        'RESOLVED PortDown in databases',
      ]);
      expect(isolated?.text).toContain('100% of all targets fail from zurich, not from elsewhere');
      expect(down?.text).toMatch(/^Reason: (connection_refused in connect from (zurich|frankfurt)(, |: )){2}/m);
      expect(chain.sms().map((text) => text.split(',')[0])).toEqual([
        `CRITICAL PortDown: db-${first} ${first}:${PORT}`,
        `OK PortDown: db-${first} ${first}:${PORT}`,
      ]);
    },
  );
}

/** One exporter in each place, all with the same configuration, each told where it is. */
function startExporters(stage: Stage, { places, hosts }: World) {
  const targets = hosts.map((host) => ({ name: `db-${host}`, address: `${host}:${PORT}` }));
  const config = {
    defaults: { interval: '2s', timeout: '500ms', failures: 2 },
    groups: [{ name: 'databases', targets }],
  };
  return Promise.all(
    places.map(({ name, address, network }) =>
      startExporter(stage, {
        config,
        args: [`--location=${name}`, `--web.listen-address=${address}:9715`],
        before: network.enter,
      }),
    ),
  );
}

/** Waits until Prometheus sees that many targets up, each under its place, and none of its labels renamed. */
async function seen({ prometheus }: AlertChain, count: number): Promise<void> {
  await vi.waitFor(
    async () => expect(await prometheus.value('count(probe_success{location!=""} == 1)')).toBe(count),
    SOON,
  );
  expect(await prometheus.query('{exported_location!=""}')).toEqual([]);
}
