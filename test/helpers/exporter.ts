import type { Config, Problem } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load.ts';
import { createLogger } from '../../src/core/log.ts';
import { LabelBlocks } from '../../src/exposition/fleet.ts';
import { SelfMetrics } from '../../src/exposition/self.ts';
import { Admission } from '../../src/http/admission.ts';
import { createApp } from '../../src/http/app.ts';
import { listen } from '../../src/http/server.ts';
import type { Services } from '../../src/http/services.ts';
import { TargetIndexes } from '../../src/http/target-index.ts';
import { Fleet } from '../../src/probe/fleet.ts';
import { States } from '../../src/probe/state.ts';
import type { World } from '../../src/probe/world.ts';
import { testWorld } from './world.ts';

/** An exporter in this process, on a free port of loopback. */
export type Exporter = AsyncDisposable & {
  readonly url: string;
  readonly services: Services;
  readonly logged: readonly string[];
  /** The body of a path, and its status. */
  get(path: string, headers?: Record<string, string>): Promise<{ status: number; body: string; headers: Headers }>;
};

/** Runs the web side over a configuration text. */
export async function exporter(yaml: string, overrides: Partial<Services> & { world?: World } = {}): Promise<Exporter> {
  const { location } = overrides;
  const loaded = loadConfig('test.yml', yaml, { listeners: () => [], ...(location !== undefined && { location }) });
  if (!loaded.ok) throw new Error(`the test's configuration is bad: ${JSON.stringify(loaded.problems)}`);
  const logged: string[] = [];
  const services = { ...assemble(loaded.config, overrides.world ?? testWorld(), logged), ...overrides };
  const server = await listen(createApp(services).callback(), { host: '127.0.0.1', port: 0 });
  const url = `http://${server.address}`;
  return {
    url,
    services,
    logged,
    get: async (path, headers = {}) => {
      const response = await fetch(url + path, { headers: { connection: 'close', ...headers }, redirect: 'manual' });
      return { status: response.status, body: await response.text(), headers: response.headers };
    },
    [Symbol.asyncDispose]: () => server.close(0),
  };
}

function assemble(config: Config, world: World, logged: string[]): Services {
  const states = new States();
  const fleet = new Fleet(world, states);
  const self = new SelfMetrics({
    version: '0.0.0-test',
    targets: () => config.targets.length,
    inFlight: () => fleet.inFlight,
    probeResults: () => fleet.stats.results,
    probeFailures: () => fleet.stats.failures,
    staleAddresses: () => fleet.stats.staleAddresses,
    lostLogLines: () => 0,
    lastReloadSuccessful: () => true,
    lastReloadSuccessAt: () => 1_700_000_000_000,
  });
  const problems: readonly Problem[] = [];
  return {
    config: () => config,
    reload: async () => ({ ok: true, problems }),
    indexes: new TargetIndexes(),
    fleet,
    admission: new Admission(),
    states,
    blocks: new LabelBlocks(),
    self,
    clock: world.clock,
    log: createLogger({ level: 'debug', format: 'logfmt', write: (line) => logged.push(line), now: () => 0 }),
    version: '0.0.0-test',
    timeoutOffsetMs: 500,
    externalUrl: undefined,
    location: undefined,
    routePrefix: '',
  };
}
