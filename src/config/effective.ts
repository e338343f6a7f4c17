import { formatDuration } from '../core/duration.ts';
import type { FamilyPreference, Module, Target } from '../probe/spec.ts';
import type { Modules } from './modules.ts';
import type { Settings } from './settings.ts';
import { type Tree, writeYaml } from './yaml.ts';

/** All that the effective configuration shows. */
export type Parts = {
  readonly defaults: Settings;
  readonly targets: readonly Target[];
  readonly discoverLocal: boolean;
  readonly allow: readonly string[];
  readonly modules: Modules;
};

type Mapping = { readonly [key: string]: Tree };

/** The configuration with every default written out. It can be loaded again and then means the same. */
export function effectiveYaml(parts: Parts): string {
  const { defaults } = parts;
  return writeYaml({
    defaults: {
      interval: formatDuration(defaults.interval.value),
      timeout: formatDuration(defaults.timeout.value),
      failures: defaults.failures,
      severity: defaults.severity,
      ...family(defaults.family),
    },
    groups: groups(parts.targets),
    discover: { local: parts.discoverLocal },
    probe: { allow: parts.allow },
    modules: modules(parts.modules),
  });
}

function groups(targets: readonly Target[]): Tree[] {
  const byName = new Map<string, Tree[]>();
  for (const target of targets) {
    const shown = byName.get(target.group) ?? [];
    shown.push(entry(target));
    byName.set(target.group, shown);
  }
  return Array.from(byName, ([name, list]) => ({ name, targets: list }));
}

function entry(target: Target): Mapping {
  const { tls } = target.spec;
  return {
    name: target.name,
    address: target.address,
    service: target.service,
    check: 'connect',
    interval: formatDuration(target.intervalMs),
    timeout: formatDuration(target.spec.timeoutMs),
    failures: target.failures,
    severity: target.severity,
    labels: target.labels,
    tls: tls === undefined ? false : tls.serverName === undefined ? true : { server_name: tls.serverName },
    depends_on: target.dependsOn,
    ...family(target.spec.family),
  };
}

function family({ prefer, fallback }: FamilyPreference): Mapping {
  return { preferred_ip_protocol: `ip${prefer}`, ip_protocol_fallback: fallback };
}

/** Modules of the file. Of those that cannot be used only the prober: their options may hold passwords. */
function modules({ usable, probers }: Modules): Mapping {
  return Object.fromEntries(
    Array.from(probers, ([name, prober]) => {
      const module = usable.get(name);
      return [name, module === undefined ? { prober } : tcpModule(module)];
    }),
  );
}

function tcpModule({ timeoutMs, family: preference }: Module): Mapping {
  const timeout = timeoutMs === undefined ? {} : { timeout: `${timeoutMs / 1000}s` };
  return { prober: 'tcp', ...timeout, tcp: family(preference) };
}
