import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Scrape } from '../exporter.ts';
import { startWatchedExporter, type WatchedExporter } from '../loop-watch.ts';
import { descriptors, memory } from '../proc.ts';
import { configuration, expected, flapsUp, mix } from './mix.ts';
import type { Peers } from './peers.ts';

export type SoakOptions = {
  readonly main: string;
  readonly directory: string;
  readonly authority: string;
  readonly targets: number;
  readonly scrapes: number;
  readonly limitMs: number;
  readonly say: (line: string) => void;
};

/** What was seen after one scrape. Memory in bytes. */
export type Reading = {
  readonly seconds: number;
  readonly resident: number;
  readonly descriptors: number;
  /** The longest time that the event loop did not come round, and the longest that its thread ran without coming round. */
  readonly blockMs: number;
  readonly ranMs: number;
};

/** Verdicts in all; those that were not what is true of the target; and how often the exporter said that it was not able to probe. */
type Verdicts = { all: number; wrong: number; faults: number };

export type Soak = {
  readonly readings: readonly Reading[];
  readonly reloads: number;
  readonly peak: number;
  readonly verdicts: Verdicts;
  readonly seconds: number;
};

/** Others use the machine too: what takes long there must not be taken for a target that is down. */
const SCRAPE_TIMEOUT_SECONDS = 50;
const RELOAD_SCRAPES = 100;
const WRONG_SHOWN = 20;

/** Scrapes as fast as it goes, with targets that flap and a changed configuration now and then. */
export async function soak(options: SoakOptions, peers: Peers): Promise<Soak> {
  const { authority, targets, scrapes, limitMs, say } = options;
  let hosts = mix(targets, 0);
  const settings = {
    ...options,
    config: configuration(hosts, authority),
    scrapeTimeoutSeconds: SCRAPE_TIMEOUT_SECONDS,
  };
  await using watched = await startWatchedExporter(settings);
  const began = performance.now();
  const readings: Reading[] = [];
  const verdicts: Verdicts = { all: 0, wrong: 0, faults: 0 };
  let reloads = 0;
  for (let i = 0; i < scrapes && performance.now() - began < limitMs; i++) {
    if (i > 0 && i % RELOAD_SCRAPES === 0) {
      hosts = mix(targets, ++reloads);
      await reload(watched, configuration(hosts, authority));
    }
    await peers.flap(flapsUp(i));
    const scrape = await watched.exporter.scrape();
    judge(scrape, expected(hosts, i), verdicts, (line) => say(`scrape ${i + 1}: ${line}`));
    readings.push(await read(watched, scrape));
    if ((i + 1) % 50 === 0) say(`scrape ${i + 1} of ${scrapes}: ${JSON.stringify(verdicts)}`);
  }
  const { peak } = await memory(watched.exporter.pid);
  return { readings, reloads, peak, verdicts, seconds: (performance.now() - began) / 1000 };
}

async function read({ exporter, blocks }: WatchedExporter, { seconds }: Scrape): Promise<Reading> {
  const { longestMs: blockMs, ranMs } = await blocks();
  const { resident } = await memory(exporter.pid);
  return { seconds, resident, descriptors: await descriptors(exporter.pid), blockMs, ranMs };
}

/** Counts the verdicts of a scrape, and says the first that were wrong. */
function judge(
  { verdicts: { up, reasons } }: Scrape,
  truth: ReadonlyMap<string, string>,
  counts: Verdicts,
  say: (line: string) => void,
): void {
  for (const [host, verdict] of truth) {
    const said = up.has(host) ? 'up' : (reasons.get(host) ?? 'nothing');
    counts.all++;
    if (said === 'exporter_error') counts.faults++;
    else if (said !== verdict && ++counts.wrong <= WRONG_SHOWN) say(`${host} is ${verdict}, said to be ${said}`);
  }
}

/** Over a connection of its own: one that is kept alive would be counted as open. */
async function reload({ exporter: { configFile, port } }: WatchedExporter, config: string): Promise<void> {
  await writeFile(configFile, config);
  const asked = request({ host: '127.0.0.1', port, path: '/-/reload', method: 'POST', agent: false }).end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  const said = await text(answer);
  if (answer.statusCode !== 200) throw new Error(`the reload is answered with ${answer.statusCode}: ${said}`);
}
