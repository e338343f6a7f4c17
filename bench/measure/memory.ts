import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, Section } from '../bench.ts';
import { expectAllUp, startExporter } from '../exporter.ts';
import { megabytes, whole } from '../format.ts';
import { memory } from '../proc.ts';
import { median } from '../statistics.ts';
import { answering, range } from '../targets.ts';

const IDLE_GOAL = 70e6;
const LOADED_GOAL = 180e6;
const IDLE_MS = 3_000;
const FLAT = 1.1;

/** A handful of targets: the usual start. */
const FEW = 10;

type Findings = {
  readonly idleFew: number;
  readonly idle: number;
  readonly afterEach: readonly number[];
  readonly peak: number;
};

/** Resident memory before the first scrape, and whether it stays put over many. */
export async function measureMemory(bench: Bench): Promise<Section> {
  const { plan, directory, exporter: main } = bench;
  const hosts = range(plan.targets, answering);
  const idleFew = await idleMemory(bench);
  await using exporter = await startExporter({ main, directory, hosts });
  await sleep(IDLE_MS);
  const idle = (await memory(exporter.pid)).resident;
  const afterEach: number[] = [];
  for (let i = 1; i <= plan.memoryScrapes; i++) {
    expectAllUp(await exporter.scrape(), hosts.length);
    afterEach.push((await memory(exporter.pid)).resident);
    if (i % 10 === 0) bench.say(`memory: scrape ${i} of ${plan.memoryScrapes}`);
  }
  const { peak } = await memory(exporter.pid);
  return report({ idleFew, idle, afterEach, peak }, plan.targets);
}

async function idleMemory({ directory, exporter: main }: Bench): Promise<number> {
  await using exporter = await startExporter({ main, directory, hosts: range(FEW, answering) });
  await sleep(IDLE_MS);
  return (await memory(exporter.pid)).resident;
}

function report({ idleFew, idle, afterEach, peak }: Findings, targets: number): Section {
  const count = afterEach.length;
  // One reading hits the garbage collector anywhere in its cycle; the middle of ten does not.
  const around = (scrape: number): number => median(afterEach.slice(Math.max(0, scrape - 10), scrape));
  const half = around(count / 2);
  const end = around(count);
  const growth = `${(100 * (end / half - 1)).toFixed(1)} %`;
  return {
    title: 'Memory',
    how:
      `Resident memory (VmRSS, MB of a million bytes) of one process with ${whole(targets)} configured targets: ready and idle for ${IDLE_MS / 1000} s, ` +
      `then ${count} scrapes back to back. "After n scrapes" is the median of the ten readings up to n. Flat: at most 10 % more after ${count} than after ${count / 2}.`,
    goals: [
      {
        figure: `memory before the first scrape, ${FEW} targets`,
        goal: 'at most 70 MB',
        measured: megabytes(idleFew),
        met: idleFew <= IDLE_GOAL,
      },
      {
        figure: `memory before the first scrape, ${whole(targets)} targets`,
        goal: 'at most 70 MB',
        measured: megabytes(idle),
        met: idle <= IDLE_GOAL,
      },
      {
        figure: `memory after ${count} scrapes of ${whole(targets)}`,
        goal: 'at most 180 MB',
        measured: megabytes(end),
        met: end <= LOADED_GOAL,
      },
      {
        figure: `memory growth from scrape ${count / 2} to ${count}`,
        goal: 'flat: at most 10 %',
        measured: growth,
        met: end <= half * FLAT,
      },
    ],
    header: ['moment', 'resident'],
    rows: [
      [`ready and idle with ${FEW} targets`, megabytes(idleFew)],
      ['ready and idle', megabytes(idle)],
      ['after the first scrape', megabytes(afterEach[0] ?? Number.NaN)],
      [`after ${count / 2} scrapes`, megabytes(half)],
      [`after ${count} scrapes`, megabytes(end)],
      ['peak (VmHWM)', megabytes(peak)],
    ],
    notes: [],
  };
}
