import { formatDuration } from '../core/duration.ts';
import { isSocketPath } from '../core/endpoint.ts';
import { type FamilyPreference, startsInTls, type Target } from '../probe/spec.ts';
import { layersTree } from './layers.ts';
import { maintenanceTree, type Planned } from './maintenance.ts';
import { type Modules, modulesTree } from './modules.ts';
import { optionsTree } from './options.ts';
import { type OwnLabels, withoutOwn } from './own-labels.ts';
import type { Settings } from './settings.ts';
import { tlsTree } from './tls-config.ts';
import { type Tree, writeYaml } from './yaml.ts';

/** All that the effective configuration shows. */
export type Parts = {
  readonly defaults: Settings;
  readonly targets: readonly Target[];
  readonly own: OwnLabels;
  readonly discoverLocal: boolean;
  readonly reportsListeners: boolean;
  readonly maintenance: readonly Planned[];
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
    groups: groups(parts.targets, parts.own),
    discover: { local: parts.discoverLocal, report: parts.reportsListeners },
    maintenance: maintenanceTree(parts.maintenance),
    probe: { allow: parts.allow },
    modules: modulesTree(parts.modules),
  });
}

function groups(targets: readonly Target[], own: OwnLabels): Tree[] {
  const byName = new Map<string, Tree[]>();
  for (const target of targets) {
    const shown = byName.get(target.group) ?? [];
    shown.push(entry(target, own));
    byName.set(target.group, shown);
  }
  return Array.from(byName, ([name, list]) => ({ name, targets: list }));
}

function entry(target: Target, own: OwnLabels): Mapping {
  return {
    name: target.name,
    address: writtenAddress(target),
    service: target.service,
    ...(target.module === undefined ? check(target) : { module: target.module }),
    expect: target.spec.expect ?? 'open',
    interval: formatDuration(target.intervalMs),
    timeout: formatDuration(target.spec.timeoutMs),
    failures: target.failures,
    severity: target.severity,
    labels: withoutOwn(target.labels, own),
    depends_on: target.dependsOn,
  };
}

/** A URL where it has a path, or where its scheme, which is the service then, says how the module is to go there; a socket by its path. */
function writtenAddress({ address, service, module, spec }: Target): string {
  const { endpoint, resource = '', tls, use } = spec;
  if (isSocketPath(endpoint)) return `unix://${address}`;
  if (endpoint.port === 0) return `icmp://${address}`;
  const hasScheme = use?.check.schemes?.some(({ name, inTls }) => name === service && inTls === startsInTls(tls));
  return resource !== '' || (module !== undefined && hasScheme) ? `${service}://${address}${resource}` : address;
}

function check({ layers, spec: { use, tls, family: preference } }: Target): Mapping {
  const spoken = use === undefined || use.courtesy ? undefined : use;
  const how = tlsTree(spoken?.check, tls);
  const options = spoken && optionsTree(spoken);
  return {
    ...(layers === undefined
      ? { check: spoken === undefined ? 'connect' : 'service', ...(options && { options }) }
      : { checks: layersTree(layers, (options ?? {}) as Mapping) }),
    ...(how === undefined ? {} : { tls: how }),
    ...family(preference),
  };
}

function family({ prefer, fallback }: FamilyPreference): Mapping {
  return { preferred_ip_protocol: `ip${prefer}`, ip_protocol_fallback: fallback };
}
