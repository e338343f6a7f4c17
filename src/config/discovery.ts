import { type Endpoint, formatEndpoint } from '../core/endpoint.ts';
import { parseIp } from '../core/ip.ts';
import type { Target } from '../probe/spec.ts';
import { checkingByPort } from './checking.ts';
import type { OwnLabels } from './own-labels.ts';
import { NETWORKS } from './schema.ts';
import type { Settings } from './settings.ts';
import { build } from './targets.ts';

/** The group that discovered targets are in. */
export const DISCOVERED = 'local';
const LOOPBACK_HOSTS = ['127.0.0.1', '::1', 'localhost'];

/** Settings of discovered targets: this machine is near, unless `defaults` gives a timeout of its own. */
export function localSettings(defaults: Settings): Settings {
  if (defaults.timeout.rank > 0) return defaults;
  return { ...defaults, timeout: { value: NETWORKS.local, path: [], rank: 0 } };
}

/** What listens on this machine and is not configured already, by whatever name of this machine. */
export function discover(
  listeners: readonly Endpoint[],
  configured: readonly Target[],
  settings: Settings,
  own: OwnLabels,
): Target[] {
  const taken = new Set(configured.flatMap((target) => [target.name, target.address]));
  return listeners.flatMap((endpoint) => {
    const name = formatEndpoint(endpoint);
    if (samePlace(endpoint).some((text) => taken.has(text))) return [];
    taken.add(name);
    const address = { endpoint: { ...endpoint } };
    return [
      build({ name, group: DISCOVERED, settings, labels: own, checking: checkingByPort(endpoint.port) }, address),
    ];
  });
}

function samePlace(endpoint: Endpoint): string[] {
  const hosts = isLoopback(endpoint.host) ? [endpoint.host, ...LOOPBACK_HOSTS] : [endpoint.host];
  return hosts.map((host) => formatEndpoint({ host, port: endpoint.port }));
}

function isLoopback(host: string): boolean {
  const address = parseIp(host);
  return address?.family === 4 ? address.bytes[0] === 127 : host === '::1';
}
