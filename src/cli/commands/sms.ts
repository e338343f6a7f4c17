import { setTimeout as wait } from 'node:timers/promises';
import { readConfigFile } from '../../config/file.ts';
import { counted } from '../../core/counted.ts';
import type { Logger } from '../../core/log.ts';
import type { Listening } from '../../http/server.ts';
import { systemClock } from '../../net/clock.ts';
import { createSmsApp, hasOwnLogin } from '../../sms/app.ts';
import { Bridge } from '../../sms/bridge.ts';
import type { SmsConfig } from '../../sms/config.ts';
import { type LoadedSms, loadSmsConfig } from '../../sms/load.ts';
import { SmsMetrics } from '../../sms/metrics.ts';
import { createProvider } from '../../sms/providers/provider.ts';
import { fileTrouble } from '../../sms/secret.ts';
import type { SmsSettings } from '../flags.ts';
import type { OnHangUp } from '../hang-ups.ts';
import { openLog } from '../open-log.ts';
import { GRACE_MS, listenOnAll, reportProblems, stopSignal } from '../running.ts';
import type { Streams } from '../streams.ts';
import { version } from '../version.ts';
import { openWebSide, type WebSide } from '../web-side.ts';

/** Runs the bridge until it is told to stop. Resolves with the exit code: 0 after a stop, 1 when it cannot listen, 2 for a bad configuration. */
export async function sms(settings: SmsSettings, streams: Streams, onHangUp: OnHangUp): Promise<number> {
  const file = settings['config.file'];
  const webFile = settings['web.config.file'];
  const { log } = openLog(settings, streams.stderr);
  const loaded = await load(file);
  const web = await openWebSide(webFile, log);
  if (!loaded.ok || web.problems.length > 0)
    return reportProblems([...(loaded.ok ? [] : loaded.problems), ...web.problems], streams);
  const { config } = loaded;
  if (settings['config.check']) {
    streams.stdout.write(
      `${file}: ok, ${counted(recipientsOf(config), 'recipient')}, provider ${config.provider.name}\n`,
    );
    if (webFile !== undefined) streams.stdout.write(`${webFile}: ok\n`);
    return 0;
  }
  onHangUp(() =>
    log.warn('SIGHUP changes nothing: secrets are read each time, and the configuration at a restart', { file }),
  );
  return run(settings, config, web, log);
}

async function load(file: string): Promise<LoadedSms> {
  try {
    return loadSmsConfig(file, await readConfigFile(file));
  } catch (error) {
    const message = `cannot be read: ${fileTrouble(error)}`;
    return { ok: false, problems: [{ file, line: 0, column: 0, path: '', message }] };
  }
}

function recipientsOf({ recipients = [], receivers }: SmsConfig): number {
  return new Set([...recipients, ...[...receivers.values()].flat()]).size;
}

async function run(settings: SmsSettings, config: SmsConfig, web: WebSide, log: Logger): Promise<number> {
  const stop = stopSignal();
  warn(config, log);
  const own = version();
  const provider = createProvider(config.provider, { timeoutMs: config.timeoutMs, version: own });
  const metrics = new SmsMetrics({ version: own, provider: provider.name });
  // What is waited for at a stop must not hold up the end.
  const time = { now: Date.now, wait: (ms: number) => wait(ms, undefined, { ref: false }) };
  const bridge = new Bridge({ ...config, provider, metrics, log, time });
  await bridge.restore();
  const app = createSmsApp({ config, bridge, metrics, log, now: systemClock.now });
  const handler = web.guarded(app.callback(), hasOwnLogin);
  const servers = await listenOnAll(handler, settings['web.listen-address'], { log, tls: web.tls });
  if (servers === undefined) return 1;
  for (const { address } of servers)
    log.info('listening', {
      address,
      ...(web.tls && { tls: true }),
      provider: provider.name,
      recipients: recipientsOf(config),
      version: own,
    });
  const signal = await stop;
  log.info('stopping: deliveries in flight may finish', { signal });
  bridge.stop();
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
