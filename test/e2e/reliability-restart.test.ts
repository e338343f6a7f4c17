import { expect, vi } from 'vitest';
import { exporterCommand, writeConfig } from '../helpers/e2e-exporter.ts';
import { http } from '../helpers/e2e-http.ts';
import { freePort } from '../helpers/e2e-ports.ts';
import type { Program } from '../helpers/e2e-program.ts';
import { type Prometheus, startPrometheus } from '../helpers/e2e-prometheus.ts';
import { Samples } from '../helpers/e2e-samples.ts';
import type { Stage } from '../helpers/e2e-stage.ts';
import { blackHole, peer } from '../helpers/peers.ts';
import { needs } from '../helpers/programs.ts';

/** As systemd and container engines do: what has ended is started again, after a moment that is longer than a scrape interval. */
const SUPERVISOR = 'while :; do "$@" & echo started=$!; wait $!; sleep 4; done';

const SOON = { timeout: 40_000, interval: 100 };
const SCRAPE_SECONDS = 3;
const FAILURES = 'probe_consecutive_failures{name="closed"}';
const LIVES = 2;

needs('prometheus')(
  'killed in the middle of a scrape and started again, the exporter is back with the next scrape, and begins anew',
  async (stage) => {
    const { supervisor, prometheus, address } = await startSupervised(stage);

    for (let life = 1; life <= LIVES; life++) {
      await vi.waitFor(async () => expect(await prometheus.value(FAILURES)).toBeGreaterThanOrEqual(3), SOON);
      await vi.waitFor(async () => expect(await inFlight(address)).toBeGreaterThan(0), SOON);
      const killedAt = now();
      process.kill(pidOf(supervisor, life), 'SIGKILL');
      await vi.waitFor(() => expect(times(supervisor, /msg=listening/g)).toBe(life + 1), SOON);
      const backAt = now();
      const since = (at: number) => samplesSince(prometheus, 'up', at);
      await vi.waitFor(async () => expect((await since(backAt)).length).toBeGreaterThanOrEqual(3), SOON);

      // A sample has the time at which its scrape began.
      const gap = (await since(killedAt - SCRAPE_SECONDS)).filter(([, up]) => up === 0);
      expect(gap.length).toBeGreaterThan(0);
      expect(gap.filter(([at]) => at > backAt)).toEqual([]);
      const [[, failures] = []] = await samplesSince(prometheus, FAILURES, backAt);
      expect(failures).toBe(1);
      expect(await prometheus.value('port_exporter_scrape_duration_seconds_count')).toBeLessThan(10);
      expect(await prometheus.value('resets(port_exporter_probes_total{result="success"}[5m])')).toBe(life);
    }
  },
);

/** An exporter that is started again whenever it ends, and a Prometheus that scrapes it. */
async function startSupervised(stage: Stage) {
  const open = stage.keep(await peer());
  const hole = stage.keep(await blackHole());
  const targets = [
    { name: 'open', address: open.address },
    { name: 'closed', address: `127.0.0.1:${await freePort()}` },
    { name: 'hole', address: `127.0.0.1:${hole.port}`, timeout: '1200ms' },
  ];
  const file = writeConfig(stage, {
    defaults: { interval: `${SCRAPE_SECONDS}s`, timeout: '1s' },
    groups: [{ name: 'all', targets }],
  });
  const address = `127.0.0.1:${await freePort()}`;
  // What remains of the scrape timeout is for a machine that is busy.
  const flags = [`--config.file=${file}`, `--web.listen-address=${address}`, '--timeout-offset=1.5'];
  const supervisor = stage.start(['sh', '-c', SUPERVISOR, 'sh', ...exporterCommand(...flags)], { group: true });
  await supervisor.said(/msg=listening/);
  const prometheus = await startPrometheus(stage, {
    global: { scrape_interval: `${SCRAPE_SECONDS}s`, scrape_timeout: `${SCRAPE_SECONDS}s` },
    scrape_configs: [{ job_name: 'port_exporter', static_configs: [{ targets: [address] }] }],
  });
  return { supervisor, prometheus, address };
}

function pidOf(supervisor: Program, life: number): number {
  const [, pid] = [...supervisor.stdout.matchAll(/started=(\d+)/g)][life - 1] ?? [];
  if (pid === undefined) throw new Error(`there is no life ${life}: ${supervisor.stdout}`);
  return Number(pid);
}

function times({ stderr }: Program, what: RegExp): number {
  return [...stderr.matchAll(what)].length;
}

/** The samples of the only such series since then, oldest first. */
async function samplesSince(prometheus: Prometheus, series: string, since: number) {
  return (await prometheus.samples(`${series}[5m]`)).filter(([at]) => at > since);
}

async function inFlight(address: string): Promise<number> {
  const { body } = await http(`http://${address}/metrics?collect[]=exporter`);
  return new Samples(body).value('port_exporter_probes_in_flight') ?? 0;
}

/** Seconds since 1970. */
function now(): number {
  return Date.now() / 1000;
}
