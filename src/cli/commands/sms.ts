import { setTimeout as wait } from 'node:timers/promises';
import { formatProblem, type Problem } from '../../config/config.ts';
import { readConfigFile } from '../../config/file.ts';
import { createLogger, type Logger } from '../../core/log.ts';
import { type Listening, listen } from '../../http/server.ts';
import { createSmsApp } from '../../sms/app.ts';
import { Bridge } from '../../sms/bridge.ts';
import type { SmsConfig } from '../../sms/config.ts';
import { type LoadedSms, loadSmsConfig } from '../../sms/load.ts';
import { SmsMetrics } from '../../sms/metrics.ts';
import { createProvider } from '../../sms/providers/provider.ts';
import { fileTrouble } from '../../sms/secret.ts';
import type { SmsSettings } from '../flags.ts';
import type { Streams } from '../streams.ts';
import { version } from '../version.ts';

/** How long a stop waits for deliveries in flight, ms: longer than a try may take, shorter than the usual kill after TERM. */
const GRACE_MS = 25_000;

/** Runs the bridge until it is told to stop. Resolves with the exit code: 0 after a stop, 1 when it cannot listen, 2 for a bad configuration. */
export async function sms(settings: SmsSettings, streams: Streams): Promise<number> {
  const file = settings['config.file'];
  const loaded = await load(file);
  if (!loaded.ok) return reportProblems(loaded.problems, streams);
  const { config } = loaded;
  if (settings['config.check']) {
    streams.stdout.write(`${file}: ok, ${recipientsOf(config)}, provider ${config.provider.name}\n`);
    return 0;
  }
  const write = (line: string) => void streams.stderr.write(line);
  const log = createLogger({ level: settings['log.level'], format: settings['log.format'], write, now: Date.now });
  return run(settings, config, log);
}

async function load(file: string): Promise<LoadedSms> {
  try {
    return loadSmsConfig(file, await readConfigFile(file));
  } catch (error) {
    const message = `cannot be read: ${fileTrouble(error)}`;
    return { ok: false, problems: [{ file, line: 0, column: 0, path: '', message }] };
  }
}

function reportProblems(problems: readonly Problem[], streams: Streams): number {
  for (const problem of problems) streams.stderr.write(`${formatProblem(problem)}\n`);
  return 2;
}

function recipientsOf({ recipients = [], receivers }: SmsConfig): string {
  const count = new Set([...recipients, ...[...receivers.values()].flat()]).size;
  return count === 1 ? '1 recipient' : `${count} recipients`;
}

async function run(settings: SmsSettings, config: SmsConfig, log: Logger): Promise<number> {
  // Signals before the port: whoever sees the port open may stop us.
  const stop = stopSignal();
  warn(config, log);
  const own = version();
  const provider = createProvider(config.provider, { timeoutMs: config.timeoutMs, version: own });
  const metrics = new SmsMetrics({ version: own, provider: provider.name });
  const time = { now: Date.now, wait: (ms: number) => wait(ms) };
  const bridge = new Bridge({ ...config, provider, metrics, log, time });
  await bridge.restore();
  const app = createSmsApp({ config, bridge, metrics, log });
  const servers: Listening[] = [];
  for (const at of settings['web.listen-address']) {
    try {
      servers.push(await listen(app.callback(), at));
    } catch (error) {
      log.error('cannot listen', { address: `${at.host ?? ''}:${at.port}`, error: (error as Error).message });
      await Promise.all(servers.map((server) => server.close(0)));
      return 1;
    }
  }
  for (const { address } of servers)
    log.info('listening', { address, provider: provider.name, recipients: recipientsOf(config), version: own });
  const signal = await stop;
  log.info('stopping: deliveries in flight may finish', { signal });
  await finish(servers, bridge);
  log.info('stopped');
  return 0;
}

/** What is delivered is on the disk already; what is cut off is delivered when Alertmanager tries again. */
async function finish(servers: readonly Listening[], bridge: Bridge): Promise<void> {
  const late = new AbortController();
  const answered = Promise.all(servers.map((server) => server.close(GRACE_MS))).then(() => bridge.idle());
  await Promise.race([answered, wait(GRACE_MS, undefined, { signal: late.signal }).catch(() => undefined)]);
  late.abort();
}

function warn({ provider, stateFile }: SmsConfig, log: Logger): void {
  if (stateFile === undefined)
    log.warn('no state_file: after a restart, retries of earlier notifications may be sent twice');
  const { protocol, hostname } = provider.url;
  if (protocol === 'http:' && !/^(?:localhost|127\..*|\[::1\])$/.test(hostname))
    log.warn('the provider is asked over plain HTTP: whoever is on the way sees the secrets', { host: hostname });
}

function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
}
