import { isPortExporter, needsCommandLine } from '../checks/process-services.ts';
import type { IpAddress } from '../core/ip.ts';
import { placesOf } from '../net/listeners.ts';
import { listeningSockets } from '../net/listening-sockets.ts';
import type { Pace } from '../net/pace.ts';
import type { Resolver } from '../net/resolver.ts';
import { type Listener, machineAddresses, withProcesses } from '../net/survey.ts';
import { type AddressOf, coverageOf } from './coverage.ts';
import type { Target } from './spec.ts';

/** What was found on this machine, port-exporters left out: they have metrics of their own. */
export type Findings = {
  /** Everything that listens, or only what nobody watches, as it was asked for. */
  readonly listeners: readonly Listener[];
  readonly unmonitored: readonly Listener[];
  readonly silent: readonly Target[];
};

/** How to look: whose processes are to be found, and where /proc is. */
export type Looking = { readonly processesOf: 'all' | 'unmonitored'; readonly procDir?: string };

/**
 * Compares what listens on this machine with the targets. Undefined where the system does not say what listens, and when the pace was over
 * before it was known.
 */
export async function lookAround(
  targets: readonly Target[],
  addressOf: AddressOf,
  pace: Pace,
  { processesOf, procDir = '/proc' }: Looking,
): Promise<Findings | undefined> {
  const sockets = await listeningSockets(pace, procDir);
  if (sockets === undefined) return undefined;
  await pace.turn();
  const places = placesOf(sockets, procDir);
  await pace.turn();
  const machine = { sockets, places, addresses: machineAddresses() };
  const { unmonitored, silent } = await coverageOf(machine, targets, addressOf, pace);
  if (pace.isOver) return undefined;
  const wanted = processesOf === 'all' ? places : unmonitored;
  const listeners = (await withProcesses(wanted, needsCommandLine, pace, procDir)).filter(isSomebodyElse);
  const unwatched = new Set(unmonitored.map(({ endpoint }) => endpoint));
  return { listeners, unmonitored: listeners.filter(({ endpoint }) => unwatched.has(endpoint)), silent };
}

function isSomebodyElse({ process: found }: Listener): boolean {
  return found === undefined || (found.pid !== process.pid && !isPortExporter(found));
}

/** The addresses of names as a probe would find them, as far as they are known in time. */
export function resolvedBy(resolver: Resolver, pace: Pace): AddressOf {
  return ({ spec: { endpoint, family } }) =>
    pace.within(
      new Promise<IpAddress | undefined>((resolve) => {
        resolver.resolve(endpoint.host, family, (found) => resolve(found.ok ? found.address : undefined));
      }),
    );
}
