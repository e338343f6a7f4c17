import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, Section } from '../bench.ts';
import { ProbeClient, startBlackbox } from '../blackbox.ts';
import { type Exporter, expectAllUp, startExporter } from '../exporter.ts';
import { short } from '../format.ts';
import { cpuSeconds } from '../proc.ts';
import { rawConnects } from '../raw.ts';
import { median } from '../statistics.ts';
import { answering, range } from '../targets.ts';

const AT_ONCE = 100;
const SETTLE_MS = 300;
const WARM_UPS = 2;

type Side = 'ours' | 'blackbox' | 'blackbox with gzip' | 'raw';
type Round = Readonly<Record<Side, number>>;

/** CPU per probe of one big scrape against blackbox_exporter and against the raw loop. */
export async function measureCpu(bench: Bench): Promise<Section> {
  const { plan, directory, exporter: main } = bench;
  const hosts = range(plan.targets, answering);
  await using exporter = await startExporter({ main, directory, hosts });
  await using blackbox = await startBlackbox(directory);
  using plain = new ProbeClient(blackbox.port, AT_ONCE);
  using zipped = new ProbeClient(blackbox.port, AT_ONCE, { 'accept-encoding': 'gzip' });
  const oneRound = async (): Promise<Round> => ({
    ours: (await cpuOf(exporter.pid, () => scrapeAll(exporter, hosts.length))) / hosts.length,
    blackbox: (await cpuOf(blackbox.pid, () => probeAll(plain, hosts))) / hosts.length,
    'blackbox with gzip': (await cpuOf(blackbox.pid, () => probeAll(zipped, hosts))) / hosts.length,
    raw: (await rawConnects(bench.raw, hosts.length)).cpuSeconds / hosts.length,
  });
  for (let i = 0; i < WARM_UPS; i++) await oneRound();
  const rounds: Round[] = [];
  for (let i = 0; i < plan.cpuRounds; i++) {
    rounds.push(await oneRound());
    bench.say(`cpu: round ${i + 1} of ${plan.cpuRounds}`);
  }
  return report(rounds, plan.targets);
}

/** CPU seconds that a process spends because of `work`, what it tidies up afterwards included. */
async function cpuOf(pid: number, work: () => Promise<void>): Promise<number> {
  const before = await cpuSeconds(pid);
  await work();
  await sleep(SETTLE_MS);
  return (await cpuSeconds(pid)) - before;
}

async function scrapeAll(exporter: Exporter, count: number): Promise<void> {
  expectAllUp(await exporter.scrape(), count);
}

async function probeAll(client: ProbeClient, hosts: readonly string[]): Promise<void> {
  const { size } = await client.probeAll(hosts);
  if (size !== hosts.length) throw new Error(`blackbox_exporter found ${size} of ${hosts.length} targets up`);
}

function report(rounds: readonly Round[], targets: number): Section {
  const cost = (side: Side): number => median(rounds.map((round) => round[side]));
  const ratio = (over: Side, under: Side): number => median(rounds.map((round) => round[over] / round[under]));
  const row = (side: Side, name: string): string[] => [
    name,
    short(cost(side) * 1e6),
    short(ratio(side, 'raw')),
    short(ratio(side, 'ours')),
  ];
  return {
    title: 'CPU per probe',
    how:
      `User and system time of the process (/proc/PID/task/*/schedstat) for ${targets.toLocaleString('en-US')} targets on loopback, ` +
      'divided by the targets. port-exporter: one scrape of /metrics with gzip, rendering and compression included. ' +
      `blackbox_exporter: one /probe per target, ${AT_ONCE} at a time over kept-alive connections. ` +
      'Raw: a C program that does nothing but socket, connect, epoll, close. ' +
      `The sides take turns; figures and ratios are medians of ${rounds.length} rounds.`,
    goals: [
      {
        figure: 'CPU per probe, share of blackbox_exporter',
        goal: 'at most 1/8',
        measured: `1/${short(ratio('blackbox', 'ours'))}`,
        met: ratio('blackbox', 'ours') >= 8,
      },
      {
        figure: 'CPU per probe, multiple of the raw loop',
        goal: 'at most 4x',
        measured: `${short(ratio('ours', 'raw'))}x`,
        met: ratio('ours', 'raw') <= 4,
      },
    ],
    header: ['side', 'CPU per probe in µs', 'x raw', 'x ours'],
    rows: [
      row('ours', 'port-exporter, /metrics'),
      row('blackbox', 'blackbox_exporter, /probe'),
      row('blackbox with gzip', 'blackbox_exporter, /probe, gzip as Prometheus asks for it'),
      row('raw', 'raw epoll loop in C'),
    ],
    notes: ['The goal is judged on blackbox_exporter without gzip, its cheaper form.'],
  };
}
