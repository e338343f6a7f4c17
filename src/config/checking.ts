import type { Check } from '../checks/check.ts';
import { serviceByName, serviceByPort } from '../checks/registry.ts';
import type { Address } from '../core/endpoint.ts';
import { courtesyOf } from '../probe/courtesy.ts';
import type { CheckUse, FamilyPreference, Module, TlsSpec } from '../probe/spec.ts';
import { planTls, type TlsWritten } from '../probe/tls-plan.ts';
import { suggestion } from './nearest.ts';
import { readOptions } from './options.ts';
import type { Part } from './parts.ts';
import type { Path } from './path.ts';
import type { Report } from './problems.ts';
import type { TARGET } from './schema.ts';
import { few, show } from './wording.ts';

/** How far the check of a target goes, and how. */
export type Checking = {
  readonly service: string;
  /** Its name, where the target names one. */
  readonly module?: string;
  readonly use?: CheckUse;
  readonly tls?: TlsSpec;
  /** Of the module, where the target names one. */
  readonly family?: FamilyPreference;
  readonly sourceIp?: string;
};

type Reading = {
  readonly entry: Part<typeof TARGET>;
  readonly address: Address;
  readonly path: Path;
  readonly report: Report;
};

/** What a target asks for: a module, the service's own dialogue, or a connect. Complains about what does not go together. */
export function readChecking(reading: Reading, modules: ReadonlyMap<string, Module>): Checking {
  const { entry, address } = reading;
  const written = serviceWritten(reading);
  const service = written ?? serviceByPort(address.endpoint.port);
  if (entry.module !== undefined) return { service, ...ofModule(entry.module, service, reading, modules) };
  const check = serviceByName(service)?.check;
  const goesFar =
    entry.check === 'service' || (entry.check === undefined && written !== undefined && check !== undefined);
  if (!goesFar) return { service, ...connecting(check, reading) };
  return { service, ...speaking(service, check, reading) };
}

function serviceWritten({ entry, address, path, report }: Reading): string | undefined {
  if (address.service !== undefined && entry.service !== undefined && address.service !== entry.service)
    report({
      path: [...path, 'service'],
      message: `${entry.service} is not what the address says, ${address.service}: keep one`,
    });
  return entry.service ?? address.service;
}

const OF_MODULES = ['check', 'options', 'tls', 'preferred_ip_protocol', 'ip_protocol_fallback'] as const;

function ofModule(
  name: string,
  service: string,
  { entry, path, report }: Reading,
  modules: ReadonlyMap<string, Module>,
): Partial<Checking> {
  const more = OF_MODULES.filter((key) => entry[key] !== undefined);
  for (const key of more)
    report({
      path: [...path, key],
      at: 'key',
      message: `does not go with module: write it in the module ${show(name)}`,
    });
  const module = modules.get(name);
  if (module === undefined) {
    const known = [...modules.keys()];
    const close = suggestion(name, known);
    report({
      path: [...path, 'module'],
      message: `there is no usable module ${show(name)}${close === '' ? ` (there are ${few(known)})` : close}`,
    });
    return {};
  }
  const { use, tls, family, sourceIp } = module;
  const silent = use === undefined && tls === undefined ? serviceByName(service)?.check : undefined;
  return {
    module: name,
    family,
    ...courtesyOf(silent),
    ...(use && { use }),
    ...(tls && { tls }),
    ...(sourceIp !== undefined && { sourceIp }),
  };
}

/** Only a connect. Services that hold silence against their clients are left with a word, which costs nobody anything. */
function connecting(check: Check | undefined, { entry, path, report }: Reading): Partial<Checking> {
  if (entry.options !== undefined && entry.options !== null)
    report({
      path: [...path, 'options'],
      at: 'key',
      message:
        'options belong to the dialogue of a service: write service: with the name of one, and no check: connect',
    });
  const tls = tlsOf(undefined, entry.tls, path, report);
  return tls === undefined ? courtesyOf(check) : { tls };
}

/** The check of a place that nobody has said anything about. */
export function checkingByPort(port: number): Checking {
  const service = serviceByPort(port);
  return { service, ...courtesyOf(serviceByName(service)?.check) };
}

function speaking(service: string, check: Check | undefined, { entry, path, report }: Reading): Partial<Checking> {
  if (check === undefined) {
    const [at, why] =
      entry.service === undefined && service === 'tcp'
        ? ['check', 'needs the name of a service: write service: beside it']
        : ['check', `there is no dialogue for ${service}: use check: connect, or a module`];
    report({ path: [...path, at], message: why });
    return {};
  }
  const options = readOptions(check, entry.options, [...path, 'options'], report);
  const tls = tlsOf(check, entry.tls, path, report);
  if (options === undefined) return {};
  return { use: Object.freeze({ check, options: options.value }), ...(tls && { tls }) };
}

function tlsOf(
  check: Check | undefined,
  written: TlsWritten | undefined,
  path: Path,
  report: Report,
): TlsSpec | undefined {
  const plan = planTls(check, written);
  if (plan.ok) return plan.value === undefined ? undefined : Object.freeze(plan.value);
  report({ path: [...path, 'tls'], message: plan.problem });
  return undefined;
}
