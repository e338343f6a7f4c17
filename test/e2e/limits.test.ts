import { expect, vi } from 'vitest';
import { startExporter } from '../helpers/e2e-exporter.ts';
import { openSockets } from '../helpers/e2e-open-things.ts';
import { freePort } from '../helpers/e2e-ports.ts';
import type { Stage } from '../helpers/e2e-stage.ts';
import { needs } from '../helpers/programs.ts';

needs('bash')('with 256 open files at the most, 1,000 targets that are up are never reported down', async (stage) => {
  const port = await listenEverywhere(stage);
  const exporter = await startExporter(stage, {
    config: { groups: [{ name: 'all', targets: addresses(1000, port) }] },
    before: ['bash', '-c', 'ulimit -n 256; exec "$0" "$@"'],
  });

  for (let scrape = 1; scrape <= 3; scrape++) {
    const samples = await exporter.scrape('/metrics', { headers: { 'X-Prometheus-Scrape-Timeout-Seconds': '10' } });
    const up = samples.of('probe_success').map(({ value }) => value);
    expect({ scrape, up: up.filter((value) => value === 1).length, all: up.length }).toEqual({
      scrape,
      up: 1000,
      all: 1000,
    });
    expect(samples.value('port_exporter_scrape_deadline_exceeded_total')).toBe(0);
  }
});

needs()('twenty scrapes of targets up and down leave no socket open', async (stage) => {
  const port = await listenEverywhere(stage);
  const closed = await freePort();
  const targets = [...addresses(150, port), ...addresses(150, closed)];
  const exporter = await startExporter(stage, { config: { groups: [{ name: 'all', targets }] } });
  const before = openSockets(exporter.program.pid);

  for (let scrape = 1; scrape <= 20; scrape++) {
    const samples = await exporter.scrape();
    const up = samples.of('probe_success', {}).filter(({ value }) => value === 1).length;
    expect({ scrape, up }).toEqual({ scrape, up: 150 });
    expect(samples.of('probe_failure_info', { reason: 'connection_refused', phase: 'connect' })).toHaveLength(150);
  }

  await vi.waitFor(() => expect(openSockets(exporter.program.pid)).toBeLessThanOrEqual(before), { timeout: 5000 });
});

function addresses(count: number, port: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `127.1.${i >> 8}.${i & 255}:${port}`);
}

/** One listener that is reached under every loopback address. */
async function listenEverywhere(stage: Stage): Promise<number> {
  const listener = stage.start([process.execPath, 'test/e2e/programs/listen.mjs', '0.0.0.0', '0']);
  const [, port] = await listener.said(/port=(\d+)/);
  return Number(port);
}
