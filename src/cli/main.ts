#!/usr/bin/env node
import { realpathSync } from 'node:fs';
import { suggestion } from '../config/nearest.ts';
import { EXIT_FAILED, refuse, say } from './command.ts';
import { COMMANDS, SERVE } from './commands.ts';
import { show } from './flag.ts';
import { keepHeapSmall } from './heap.ts';
import { programHelp } from './help.ts';
import type { Streams } from './streams.ts';

/** Runs the command line that follows the program's name; the result is the exit code. Never rejects. */
export async function main(argv: readonly string[], streams: Streams): Promise<number> {
  try {
    return await dispatch(argv, streams);
  } catch (error) {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    streams.stderr.write(`port-exporter: unexpected error: ${what}\n`);
    return EXIT_FAILED;
  }
}

async function dispatch(argv: readonly string[], streams: Streams): Promise<number> {
  const [first = '', ...rest] = argv;
  if (first === '--help' || first === '-h') return say(streams, programHelp(COMMANDS, SERVE));
  const named = COMMANDS.find(({ name }) => name === first);
  if (named !== undefined) return named.start(rest, streams);
  if (argv.length === 0 || first.startsWith('-')) return SERVE.start(argv, streams);
  const names = COMMANDS.map(({ name }) => name);
  const hint = first.includes(':') ? ': an address is probed with port-exporter probe' : suggestion(first, names);
  return refuse(streams, '', `unknown command ${show(first)}${hint}`);
}

/** Whether this file is what Node.js was started with, by its own name or through the link that npm makes. */
function isProgram(): boolean {
  const [, started] = process.argv;
  if (started === undefined || import.meta.filename === undefined) return false;
  try {
    return realpathSync(started) === realpathSync(import.meta.filename);
  } catch {
    return false;
  }
}

/** A reader such as `head` that has seen enough is no error; a full disk is. What cannot be written to stderr can be told to nobody. */
function onWriteError(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') return;
  process.stderr.write(`port-exporter: cannot write: ${error.message}\n`);
  process.exit(EXIT_FAILED);
}

if (isProgram()) {
  keepHeapSmall();
  process.stdout.on('error', onWriteError);
  process.stderr.on('error', () => undefined);
  const code = await main(process.argv.slice(2), process);
  // Once all is written, and what went wrong with it is known: a name still being looked up must not keep the shell waiting.
  const end = () => setImmediate(() => process.exit(code));
  // A full disk refuses even an empty text.
  if (process.stdout.writableLength === 0) end();
  else process.stdout.write('', end);
}
