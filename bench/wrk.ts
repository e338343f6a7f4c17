import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './processes.ts';

export type Load = {
  readonly requestsPerSecond: number;
  readonly requests: number;
  readonly p50: string;
  readonly p99: string;
};

const CONNECTIONS = 100;

/** Writes the wrk script that asks for these paths in turn. */
export async function writeScript(directory: string, paths: readonly string[]): Promise<string> {
  const file = join(directory, 'paths.lua');
  const list = paths.map((path) => `  ${JSON.stringify(path)},\n`).join('');
  const script = [
    `local paths = {\n${list}}\n`,
    'local requests, n = {}, 0\n',
    'function init() for i, path in ipairs(paths) do requests[i] = wrk.format("GET", path) end end\n',
    'function request() n = n % #requests + 1; return requests[n] end\n',
  ].join('');
  await writeFile(file, script);
  return file;
}

/** Asks as fast as 100 connections can for some seconds; any answer but 200 fails the measurement. */
export async function wrk(port: number, script: string, seconds: number): Promise<Load> {
  const options = ['-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, '--timeout', '10s', '--latency', '-s', script];
  const text = await run('wrk', [...options, `http://127.0.0.1:${port}`], (seconds + 30) * 1000);
  const trouble = /(Non-2xx.*|Socket errors.*)/.exec(text)?.[1];
  if (trouble !== undefined) throw new Error(`wrk: ${trouble}`);
  const find = (pattern: RegExp): string => pattern.exec(text)?.[1] ?? '';
  return {
    requestsPerSecond: Number(find(/Requests\/sec:\s+([\d.]+)/)),
    requests: Number(find(/(\d+) requests in/)),
    p50: find(/^\s+50%\s+(\S+)/m),
    p99: find(/^\s+99%\s+(\S+)/m),
  };
}
