import { ConfigStore } from '../../config/store.ts';
import { watchConfig } from '../../config/watch.ts';
import { type Endpoint, formatEndpoint } from '../../core/endpoint.ts';
import { LabelBlocks } from '../../exposition/fleet.ts';
import { SelfMetrics } from '../../exposition/self.ts';
import { Admission } from '../../http/admission.ts';
import { createApp } from '../../http/app.ts';
import { Seldom } from '../../http/seldom.ts';
import type { ListenAddress } from '../../http/server.ts';
import type { Services } from '../../http/services.ts';
import { TargetIndexes } from '../../http/target-index.ts';
import { problemOf } from '../../net/authorities.ts';
import { localListeners } from '../../net/listeners.ts';
import { warmUp } from '../../net/warm-up.ts';
import { CoverageWatch, lookFrom } from '../../probe/coverage-watch.ts';
import { Fleet } from '../../probe/fleet.ts';
import { States } from '../../probe/state.ts';
import type { World } from '../../probe/world.ts';
import type { ServeSettings } from '../flags.ts';
import type { OnHangUp } from '../hang-ups.ts';
import { letYoungObjectsGrow } from '../heap.ts';
import { type OpenLog, openLog } from '../open-log.ts';
import { GRACE_MS, listenOnAll, reportProblems, stopSignal } from '../running.ts';
import type { Streams } from '../streams.ts';
import { version } from '../version.ts';
import { openWebSide, type WebSide } from '../web-side.ts';
import { createWorld } from '../world.ts';

/** Runs the exporter until it is told to stop. Resolves with the exit code: 0 after a stop, 1 when it cannot listen, 2 for a bad configuration. */
export async function serve(settings: ServeSettings, streams: Streams, onHangUp: OnHangUp): Promise<number> {
  const opened = openLog(settings, streams.stderr);
  const store = new ConfigStore({
    file: settings['config.file'],
    listeners: () => listenersWith(settings['web.listen-address']),
    tlsProblem: problemOf,
    ...(settings.location !== undefined && { location: settings.location }),
    log: opened.log,
    now: Date.now,
  });
  const { ok, problems } = await store.load();
  const webFile = settings['web.config.file'];
  const web = await openWebSide(webFile, opened.log);
  if (!ok || web.problems.length > 0) return reportProblems([...problems, ...web.problems], streams);
  if (settings['config.check']) {
    streams.stdout.write(`${settings['config.file']}: ok, ${store.current.targets.length} targets\n`);
    if (webFile !== undefined) streams.stdout.write(`${webFile}: ok\n`);
    return 0;
  }
  return run(settings, store, web, { ...opened, onHangUp });
}

async function run(
  settings: ServeSettings,
  store: ConfigStore,
  web: WebSide,
  opened: OpenLog & { readonly onHangUp: OnHangUp },
): Promise<number> {
  const { log, onHangUp } = opened;
  const world = createWorld();
  const services = assemble(world, settings, store, opened);
  const stop = stopSignal();
  onHangUp(() => {
    store.reload().catch((error: unknown) => log.error('reload failed', { error: String(error) }));
  });
  await warmUp(world.dialer);
  // Parsing a hundred certificates takes 30 ms, which no probe should wait for.
  world.authorities.context();
  const handler = web.guarded(createApp(services).callback());
  const servers = await listenOnAll(handler, settings['web.listen-address'], { log, tls: web.tls });
  if (servers === undefined) return 1;
  letYoungObjectsGrow();
  const watch = watchConfig(store, settings['config.auto-reload-interval']);
  for (const { address } of servers)
    log.info('listening', {
      address,
      ...(web.tls && { tls: true }),
      targets: store.current.targets.length,
      version: services.version,
    });
  const signal = await stop;
  log.info('stopping: scrapes in flight may finish', { signal });
  watch.stop();
  await Promise.all(servers.map((server) => server.close(GRACE_MS)));
  log.info('stopped');
  return 0;
}

function assemble(world: World, settings: ServeSettings, store: ConfigStore, { log, lostLines }: OpenLog): Services {
  const states = new States();
  const fleet = new Fleet(world, states);
  const blind = new Seldom(
    'what listens on this machine cannot be found out: discover.report has nothing',
    log,
    world.clock.now,
  );
  const watch = new CoverageWatch(world.clock.now, lookFrom(world, states), (error) =>
    blind.say({ error: String(error) }),
  );
  store.subscribe((config) => states.retain(config.targets));
  const self = new SelfMetrics({
    version: version(),
    targets: () => store.current.targets.length,
    inFlight: () => fleet.inFlight,
    probeResults: () => fleet.stats.results,
    probeFailures: () => fleet.stats.failures,
    staleAddresses: () => fleet.stats.staleAddresses,
    lostLogLines: lostLines,
    lastReloadSuccessful: () => store.lastReloadSuccessful,
    lastReloadSuccessAt: () => store.lastSuccessAt ?? 0,
    coverage: async () => (store.current.reportsListeners ? watch.facts(store.current.targets) : undefined),
  });
  const externalUrl = settings['web.external-url'];
  return {
    config: () => store.current,
    reload: () => store.reload(),
    indexes: new TargetIndexes(),
    fleet,
    admission: new Admission(),
    states,
    blocks: new LabelBlocks(),
    self,
    clock: world.clock,
    log,
    version: version(),
    timeoutOffsetMs: settings['timeout-offset'] * 1000,
    externalUrl,
    location: settings.location,
    routePrefix: settings['web.route-prefix'] ?? externalUrl?.pathname.replace(/\/+$/, '') ?? '',
  };
}

/** Hosts that mean every address. */
const WILDCARDS = new Set(['', '0.0.0.0', '::']);

/** This machine's listeners with our own, which does not listen yet when the configuration is first read, always under the same address. */
function listenersWith(own: readonly ListenAddress[]): readonly Endpoint[] {
  const ours = own
    .filter(({ port }) => port !== 0)
    .map(({ host = '', port }) => ({ host: WILDCARDS.has(host) ? '127.0.0.1' : host, port }));
  const ports = new Set(ours.map(({ port }) => port));
  const others = localListeners().filter(({ port }) => !ports.has(port));
  return [...others, ...ours].sort((a, b) => a.port - b.port || formatEndpoint(a).localeCompare(formatEndpoint(b)));
}
