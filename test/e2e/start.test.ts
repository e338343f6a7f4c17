import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { startExporter } from '../helpers/e2e-exporter.ts';
import { run } from '../helpers/e2e-program.ts';
import { peer } from '../helpers/peers.ts';
import { needs } from '../helpers/programs.ts';

needs()('started as it comes, the exporter shows the ports of its machine on the first scrape', async (stage) => {
  const service = stage.keep(await peer());
  cpSync('config', join(stage.directory, 'config'), { recursive: true });
  const exporter = await startExporter(stage, { cwd: stage.directory });

  const samples = await exporter.scrape('/metrics');

  const target = service.address;
  expect(samples.value('probe_success', { target, group: 'local' })).toBe(1);
  expect(samples.value('probe_tcp_duration_seconds', { target, phase: 'connect' })).toBeGreaterThan(0);
  expect(samples.value('port_exporter_targets')).toBe(samples.of('probe_interval_seconds').length);
});

needs('promtool')('promtool has nothing to say about any kind of scrape', async (stage) => {
  const service = stage.keep(await peer());
  const down = '127.0.0.1:1';
  const exporter = await startExporter(stage, {
    config: { groups: [{ name: 'all', labels: { quote: 'a "b" \\ c' }, targets: [service.address, down] }] },
  });
  const paths = [
    '/metrics',
    `/probe?target=${service.address}`,
    `/probe?target=${down}`,
    '/metrics?collect[]=exporter',
  ];

  for (const path of paths) {
    const { body } = await exporter.get(path);
    const { code, stdout, stderr } = await run(['promtool', 'check', 'metrics'], { input: body });
    expect({ path, code, said: stdout + stderr }).toEqual({ path, code: 0, said: '' });
  }
});
