import { type Identified, identify } from '../checks/process-services.ts';
import { formatEndpoint } from '../core/endpoint.ts';
import type { Listener } from '../net/survey.ts';

/** What listens on this machine, and what it is taken for. */
export type Found = Listener & Identified;

/** What each of them is, in view of all that listens: whoever listens on one port only is what it is called. */
export function identifyAll(listeners: readonly Listener[], all: readonly Listener[] = listeners): readonly Found[] {
  const ports = new Map<number, Set<number>>();
  for (const { endpoint, process } of all) {
    if (process === undefined) continue;
    const known = ports.get(process.pid);
    if (known === undefined) ports.set(process.pid, new Set([endpoint.port]));
    else known.add(endpoint.port);
  }
  return listeners.map((listener) => {
    const { endpoint, process } = listener;
    const isAlone = process !== undefined && ports.get(process.pid)?.size === 1;
    return { ...listener, ...identify(endpoint.port, process, isAlone) };
  });
}

/** The fields of the JSON. What is not known is null. */
export function fieldsOf({ endpoint, service, by, process }: Found): Record<string, unknown> {
  return {
    target: formatEndpoint(endpoint),
    host: endpoint.host,
    port: endpoint.port,
    service,
    known_by: by ?? null,
    process: process?.name ?? null,
    pid: process?.pid ?? null,
  };
}
