import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dashboards, textOf } from './dashboards.ts';

const directory = join('grafana', 'dashboards');
mkdirSync(directory, { recursive: true });
for (const [name, dashboard] of Object.entries(dashboards())) {
  writeFileSync(join(directory, `${name}.json`), textOf(dashboard));
}
