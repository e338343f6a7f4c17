import { formatDuration } from '../core/duration.ts';
import type { FamilyPreference, ProbeSpec, Target } from '../probe/spec.ts';
import { type Modules, modulesTree } from './modules.ts';
import { optionsTree } from './options.ts';
import type { Settings } from './settings.ts';
import { tlsTree } from './tls-config.ts';
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
    modules: modulesTree(parts.modules),
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
  return {
    name: target.name,
    address: target.address,
    service: target.service,
    ...(target.module === undefined ? check(target.spec) : { module: target.module }),
    interval: formatDuration(target.intervalMs),
    timeout: formatDuration(target.spec.timeoutMs),
    failures: target.failures,
    severity: target.severity,
    labels: target.labels,
    depends_on: target.dependsOn,
  };
}

function check({ use, tls, family: preference }: ProbeSpec): Mapping {
  const spoken = use === undefined || use.courtesy ? undefined : use;
  const how = tlsTree(spoken?.check, tls);
  return {
    check: spoken === undefined ? 'connect' : 'service',
    ...(spoken === undefined ? {} : { options: optionsTree(spoken) }),
    ...(how === undefined ? {} : { tls: how }),
    ...family(preference),
  };
}

function family({ prefer, fallback }: FamilyPreference): Mapping {
  return { preferred_ip_protocol: `ip${prefer}`, ip_protocol_fallback: fallback };
}
