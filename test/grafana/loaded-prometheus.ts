import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { runWell } from '../helpers/e2e-program.ts';
import type { Stage } from '../helpers/e2e-stage.ts';
import { writeHistory } from './history.ts';
import { STEP } from './history-model.ts';
import { committed, lookUp, NAMES, panelsOf } from './model.ts';
import { parsePromql } from './promql.ts';

/** Metrics that any dashboard asks for: the history needs no others. */
function wantedMetrics(): ReadonlySet<string> {
  const texts = NAMES.map(committed).flatMap((dashboard) => [
    ...panelsOf(dashboard).flatMap(({ targets = [] }) => targets.map(({ expr = '' }) => expr)),
    ...dashboard.annotations.list.map(({ expr = '' }) => expr),
    ...dashboard.templating.list.map((variable) => lookUp(variable)?.selector ?? ''),
  ]);
  const selectors = texts.flatMap(
    (text) => parsePromql(text.replaceAll('$__from', '0').replace(/\$__\w+/g, '1s')).selectors,
  );
  return new Set(selectors.map(({ metric }) => metric));
}

/** A real Prometheus with the history in its blocks. Gives its URL. */
export async function startLoadedPrometheus(stage: Stage): Promise<string> {
  const wanted = wantedMetrics();
  const blocks = join(stage.directory, 'blocks');
  mkdirSync(blocks, { recursive: true });
  for (const file of await writeHistory(stage.directory, (metric) => wanted.has(metric)))
    await runWell(['promtool', 'tsdb', 'create-blocks-from', 'openmetrics', '--quiet', file, blocks]);
  return startAt(stage, { global: { scrape_interval: `${STEP}s` } }, blocks);
}

/** A real Prometheus with this configuration and its data in this directory. Gives its URL. */
export async function startAt(stage: Stage, config: object, data: string): Promise<string> {
  const program = stage.start([
    'prometheus',
    `--config.file=${stage.write('prometheus.yml', JSON.stringify(config))}`,
    `--storage.tsdb.path=${data}`,
    '--storage.tsdb.retention.time=100y',
    '--web.listen-address=127.0.0.1:0',
  ]);
  const [, address] = await program.said(/msg="Listening on" address=(\S+)/);
  await program.said(/Server is ready to receive web requests/);
  return `http://${address}`;
}
