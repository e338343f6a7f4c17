import { parseAddress } from '../../checks/address.ts';
import type { Check } from '../../checks/check.ts';
import { serviceByName, serviceByPort } from '../../checks/registry.ts';
import { readOptions } from '../../config/options.ts';
import { formatEndpoint, type Parsed } from '../../core/endpoint.ts';
import { problemOf } from '../../net/authorities.ts';
import { courtesyOf } from '../../probe/courtesy.ts';
import { Policy } from '../../probe/policy.ts';
import { type CheckUse, probeKey, type Target } from '../../probe/spec.ts';
import { planTls, type TlsWritten } from '../../probe/tls-plan.ts';
import { EXIT_USAGE, refuse } from '../command.ts';
import type { ProbeSettings } from '../flags.ts';
import { probeAndReport } from '../round.ts';
import type { Streams } from '../streams.ts';
import { visible } from '../text.ts';

/** Probes addresses given by hand. */
export async function probe(settings: ProbeSettings, streams: Streams, addresses: readonly string[]): Promise<number> {
  const ofTls = (['server-name', 'ca-file'] as const).find((flag) => settings[flag] !== undefined);
  if (ofTls !== undefined && !settings.tls && !settings.starttls)
    return refuse(streams, 'probe', `--${ofTls} needs --tls or --starttls`);
  const file = settings['ca-file'];
  const badFile = file === undefined ? undefined : problemOf({ ca: { file } });
  if (badFile !== undefined) return refuse(streams, 'probe', `--ca-file: ${visible(badFile)}`);
  const read = addresses.map((address) => targetOf(address, settings));
  const wrong = [...new Set(read.flatMap((target) => (target.ok ? [] : [target.problem])))];
  if (wrong.length > 0) {
    for (const problem of wrong) streams.stderr.write(`port-exporter probe: ${visible(problem)}\n`);
    return EXIT_USAGE;
  }
  const targets = read.flatMap((target) => (target.ok ? [target.value] : []));
  const once = [...new Map(targets.map((target) => [probeKey(target.spec), target])).values()];
  // Whoever has a shell here can connect anywhere from here: nothing to refuse, not even a link-local literal.
  const policy = new Policy(
    [{ kind: 'any' }],
    once.map(({ spec }) => spec.endpoint),
  );
  return probeAndReport(once, { policy, json: settings.json }, streams);
}

function targetOf(text: string, settings: ProbeSettings): Parsed<Target> {
  const read = parseAddress(text);
  if (!read.ok) return read;
  const { service: schemed, ...place } = read.value;
  const { endpoint } = place;
  const asked = settings.service ?? schemed;
  const check = asked === undefined ? undefined : serviceByName(asked)?.check;
  if (isLost(place.resource, check))
    return { ok: false, problem: `${text} has a path, which ${asked ?? 'a connect'} does not ask for` };
  const tls = planTls(check, tlsWritten(settings));
  if (!tls.ok) return tls;
  const silent = tls.value === undefined ? serviceByName(asked ?? serviceByPort(endpoint.port))?.check : undefined;
  const use = useOf(check, silent, settings);
  if (!use.ok) return use;
  const address = formatEndpoint(endpoint);
  const target: Target = {
    name: address,
    address,
    service: asked ?? serviceByPort(endpoint.port),
    group: '',
    severity: 'critical',
    labels: {},
    intervalMs: settings.timeout,
    failures: 1,
    dependsOn: [],
    spec: {
      ...place,
      timeoutMs: settings.timeout,
      family: { prefer: settings['preferred-ip-protocol'] === 'ip6' ? 6 : 4, fallback: true },
      ...(tls.value && { tls: tls.value }),
      ...use.value,
    },
  };
  return { ok: true, value: target };
}

/** Whether nobody would ask for a path. */
function isLost(resource: string | undefined, check: Check | undefined): boolean {
  return resource !== undefined && check?.form !== 'url';
}

/** The dialogue that was asked for; without one that of the `silent` check, where a plain connect needs it to leave well. */
function useOf(
  check: Check | undefined,
  silent: Check | undefined,
  settings: ProbeSettings,
): Parsed<{ readonly use?: CheckUse }> {
  if (check === undefined) {
    if (settings.option.length > 0)
      return { ok: false, problem: '--option needs --service with a service that has a dialogue' };
    return { ok: true, value: courtesyOf(silent) };
  }
  const problems: string[] = [];
  const given = Object.fromEntries(settings.option.map(keyAndValue));
  const options = readOptions(check, given, [], ({ path, message, at }) => {
    const said = typeof message === 'string' ? message : message();
    problems.push(at === 'key' ? said : `${path.join('.')} ${said}`);
  });
  if (options === undefined) return { ok: false, problem: `--option: ${problems.join('; ')}` };
  return { ok: true, value: { use: { check, options: options.value } } };
}

function keyAndValue(option: string): [string, string] {
  const at = option.indexOf('=');
  return at < 0 ? [option, ''] : [option.slice(0, at), option.slice(at + 1)];
}

function tlsWritten(settings: ProbeSettings): TlsWritten | undefined {
  if (!settings.tls && !settings.starttls) return undefined;
  const serverName = settings['server-name'];
  const file = settings['ca-file'];
  return {
    ...(settings.starttls && { how: 'starttls' }),
    ...(serverName !== undefined && { serverName }),
    ...(file !== undefined && { ca: { file } }),
  };
}
