import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { Asking, type PanelAnswer } from '../../test/grafana/asking.ts';
import { startAt } from '../../test/grafana/loaded-prometheus.ts';
import { committed } from '../../test/grafana/model.ts';
import { startExporter } from '../../test/helpers/e2e-exporter.ts';
import { answering } from '../../test/helpers/http-peer.ts';
import { peer } from '../../test/helpers/peers.ts';
import { needs } from '../../test/helpers/programs.ts';
import { show, textOf } from './shown.ts';

const SOON = { timeout: 30_000, interval: 500 };
const WAYS = { 'one scrape of /metrics': 'metrics', 'service discovery': 'sd' } as const;

for (const [title, way] of Object.entries(WAYS)) {
  needs('prometheus')(
    `a service that was stopped is DOWN in the overview, with reason and time: ${title}`,
    async (stage) => {
      const [kept, stopped, page] = [
        stage.keep(await peer()),
        await peer(),
        stage.keep(await answering(200, {}, 'out of order')),
      ];
      const targets = [
        { name: 'kept', address: kept.address },
        { name: 'stopped', address: stopped.address },
      ].map((target) => ({ ...target, interval: '1s', timeout: '500ms', service: 'redis', check: 'connect' }));
      const shop = {
        ...{ name: 'shop', address: `http://${page.address}`, interval: '1s', timeout: '500ms' },
        ...{ checks: ['port', 'http', { keyword: 'welcome' }], depends_on: ['kept', 'stopped'] },
      };
      const groups = [
        { name: 'caches', targets },
        { name: 'web', targets: [shop] },
      ];
      const exporter = await startExporter(stage, { config: { groups } });
      const found =
        way === 'sd'
          ? { http_sd_configs: [{ url: `${exporter.url}/sd`, refresh_interval: '1s' }] }
          : { static_configs: [{ targets: [exporter.address] }] };
      const config = { global: { scrape_interval: '1s' }, scrape_configs: [{ job_name: 'port_exporter', ...found }] };
      const url = await startAt(stage, config, join(stage.directory, 'data'));
      await vi.waitFor(
        async () => expect((await statusTable(url)).filter((row) => row.startsWith('UP'))).toHaveLength(2),
        SOON,
      );

      await stopped[Symbol.asyncDispose]();

      const rows = await vi.waitFor(async () => {
        const now = await statusTable(url);
        expect(now).toContainEqual(
          expect.stringMatching(
            /^DOWN \| stopped \| \S+ \| connection_refused in connect \| – \| – \| [2-9]\.\d s \| \d+ \| 1 \|/,
          ),
        );
        expect(now).toContainEqual(
          expect.stringMatching(/^DOWN \| shop \| \S+ \| content_mismatch in handshake \| keyword \| stopped \|/),
        );
        return now;
      }, SOON);
      expect(rows.filter((row) => row.includes('redis | caches | critical'))).toHaveLength(2);
      expect(rows.find((row) => row.includes('kept'))).toMatch(
        /^UP \| kept \| \S+ \| – \| – \| – \| – \| 0 \| 0 \| 100\.00% \|/,
      );
    },
  );
}

/** What the overview says now. */
async function statusTable(url: string): Promise<string[]> {
  const view = { end: Date.now() / 1000, range: 300 };
  const answers = await new Asking(url, 1).dashboard(committed('overview'), view);
  return textOf(await show(answers.find(({ panel }) => panel.title === 'Targets') as PanelAnswer));
}
