import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Exporter, type ExporterSettings, startExporter } from './exporter.ts';
import { PORTS } from './ports.ts';
import { waitFor } from './processes.ts';

const MONITOR = new URL('./loop-monitor.js', import.meta.url).href;

export type WatchedExporter = AsyncDisposable & {
  readonly exporter: Exporter;
  /** Milliseconds of the longest event loop block since the last time somebody asked. */
  longestBlock(): Promise<number>;
  /** The same, and how long the loop's thread itself ran at most without coming round. */
  blocks(): Promise<{ readonly longestMs: number; readonly ranMs: number }>;
};

/** An exporter that also tells how long its event loop stood still. */
export async function startWatchedExporter(settings: ExporterSettings): Promise<WatchedExporter> {
  const file = join(settings.directory, 'longest-block');
  const exporter = await startExporter({
    ...settings,
    port: PORTS.watchedExporter,
    nodeArgs: ['--import', MONITOR],
    env: { PORT_EXPORTER_BENCH_LOOP_FILE: file },
  });
  const blocks = async () => {
    await rm(file, { force: true });
    process.kill(exporter.pid, 'SIGUSR2');
    let text = '';
    await waitFor('the loop monitor', exporter.running, async () => {
      text = await readFile(file, 'utf8').catch(() => '');
      return text !== '';
    });
    const [longestMs = Number.NaN, ranMs = Number.NaN] = text.split(' ').map(Number);
    return { longestMs, ranMs };
  };
  const longestBlock = async () => (await blocks()).longestMs;
  return { exporter, longestBlock, blocks, [Symbol.asyncDispose]: () => exporter[Symbol.asyncDispose]() };
}
