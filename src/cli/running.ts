import type { RequestListener } from 'node:http';
import { formatProblem, type Problem } from '../config/config.ts';
import type { Logger } from '../core/log.ts';
import { Connections } from '../http/connections.ts';
import { Seldom } from '../http/seldom.ts';
import { type ListenAddress, type Listening, listen } from '../http/server.ts';
import { systemClock } from '../net/clock.ts';
import { clientBudget } from '../net/limits.ts';
import { EXIT_USAGE } from './command.ts';
import type { Streams } from './streams.ts';
import type { WebSide } from './web-side.ts';

/** How long a stop waits for what is in flight, ms: longer than any sensible timeout, shorter than the usual kill after TERM. */
export const GRACE_MS = 25_000;

/** What is wrong with the configuration, a line each; the exit code. */
export function reportProblems(problems: readonly Problem[], streams: Streams): number {
  for (const problem of problems) streams.stderr.write(`${formatProblem(problem)}\n`);
  return EXIT_USAGE;
}

/** The first signal to stop. Asked for before the port is opened: whoever sees it open may stop us. */
export function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
}

/** Listens on all the addresses, or logs which one is not to be had and gives back the others: undefined then. */
export async function listenOnAll(
  handler: RequestListener,
  addresses: readonly ListenAddress[],
  { log, tls }: { readonly log: Logger; readonly tls: WebSide['tls'] },
): Promise<readonly Listening[] | undefined> {
  const most = clientBudget();
  const crowded = new Seldom(
    'too many connections: the one that was idle for longest is closed, or one of the client that has most',
    log,
    systemClock.now,
  );
  const connections = new Connections(most, () => crowded.say({ most }));
  const servers: Listening[] = [];
  for (const at of addresses) {
    try {
      servers.push(await listen(handler, at, { connections, ...(tls && { tls }) }));
    } catch (error) {
      log.error('cannot listen', { address: `${at.host ?? ''}:${at.port}`, error: (error as Error).message });
      await Promise.all(servers.map((server) => server.close(0)));
      return undefined;
    }
  }
  return servers;
}
