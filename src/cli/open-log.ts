import { createLogger, type Logger, type LogOptions } from '../core/log.ts';
import type { Output } from './streams.ts';

/** The log of a program that runs for long, and how many of its lines were lost. */
export type OpenLog = { readonly log: Logger; readonly lostLines: () => number };

type LogSettings = { readonly 'log.level': LogOptions['level']; readonly 'log.format': LogOptions['format'] };

/** How many bytes may wait for a reader: more than everything that is wrong with a configuration. */
const MOST_WAITING = 1 << 20;

/**
 * Logs to a stream, whatever becomes of that. A full disk, a terminal that hung up, a pipe that nobody reads must not end the exporter, hold
 * it up or fill its memory: a line that cannot be written is lost, and counted; the log says so once it can.
 */
export function openLog(settings: LogSettings, output: Output): OpenLog {
  let lost = 0;
  let told = 0;
  const waiting = () => output.writableLength ?? 0;
  const written = (error?: Error | null) => {
    if (error) lost++;
    else if (lost > told && waiting() < MOST_WAITING / 2) {
      told = lost;
      log.error('log lines were lost since the start: they could not be written', { lines: lost });
    }
  };
  const write = (line: string) => {
    if (waiting() + line.length > MOST_WAITING) lost++;
    else output.write(line, written);
  };
  // Node.js waits for a terminal until it has taken all, and one that is stopped (Ctrl-S, a hung container engine) never does.
  if (output.isTTY) output._handle?.setBlocking?.(false);
  const log = createLogger({ level: settings['log.level'], format: settings['log.format'], write, now: Date.now });
  return { log, lostLines: () => lost };
}
