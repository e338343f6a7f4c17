import { rmSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bench, Measure, Section } from './bench.ts';
import { machine } from './machine.ts';
import { measureBlackhole } from './measure/blackhole.ts';
import { measureCpu } from './measure/cpu.ts';
import { measureLatency } from './measure/latency.ts';
import { measureMemory } from './measure/memory.ts';
import { measureProbe } from './measure/probe.ts';
import { measureScrape } from './measure/scrape.ts';
import { enterNamespace, isInsideNamespace, prepareNamespace } from './namespace.ts';
import { type MeasureName, type Options, parseOptions, USAGE } from './options.ts';
import { FULL, QUICK } from './plan.ts';
import { compileRaw, startListener } from './raw.ts';
import { markdown } from './report.ts';
import { toolPath, whatIsMissing } from './requirements.ts';

const ROOT = new URL('../../', import.meta.url);
const LONGEST_RUN_MS = 40 * 60_000;

const MEASUREMENTS: Readonly<Record<MeasureName, Measure>> = {
  cpu: measureCpu,
  latency: measureLatency,
  scrape: measureScrape,
  probe: measureProbe,
  memory: measureMemory,
  blackhole: measureBlackhole,
};

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  say(`bench: ${messageOf(error)}`);
  return 1;
});

/** Exit code: 0 measured (goals met or not), 1 could not measure, 2 wrong command line. */
async function main(args: readonly string[]): Promise<number> {
  let options: Options;
  try {
    options = parseOptions(args, fileURLToPath(ROOT));
  } catch (error) {
    say(`bench: ${messageOf(error)}\n${USAGE}`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  return isInsideNamespace() ? await measureAll(options) : await outside();
}

async function outside(): Promise<number> {
  const path = toolPath(process.env['PATH']);
  const missing = whatIsMissing(path);
  if (missing === undefined) return await enterNamespace(path);
  say(missing);
  return 1;
}

async function measureAll(options: Options): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'port-exporter-bench-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  process.once('SIGINT', () => process.exit(130)).once('SIGTERM', () => process.exit(143));
  setTimeout(giveUp, LONGEST_RUN_MS).unref();
  await prepareNamespace();
  const facts = await machine(ROOT);
  const raw = join(directory, 'raw');
  await compileRaw(ROOT, raw);
  await using _listener = await startListener(raw);
  const bench: Bench = { plan: options.quick ? QUICK : FULL, exporter: options.exporter, raw, directory, say };
  const sections = await measureEach(bench, options.only);
  const complete = sections.length === options.only.length;
  if (sections.length > 0) await publish(markdown(facts, sections, options.quick), options.write && complete);
  return complete ? 0 : 1;
}

/** The sections of the measurements that worked; each that did not is said aloud. */
async function measureEach(bench: Bench, names: readonly MeasureName[]): Promise<Section[]> {
  const sections: Section[] = [];
  for (const name of names) {
    try {
      sections.push(await MEASUREMENTS[name](bench));
    } catch (error) {
      say(`bench: ${name} failed: ${messageOf(error)}`);
    }
  }
  return sections;
}

async function publish(page: string, write: boolean): Promise<void> {
  if (!write) {
    process.stdout.write(page);
    return;
  }
  await writeFile(new URL('docs/benchmarks.md', ROOT), page);
  say('bench: wrote docs/benchmarks.md');
}

function giveUp(): void {
  say(`bench: gave up after ${LONGEST_RUN_MS / 60_000} minutes`);
  process.exit(1);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
