import type { Bench, Section } from '../bench.ts';
import { probePath, startBlackbox } from '../blackbox.ts';
import { startExporter } from '../exporter.ts';
import { plainValue } from '../exposition.ts';
import { short, whole } from '../format.ts';
import { fetchText, keptAlive } from '../http-client.ts';
import { connectionsAccepted, cpuSeconds } from '../proc.ts';
import { median } from '../statistics.ts';
import { answering, range } from '../targets.ts';
import { type Load, writeScript, wrk } from '../wrk.ts';

const ADDRESSES = 1_000;
const GOAL = 2.5;

type Run = Load & { readonly connectsPerRequest: number; readonly cpuPerRequest: number };
type Side = { readonly pid: number; readonly port: number };

/** How many /probe requests each exporter answers per second. */
export async function measureProbe(bench: Bench): Promise<Section> {
  const { plan, directory, exporter: main } = bench;
  // The probed addresses are not configured: each request is a probe of its own, as with blackbox_exporter.
  await using exporter = await startExporter({ main, directory, hosts: [answering(ADDRESSES)] });
  await using blackbox = await startBlackbox(directory);
  const script = await writeScript(directory, range(ADDRESSES, answering).map(probePath));
  const ours: Run[] = [];
  const theirs: Run[] = [];
  for (const side of [exporter, blackbox]) {
    await expectUp(side);
    await load(side, script, 1);
  }
  for (let i = 0; i < plan.probeRounds; i++) {
    ours.push(await load(exporter, script, plan.probeSeconds));
    theirs.push(await load(blackbox, script, plan.probeSeconds));
    bench.say(`probe: round ${i + 1} of ${plan.probeRounds}`);
  }
  return report(ours, theirs, plan.probeSeconds);
}

async function expectUp({ port }: Side): Promise<void> {
  const agent = keptAlive(1);
  const { text } = await fetchText(agent, port, probePath(answering(0)), {});
  agent.destroy();
  if (plainValue(text, 'probe_success') !== 1) throw new Error(`/probe on port ${port} does not find its target up`);
}

async function load({ pid, port }: Side, script: string, seconds: number): Promise<Run> {
  const [accepted, cpu] = [await connectionsAccepted(), await cpuSeconds(pid)];
  const result = await wrk(port, script, seconds);
  const connects = (await connectionsAccepted()) - accepted;
  const used = (await cpuSeconds(pid)) - cpu;
  return { ...result, connectsPerRequest: connects / result.requests, cpuPerRequest: used / result.requests };
}

function report(ours: readonly Run[], theirs: readonly Run[], duration: number): Section {
  const ratio = median(ours.map((run, i) => run.requestsPerSecond / (theirs[i]?.requestsPerSecond ?? Number.NaN)));
  return {
    title: '/probe requests per second',
    how:
      `wrk with 1 thread and 100 kept-alive connections asks for /probe?module=tcp_connect, ${duration} s a side, the sides take turns, ` +
      `medians of ${ours.length} rounds. The requests go round ${whole(ADDRESSES)} loopback addresses that are not configured, so every request is one ` +
      'connect (counted: accepted TCP connections per request). wrk and the listener use the same cores as the exporters, for both sides alike.',
    goals: [
      {
        figure: '/probe requests per second, multiple of blackbox_exporter',
        goal: `at least ${GOAL}x`,
        measured: `${short(ratio)}x`,
        met: ratio >= GOAL,
      },
    ],
    header: ['side', 'requests/s', 'CPU per request in µs', 'p50', 'p99', 'connects per request'],
    rows: [row('port-exporter', ours), row('blackbox_exporter', theirs)],
    notes: [],
  };
}

function row(name: string, runs: readonly Run[]): string[] {
  const middle = [...runs].sort((a, b) => a.requestsPerSecond - b.requestsPerSecond)[Math.floor(runs.length / 2)];
  return [
    name,
    whole(median(runs.map((run) => run.requestsPerSecond))),
    short(median(runs.map((run) => run.cpuPerRequest)) * 1e6),
    middle?.p50 ?? '',
    middle?.p99 ?? '',
    median(runs.map((run) => run.connectsPerRequest)).toFixed(2),
  ];
}
