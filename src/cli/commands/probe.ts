import { parseAddress } from '../../checks/address.ts';
import { serviceByPort } from '../../checks/registry.ts';
import { type Address, formatEndpoint } from '../../core/endpoint.ts';
import { Policy } from '../../probe/policy.ts';
import type { Target } from '../../probe/spec.ts';
import { EXIT_USAGE, refuse } from '../command.ts';
import type { ProbeSettings } from '../flags.ts';
import { probeAndReport } from '../round.ts';
import type { Streams } from '../streams.ts';
import { visible } from '../text.ts';

/** Probes addresses given by hand. */
export async function probe(settings: ProbeSettings, streams: Streams, addresses: readonly string[]): Promise<number> {
  if (settings['server-name'] !== undefined && !settings.tls)
    return refuse(streams, 'probe', '--server-name needs --tls');
  const read = addresses.map(parseAddress);
  const wrong = read.flatMap((address) => (address.ok ? [] : [address.problem]));
  if (wrong.length > 0) {
    for (const problem of wrong) streams.stderr.write(`port-exporter probe: ${visible(problem)}\n`);
    return EXIT_USAGE;
  }
  const targets = read.flatMap((address) => (address.ok ? [targetOf(address.value, settings)] : []));
  const once = [...new Map(targets.map((target) => [target.address, target])).values()];
  // Whoever has a shell here can connect anywhere from here: nothing to refuse, not even a link-local literal.
  const policy = new Policy(
    [{ kind: 'any' }],
    once.map(({ spec }) => spec.endpoint),
  );
  return probeAndReport(once, { policy, json: settings.json }, streams);
}

function targetOf({ endpoint, service }: Address, settings: ProbeSettings): Target {
  const address = formatEndpoint(endpoint);
  const serverName = settings['server-name'];
  return {
    name: address,
    address,
    service: settings.service ?? service ?? serviceByPort(endpoint.port),
    group: '',
    severity: 'critical',
    labels: {},
    intervalMs: settings.timeout,
    failures: 1,
    dependsOn: [],
    spec: {
      endpoint,
      timeoutMs: settings.timeout,
      family: { prefer: settings['preferred-ip-protocol'] === 'ip6' ? 6 : 4, fallback: true },
      ...(settings.tls && { tls: serverName === undefined ? {} : { serverName } }),
    },
  };
}
