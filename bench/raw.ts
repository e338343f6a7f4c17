import { fileURLToPath } from 'node:url';
import { PORTS } from './ports.ts';
import { type Running, run, start, waitFor } from './processes.ts';

export type RawRun = { readonly count: number; readonly wallSeconds: number; readonly cpuSeconds: number };

/** Compiles raw.c into `file`. */
export async function compileRaw(root: URL, file: string): Promise<void> {
  const source = fileURLToPath(new URL('bench/raw.c', root));
  await run('cc', ['-O2', '-Wall', '-Wextra', '-o', file, source]);
}

/** The peer of every connection in the bench: accepts on all of 127.0.0.0/8 and closes when the caller does. */
export async function startListener(raw: string): Promise<Running> {
  const listener = start(raw, ['listen', String(PORTS.target)]);
  await waitFor('the listener', listener, async () => listener.output().includes('ready'));
  return listener;
}

/** Connects to `count` addresses with nothing but system calls: the floor. */
export async function rawConnects(raw: string, count: number): Promise<RawRun> {
  return JSON.parse(await run(raw, ['connect', String(PORTS.target), String(count)], 60_000));
}
