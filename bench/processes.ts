import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const STOP_MS = 5_000;
const OUTPUT_LIMIT = 64 * 1024;

export type Running = AsyncDisposable & {
  readonly pid: number;
  /** The last of what it wrote, both streams. */
  output(): string;
  hasEnded(): boolean;
  stop(signal?: NodeJS.Signals): Promise<void>;
};

/** Starts a program that dies with us, whatever happens to us. */
export function start(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', command, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let output = '';
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-OUTPUT_LIMIT);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  child.on('error', (error) => keep(Buffer.from(error.message)));
  const stop = (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => end(child, signal);
  return {
    pid: child.pid ?? -1,
    output: () => output,
    hasEnded: () => hasEnded(child),
    stop,
    [Symbol.asyncDispose]: () => stop(),
  };
}

/** Runs a program to its end and gives what it printed; a failure carries what it said. */
export async function run(command: string, args: readonly string[], timeoutMs = 30_000): Promise<string> {
  const options = { timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: 1 << 24 } as const;
  const { stdout, stderr } = await promisify(execFile)(command, [...args], options);
  return stdout + stderr;
}

/** Waits until `ready` says so, and gives up with the reason when the program ends or the time is over. */
export async function waitFor(what: string, running: Running, ready: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!(await ready())) {
    if (running.hasEnded()) throw new Error(`${what} ended early: ${running.output()}`);
    if (performance.now() > deadline) throw new Error(`${what} did not become ready: ${running.output()}`);
    await sleep(50);
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (hasEnded(child)) return;
  const ended = once(child, 'close');
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await ended;
  clearTimeout(timer);
}

function hasEnded({ pid, exitCode, signalCode }: ChildProcess): boolean {
  return pid === undefined || exitCode !== null || signalCode !== null;
}
