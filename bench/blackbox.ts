import { writeFile } from 'node:fs/promises';
import type { Agent } from 'node:http';
import { join } from 'node:path';
import { answers } from './exporter.ts';
import { plainValue } from './exposition.ts';
import { fetchText, keptAlive, SCRAPE_HEADERS } from './http-client.ts';
import { PORTS } from './ports.ts';
import { type Running, run, start, waitFor } from './processes.ts';

const PROGRAM = 'prometheus-blackbox-exporter';

export type Blackbox = AsyncDisposable & { readonly pid: number; readonly port: number; readonly running: Running };

/** Starts blackbox_exporter with a plain tcp_connect module. */
export async function startBlackbox(directory: string): Promise<Blackbox> {
  const config = join(directory, 'blackbox.yml');
  const port = PORTS.blackbox;
  await writeFile(config, 'modules:\n  tcp_connect:\n    prober: tcp\n    timeout: 10s\n');
  const flags = [`--config.file=${config}`, `--web.listen-address=127.0.0.1:${port}`, '--log.level=warn'];
  const running = start(PROGRAM, flags);
  const agent = keptAlive(1);
  try {
    await waitFor('blackbox_exporter', running, () => answers(agent, port, '/-/healthy'));
  } catch (error) {
    await running.stop();
    throw error;
  } finally {
    agent.destroy();
  }
  return { pid: running.pid, port, running, [Symbol.asyncDispose]: () => running.stop() };
}

export async function blackboxVersion(): Promise<string> {
  return /version (\S+)/.exec(await run(PROGRAM, ['--version']))?.[1]?.replace(',', '') ?? 'unknown';
}

/** Seconds that /probe reported for each target that was up. */
export type Durations = ReadonlyMap<string, number>;

export function probePath(host: string): string {
  return `/probe?module=tcp_connect&target=${host}:${PORTS.target}`;
}

/** A pool of kept-alive connections that probes many targets through /probe, so many at once. */
export class ProbeClient implements Disposable {
  readonly #agent: Agent;
  readonly #port: number;
  readonly #atOnce: number;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(port: number, atOnce: number, headers: Readonly<Record<string, string>> = {}) {
    this.#agent = keptAlive(atOnce);
    this.#port = port;
    this.#atOnce = atOnce;
    this.#headers = { ...SCRAPE_HEADERS, ...headers };
  }

  async probeAll(hosts: readonly string[]): Promise<Durations> {
    const durations = new Map<string, number>();
    const queue = hosts.values();
    const worker = async (): Promise<void> => {
      for (const host of queue) {
        const { text } = await fetchText(this.#agent, this.#port, probePath(host), this.#headers);
        if (plainValue(text, 'probe_success') === 1) durations.set(host, plainValue(text, 'probe_duration_seconds'));
      }
    };
    await Promise.all(Array.from({ length: this.#atOnce }, worker));
    return durations;
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}
