import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { Asking } from '../../test/grafana/asking.ts';
import { WATCHED } from '../../test/grafana/history-model.ts';
import { startLoadedPrometheus } from '../../test/grafana/loaded-prometheus.ts';
import { committed, type Dashboard, NAMES } from '../../test/grafana/model.ts';
import { needs } from '../../test/helpers/programs.ts';
import { changes, goldenOf, versionOf } from './golden-file.ts';
import { LOOKS } from './golden-looks.ts';

const WRITES = process.env['UPDATE_GOLDEN'] === '1';

needs('prometheus', 'promtool')(
  'the dashboards show what is written down in golden/; where it should change: UPDATE_GOLDEN=1 npm run test:grafana',
  async (stage) => {
    const url = await startLoadedPrometheus(stage);
    const [asking, version] = [new Asking(url), await versionOf(url)];
    for (const name of NAMES) {
      const file = new URL(`golden/${name}.txt`, import.meta.url);
      const dashboard = committed(name);
      const text = await goldenOf(asking, dashboard, LOOKS[name], version);
      if (WRITES) writeFileSync(file, text);
      expect(changes(readFileSync(file, 'utf8'), text), `${name}: only what changed`).toEqual([]);
      expect(strayLinks(dashboard, text)).toEqual([]);
    }
  },
);

/** Links lead to a target by its address: that is what the target dashboard looks for. */
function strayLinks({ uid }: Dashboard, text: string): string[] {
  const addresses = new Set(WATCHED.map(({ address }) => address));
  const links = Array.from(text.matchAll(/ -> (\/d\/\S+?)(?= \||$)/gm), ([, to = '']) => to);
  if (uid === 'port-exporter-overview') expect(links.length).toBeGreaterThan(40);
  return links.filter((to) => {
    const [, address] = /^\/d\/port-exporter-target\?var-target=(\S+)$/.exec(to) ?? [];
    return !addresses.has(decodeURIComponent(address ?? ''));
  });
}
