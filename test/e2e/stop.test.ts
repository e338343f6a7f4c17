import { expect, vi } from 'vitest';
import { startExporter } from '../helpers/e2e-exporter.ts';
import { http } from '../helpers/e2e-http.ts';
import { Samples } from '../helpers/e2e-samples.ts';
import { blackHole, peer } from '../helpers/peers.ts';
import { needs } from '../helpers/programs.ts';

needs()('a scrape under way at SIGTERM gets its whole answer, then the program ends with 0', async (stage) => {
  const hanging = stage.keep(await blackHole());
  const healthy = stage.keep(await peer());
  const targets = [
    { name: 'hanging', address: `127.0.0.1:${hanging.port}` },
    { name: 'healthy', address: healthy.address },
  ];
  const exporter = await startExporter(stage, {
    config: { defaults: { timeout: '3s' }, groups: [{ name: 'all', targets }] },
  });
  const scrape = exporter.get('/metrics');
  await vi.waitFor(async () => {
    const own = await exporter.scrape('/metrics?collect[]=exporter');
    expect(own.value('port_exporter_probes_in_flight')).toBe(1);
  }, 2500);

  exporter.program.signal('SIGTERM');

  await exporter.program.said(/msg="stopping/);
  await expect(http(`${exporter.url}/-/healthy`)).rejects.toThrow('ECONNREFUSED');
  const { status, body } = await scrape;
  const samples = new Samples(body);
  expect(status).toBe(200);
  expect(samples.verdict('hanging')).toBe('timeout in connect');
  expect(samples.verdict('healthy')).toBe('up');
  expect(samples.value('port_exporter_targets')).toBe(2);
  expect(await exporter.program.exit()).toBe(0);
});
