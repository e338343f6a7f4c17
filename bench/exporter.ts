import { writeFile } from 'node:fs/promises';
import type { Agent } from 'node:http';
import { join } from 'node:path';
import { type Verdicts, verdicts } from './exposition.ts';
import { fetchText, keptAlive, type Reply, SCRAPE_HEADERS } from './http-client.ts';
import { PORTS } from './ports.ts';
import { type Running, start, waitFor } from './processes.ts';

export type Scrape = Reply & { readonly verdicts: Verdicts };

export type Exporter = AsyncDisposable & {
  readonly pid: number;
  readonly port: number;
  readonly running: Running;
  readonly configFile: string;
  /** One scrape of /metrics as Prometheus does it, gzip included. */
  scrape(): Promise<Scrape>;
};

export type ExporterSettings = {
  readonly main: string;
  readonly directory: string;
  /** Plain TCP targets. */
  readonly hosts?: readonly string[];
  /** The whole configuration, instead of those. */
  readonly config?: string;
  readonly port?: number;
  /** What a scrape says that it waits at most. */
  readonly scrapeTimeoutSeconds?: number;
  readonly nodeArgs?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
};

/** Starts port-exporter and waits until it is ready. */
export async function startExporter(settings: ExporterSettings): Promise<Exporter> {
  const { main, directory, hosts = [], config = configuration(hosts), port = PORTS.exporter } = settings;
  const { nodeArgs = [], env = {}, scrapeTimeoutSeconds = 10 } = settings;
  const configFile = join(directory, `exporter-${port}.yml`);
  await writeFile(configFile, config);
  const flags = [`--config.file=${configFile}`, `--web.listen-address=127.0.0.1:${port}`, '--log.level=warn'];
  const running = start(process.execPath, ['--enable-source-maps', ...nodeArgs, main, ...flags], env);
  const agent = keptAlive(4);
  const stop = async (): Promise<void> => {
    agent.destroy();
    await running.stop();
  };
  try {
    await waitFor('port-exporter', running, () => answers(agent, port, '/-/ready'));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    pid: running.pid,
    port,
    running,
    configFile,
    scrape: () => scrape(agent, port, scrapeTimeoutSeconds),
    [Symbol.asyncDispose]: stop,
  };
}

function configuration(hosts: readonly string[]): string {
  const targets = hosts.map((host) => `      - ${host}:${PORTS.target}\n`).join('');
  return [
    'defaults: { interval: 60s, timeout: 5s }\n',
    'groups:\n',
    '  - name: bench\n',
    `    targets:\n${targets}`,
    'probe:\n',
    '  allow: [configured, 127.0.0.0/8]\n',
  ].join('');
}

async function scrape(agent: Agent, port: number, timeoutSeconds: number): Promise<Scrape> {
  const headers = { ...SCRAPE_HEADERS, 'x-prometheus-scrape-timeout-seconds': String(timeoutSeconds) };
  const reply = await fetchText(agent, port, '/metrics', { ...headers, 'accept-encoding': 'gzip' });
  return { ...reply, verdicts: verdicts(reply.text) };
}

/** Whether a GET succeeds: how to ask a starting server if it is there. */
export async function answers(agent: Agent, port: number, path: string): Promise<boolean> {
  return await fetchText(agent, port, path, {}).then(
    () => true,
    () => false,
  );
}

/** A scrape that did not find everything up measured something else: fail loudly. */
export function expectAllUp({ verdicts: { up, down, reasons } }: Scrape, count: number): void {
  if (up.size === count) return;
  const why = [...new Set(reasons.values())].join(', ');
  throw new Error(`expected ${count} targets up: ${up.size} up, ${down.size} down (${why || 'no reason given'})`);
}
