import { resolve } from 'node:path';
import { vi } from 'vitest';
import { type Answer, type Ask, http } from './e2e-http.ts';
import { freePort } from './e2e-ports.ts';
import type { Program, ProgramOptions } from './e2e-program.ts';
import { Samples } from './e2e-samples.ts';
import type { Stage } from './e2e-stage.ts';

/** The built program; E2E_MAIN names another build of it. */
const MAIN = process.env['E2E_MAIN'] ?? resolve('dist/cli/main.js');

export type ExporterOptions = ProgramOptions & {
  /** The configuration: text as it is, anything else as JSON, which YAML includes. Without one the exporter looks where it always does. */
  readonly config?: unknown;
  readonly args?: readonly string[];
  /** What is put before the command line, such as nsenter and its flags. */
  readonly before?: readonly string[];
  /** How requests get to the exporter. */
  readonly ask?: (url: string, how?: Ask) => Promise<Answer>;
  /** What it logs does not come here: it is asked whether it is ready. */
  readonly unheard?: boolean;
};

export type Exporter = {
  readonly program: Program;
  readonly address: string;
  readonly url: string;
  readonly configFile: string;
  readonly get: (path: string, how?: Ask) => Promise<Answer>;
  /** A scrape that must be answered with 200. */
  readonly scrape: (path?: string, how?: Ask) => Promise<Samples>;
};

/** The command line of the exporter on a free port, with these flags. */
export function exporterCommand(...args: readonly string[]): readonly string[] {
  return [process.execPath, '--enable-source-maps', MAIN, ...args];
}

/** A running exporter on a free port of 127.0.0.1. */
export async function startExporter(stage: Stage, options: ExporterOptions = {}): Promise<Exporter> {
  const { config, args = [], before = [], ask = http, unheard = false, ...programOptions } = options;
  const configFile = config === undefined ? '' : writeConfig(stage, config);
  const port = unheard ? await freePort() : 0;
  const listen = args.some((arg) => arg.startsWith('--web.listen-address'))
    ? []
    : [`--web.listen-address=127.0.0.1:${port}`];
  const named = configFile === '' ? [] : [`--config.file=${configFile}`];
  const program = stage.start([...before, ...exporterCommand(...named, ...listen, ...args)], programOptions);
  const address = unheard ? `127.0.0.1:${port}` : await listening(program);
  if (unheard) await ready(address, ask);
  const url = `http://${address}`;
  const get = (path: string, how?: Ask) => ask(`${url}${path}`, how);
  return {
    program,
    address,
    url,
    configFile,
    get,
    scrape: async (path = '/metrics', how) => {
      const { status, body } = await get(path, how);
      if (status !== 200) throw new Error(`${path} is answered with ${status}: ${body}`);
      return new Samples(body);
    },
  };
}

async function listening(program: Program): Promise<string> {
  const [, address = ''] = await program.said(/msg=listening address=(\S+)/);
  return address;
}

async function ready(address: string, ask: (url: string) => Promise<Answer>): Promise<void> {
  await vi.waitFor(
    async () => {
      const { status } = await ask(`http://${address}/-/ready`);
      if (status !== 200) throw new Error(`/-/ready is answered with ${status}`);
    },
    { timeout: 60_000, interval: 100 },
  );
}

/** Writes a configuration beside earlier ones of the same test. */
export function writeConfig(stage: Stage, config: unknown): string {
  return stage.write(`config-${nextNumber(stage)}.yml`, configText(config));
}

export function configText(config: unknown): string {
  return typeof config === 'string' ? config : JSON.stringify(config, undefined, 2);
}

const numbers = new WeakMap<Stage, number>();

function nextNumber(stage: Stage): number {
  const next = (numbers.get(stage) ?? 0) + 1;
  numbers.set(stage, next);
  return next;
}
