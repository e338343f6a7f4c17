import { needsCommandLine } from '../../checks/process-services.ts';
import { formatEndpoint } from '../../core/endpoint.ts';
import { systemClock } from '../../net/clock.ts';
import { placesOf } from '../../net/listeners.ts';
import { listeningSockets } from '../../net/listening-sockets.ts';
import { Pace } from '../../net/pace.ts';
import { type Listener, withProcesses } from '../../net/survey.ts';
import { refuse } from '../command.ts';
import type { DiscoverSettings } from '../flags.ts';
import { type Found, fieldsOf, identifyAll } from '../found.ts';
import type { Streams } from '../streams.ts';
import { pad, visible, widthOf } from '../text.ts';

/** What looking at this machine may take, ms. */
const LOOK_MS = 10_000;

/** Lists what listens on this machine, as a configuration for it. */
export async function discover(
  settings: DiscoverSettings,
  streams: Streams,
  listeners: () => Promise<readonly Listener[]> = listening,
): Promise<number> {
  const { json, report, 'config.file': file } = settings;
  if (report) return (await import('./discover-report.ts')).discoverReport({ file, json }, streams);
  if (file !== undefined) return refuse(streams, 'discover', '--config.file needs --report');
  const found = identifyAll(await listeners());
  if (found.length === 0)
    streams.stderr.write(
      'Nothing listens on TCP on this machine, or this system does not say so (no /proc/net/tcp).\n',
    );
  streams.stdout.write(json ? asJson(found) : asConfig(found));
  return 0;
}

async function listening(): Promise<readonly Listener[]> {
  const pace = new Pace(systemClock, LOOK_MS);
  return withProcesses(placesOf((await listeningSockets(pace)) ?? []), needsCommandLine, pace);
}

function asJson(found: readonly Found[]): string {
  return `${JSON.stringify({ listeners: found.map(fieldsOf) }, undefined, 2)}\n`;
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
function asConfig(found: readonly Found[]): string {
  if (found.length === 0) return NOTHING;
  const entries = found.map((one) => [entryOf(one), remark(one)] as const);
  const column = Math.max(...entries.map(([entry]) => widthOf(entry)));
  return `${HEAD}# "discover: { local: true }" instead of the list watches whatever listens when the configuration is loaded.

groups:
  - name: local
    network: local # on this machine: a timeout of 2s is plenty
    targets: # with service: its process says what it is, and the check speaks to it; the others are connected to
${entries.map(([entry, text]) => `      - ${pad(entry, column)} # ${text}`).join('\n')}
`;
}

function entryOf({ endpoint, service, spoken }: Found): string {
  const address = formatEndpoint(endpoint);
  // An address that starts with a bracket would be a list.
  const text = address.startsWith('[') ? `"${address}"` : address;
  return spoken ? `{ address: ${text}, service: ${service} }` : text;
}

/** What it is, or how that is known: "postgres", "https (nginx)", "smtp by its port (docker-proxy)". */
function remark({ service, by, spoken, process }: Found): string {
  const name = process === undefined ? undefined : visible(process.name);
  if (spoken && name !== undefined) return name;
  return `${service}${by === 'port' ? ' by its port' : ''}${name === undefined ? '' : ` (${name})`}`;
}
