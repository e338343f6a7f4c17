import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, Section } from '../bench.ts';
import { type Exporter, expectAllUp, startExporter } from '../exporter.ts';
import { megabytes, seconds, whole } from '../format.ts';
import { startWatchedExporter } from '../loop-watch.ts';
import { maximum, median } from '../statistics.ts';
import { answering, range } from '../targets.ts';

const WARM_UPS = 2;
const WALL_GOAL_SECONDS = 1.2;
const BLOCK_GOAL_MS = 20;

type Findings = {
  readonly firstWall: number;
  readonly firstBlock: number;
  readonly walls: number[];
  readonly blocks: number[];
  readonly idleBlocks: number[];
  bytes: number;
};

/** How long a big scrape takes and how long it keeps the event loop from everything else. */
export async function measureScrape(bench: Bench): Promise<Section> {
  const { plan, directory, exporter: main } = bench;
  const hosts = range(plan.targets, answering);
  await using plain = await startExporter({ main, directory, hosts });
  await using watched = await startWatchedExporter({ main, directory, hosts });
  const scrapeAll = async (exporter: Exporter): Promise<{ seconds: number; bytes: number }> => {
    const scrape = await exporter.scrape();
    expectAllUp(scrape, hosts.length);
    return scrape;
  };
  const blockDuring = async (work: () => Promise<unknown>): Promise<number> => {
    await watched.longestBlock();
    await work();
    return await watched.longestBlock();
  };
  const firstWall = (await scrapeAll(plain)).seconds;
  const firstBlock = await blockDuring(() => scrapeAll(watched.exporter));
  const findings: Findings = { firstWall, firstBlock, walls: [], blocks: [], idleBlocks: [], bytes: 0 };
  for (let i = 0; i < WARM_UPS; i++) {
    await scrapeAll(plain);
    await scrapeAll(watched.exporter);
  }
  for (let i = 0; i < plan.scrapeRounds; i++) {
    const { seconds: wall, bytes } = await scrapeAll(plain);
    findings.walls.push(wall);
    findings.bytes = bytes;
    findings.blocks.push(await blockDuring(() => scrapeAll(watched.exporter)));
    findings.idleBlocks.push(await blockDuring(() => sleep(wall * 1000)));
    bench.say(`scrape: round ${i + 1} of ${plan.scrapeRounds}`);
  }
  return report(findings, plan.targets);
}

function report({ firstWall, firstBlock, walls, blocks, idleBlocks, bytes }: Findings, targets: number): Section {
  const ms = (value: number): string => `${value.toFixed(1)} ms`;
  const wall = median(walls);
  const block = median(blocks);
  return {
    title: `One scrape of ${whole(targets)} targets`,
    how:
      'Wall time: from the request to the last byte of the compressed answer, all targets on loopback and up. ' +
      'Event loop: a second process of the same exporter has a 1 ms interval loaded with --import; the longest gap between two ticks is the longest block, ' +
      'pauses of the garbage collector and of the machine included. The same for an exporter that does nothing for as long shows what the machine adds. ' +
      `Medians of ${walls.length} rounds after two warm-up scrapes.`,
    goals: [
      {
        figure: `wall time of a scrape of ${whole(targets)}`,
        goal: `at most ${WALL_GOAL_SECONDS} s`,
        measured: seconds(wall),
        met: wall <= WALL_GOAL_SECONDS,
      },
      {
        figure: `longest event loop block in a scrape of ${whole(targets)}`,
        goal: `at most ${BLOCK_GOAL_MS} ms`,
        measured: ms(block),
        met: block <= BLOCK_GOAL_MS,
      },
    ],
    header: ['figure', 'median', 'worst round', 'very first scrape'],
    rows: [
      ['wall time', seconds(wall), seconds(maximum(walls)), seconds(firstWall)],
      ['longest event loop block', ms(block), ms(maximum(blocks)), ms(firstBlock)],
      ['the same while idle', ms(median(idleBlocks)), ms(maximum(idleBlocks)), ''],
    ],
    notes: [`The answer is ${megabytes(bytes)} compressed.`],
  };
}
