import { serviceByPort } from '../../checks/registry.ts';
import { type Endpoint, formatEndpoint } from '../../core/endpoint.ts';
import { localListeners } from '../../net/listeners.ts';
import type { DiscoverSettings } from '../flags.ts';
import type { Streams } from '../streams.ts';

/** Lists what listens on this machine, as a configuration for it. */
export async function discover(
  settings: DiscoverSettings,
  streams: Streams,
  listeners: () => readonly Endpoint[] = localListeners,
): Promise<number> {
  const found = listeners();
  if (found.length === 0)
    streams.stderr.write(
      'Nothing listens on TCP on this machine, or this system does not say so (no /proc/net/tcp).\n',
    );
  streams.stdout.write(settings.json ? asJson(found) : asConfig(found));
  return 0;
}

function asJson(found: readonly Endpoint[]): string {
  const listeners = found.map((endpoint) => ({
    target: formatEndpoint(endpoint),
    host: endpoint.host,
    port: endpoint.port,
    service: serviceByPort(endpoint.port),
  }));
  return `${JSON.stringify({ listeners }, undefined, 2)}\n`;
}

const HEAD = `# What listens on this machine, as a configuration for port-exporter:
#   port-exporter discover > config/port-exporter.yml
#   port-exporter check
`;

const NOTHING = `${HEAD}
# Nothing listens here now. This watches whatever does when the configuration is loaded.
discover:
  local: true
`;

/** The list as YAML that loads as it is. */
function asConfig(found: readonly Endpoint[]): string {
  if (found.length === 0) return NOTHING;
  const entries = found.map((endpoint) => [yamlText(formatEndpoint(endpoint)), serviceByPort(endpoint.port)] as const);
  const column = Math.max(...entries.map(([address]) => address.length));
  return `${HEAD}# "discover: { local: true }" instead of the list watches whatever listens when the configuration is loaded.

groups:
  - name: local
    network: local # on this machine: a timeout of 2s is plenty
    targets: # the service is what usually has the port; tcp: not known
${entries.map(([address, service]) => `      - ${address.padEnd(column)} # ${service}`).join('\n')}
`;
}

/** An address that starts with a bracket would be a list. */
function yamlText(address: string): string {
  return address.startsWith('[') ? `"${address}"` : address;
}
