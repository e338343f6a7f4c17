import type { Bench, Goal, Section } from '../bench.ts';
import { ProbeClient, startBlackbox } from '../blackbox.ts';
import { capturing } from '../capture.ts';
import { type Exporter, expectAllUp, startExporter } from '../exporter.ts';
import { milliseconds, short, whole } from '../format.ts';
import { errorCells, type LatencyError, latencyError, medianError } from '../latency-error.ts';
import { openFileLimit } from '../proc.ts';
import { answering, range } from '../targets.ts';

const WARM_UPS = 2;
const JUDGED_COUNT = 1_000;
const GOAL_SECONDS = 0.0005;

type Compared = {
  readonly count: number;
  readonly atOnce: number;
  readonly blackboxFailures: number;
  readonly first: LatencyError;
  readonly ours: LatencyError;
  readonly blackbox: LatencyError;
};

/** How far the reported connect times are from the packets, at growing numbers of targets at once. */
export async function measureLatency(bench: Bench): Promise<Section> {
  const compared: Compared[] = [];
  for (const count of bench.plan.latencyCounts) compared.push(await compare(bench, count));
  return {
    title: 'Error of the reported latency',
    how:
      'All targets are probed in one go on loopback while tcpdump writes down every SYN and SYN/ACK (no packet dropped, or the run fails); ' +
      'the error is the reported time minus (SYN/ACK seen - SYN seen) of the same target, without its sign. ' +
      'port-exporter: probe_tcp_duration_seconds{phase="connect"} of one scrape of /metrics, after two warm-up scrapes; the very first scrape of a fresh process stands beside it. ' +
      'blackbox_exporter: probe_duration_seconds, the only duration it reports for TCP, with that many /probe requests at once over warm connections. ' +
      `The sides take turns; figures are medians of ${bench.plan.latencyRounds} rounds.`,
    goals: goals(compared),
    header: ['targets at once', 'side', 'p50', 'p99', 'p99.9', 'worst'],
    rows: compared.flatMap(rows),
    notes: compared.flatMap(notes),
  };
}

async function compare(bench: Bench, count: number): Promise<Compared> {
  const { directory, exporter: main, plan } = bench;
  const hosts = range(count, answering);
  const atOnce = Math.min(count, await mostAtOnce());
  await using exporter = await startExporter({ main, directory, hosts });
  await using blackbox = await startBlackbox(directory);
  using client = new ProbeClient(blackbox.port, atOnce);
  const first = await observeOurs(bench, exporter, count);
  for (let i = 0; i < WARM_UPS; i++) {
    expectAllUp(await exporter.scrape(), count);
    await client.probeAll(hosts);
  }
  const ours: LatencyError[] = [];
  const theirs: LatencyError[] = [];
  for (let i = 0; i < plan.latencyRounds; i++) {
    ours.push(await observeOurs(bench, exporter, count));
    theirs.push(await observeBlackbox(bench, client, hosts));
    bench.say(`latency: ${count} targets, round ${i + 1} of ${plan.latencyRounds}`);
  }
  const blackboxFailures = Math.max(...theirs.map((round) => count - round.count));
  return { count, atOnce, blackboxFailures, first, ours: medianError(ours), blackbox: medianError(theirs) };
}

async function observeOurs(bench: Bench, exporter: Exporter, count: number): Promise<LatencyError> {
  const { result, seen } = await capturing(bench.directory, () => exporter.scrape());
  expectAllUp(result, count);
  return latencyError(result.verdicts.connectSeconds, seen);
}

async function observeBlackbox(bench: Bench, client: ProbeClient, hosts: readonly string[]): Promise<LatencyError> {
  const { result, seen } = await capturing(bench.directory, () => client.probeAll(hosts));
  return latencyError(result, seen);
}

// Each probe of blackbox_exporter needs two open files there: the request's and its own.
async function mostAtOnce(): Promise<number> {
  const limit = await openFileLimit();
  return Math.max(100, Math.floor((limit - 500) / 2 / 100) * 100);
}

function goals(compared: readonly Compared[]): Goal[] {
  const judged = compared.find(({ count }) => count === JUDGED_COUNT);
  if (judged === undefined) return [];
  const { p99 } = judged.ours;
  const figure = `p99 error of the latency, ${whole(JUDGED_COUNT)} targets at once`;
  return [{ figure, goal: 'at most 0.5 ms', measured: milliseconds(p99), met: p99 <= GOAL_SECONDS }];
}

function rows({ count, first, ours, blackbox }: Compared): string[][] {
  return [
    [whole(count), 'port-exporter', ...errorCells(ours)],
    [whole(count), 'port-exporter, very first scrape', ...errorCells(first)],
    [whole(count), 'blackbox_exporter', ...errorCells(blackbox)],
  ];
}

function notes({ count, atOnce, blackboxFailures, ours, blackbox }: Compared): string[] {
  const lines = [
    `${whole(count)} targets: p99 ${short(blackbox.p99 / ours.p99)} times smaller than blackbox_exporter's; ` +
      `half of the handshakes took at most ${milliseconds(ours.truthP50)} on the wire.`,
  ];
  if (atOnce < count) {
    lines.push(
      `${whole(count)} targets: blackbox_exporter had at most ${whole(atOnce)} requests at once (open files).`,
    );
  }
  if (blackboxFailures > 0) {
    lines.push(
      `${whole(count)} targets: blackbox_exporter reported up to ${blackboxFailures} reachable targets as down; they do not count.`,
    );
  }
  return lines;
}
