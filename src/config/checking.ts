import type { Check } from '../checks/check.ts';
import { serviceByName, serviceByPort } from '../checks/registry.ts';
import { type Address, isSocketPath } from '../core/endpoint.ts';
import { courtesyOf } from '../probe/courtesy.ts';
import type { Layer } from '../probe/layers.ts';
import { type CheckUse, type FamilyPreference, type Module, type TlsSpec, tlsTowards } from '../probe/spec.ts';
import { planTls, type TlsWritten } from '../probe/tls-plan.ts';
import { refuseBesideClosed } from './expectation.ts';
import { inOrder, readLayers, speaksHttp } from './layers.ts';
import { suggestion } from './nearest.ts';
import { readOptions } from './options.ts';
import type { Part } from './parts.ts';
import type { Path } from './path.ts';
import type { Report } from './problems.ts';
import type { TARGET } from './schema.ts';
import type { Settings } from './settings.ts';
import { few, show } from './wording.ts';

/** How far the check of a target goes, and how. */
export type Checking = {
  readonly service: string;
  readonly layers?: readonly Layer[];
  /** Its name, where the target names one. */
  readonly module?: string;
  readonly use?: CheckUse;
  readonly expect?: 'closed';
  readonly tls?: TlsSpec;
  /** Of the module, where the target names one. */
  readonly family?: FamilyPreference;
  readonly sourceIp?: string;
};

type Reading = {
  readonly entry: Part<typeof TARGET>;
  readonly address: Address;
  readonly expect: Settings['expect'];
  readonly path: Path;
  readonly report: Report;
};

/** What a target asks for: a module, the service's own dialogue, or a connect. Complains about what does not go together. */
export function readChecking(reading: Reading, modules: ReadonlyMap<string, Module>): Checking {
  const { entry, expect } = reading;
  if (expect.value === 'closed') return closed(reading);
  if (entry.checks !== undefined) return layered(entry.checks, reading);
  const written = serviceWritten(reading);
  const service = written ?? servicePort(reading);
  if (entry.module !== undefined) return { service, ...ofModule(entry.module, service, reading, modules) };
  const check = serviceByName(service)?.check;
  const goesFar =
    entry.check === 'service' || (entry.check === undefined && written !== undefined && check !== undefined);
  if (!goesFar) return { service, ...connecting(check, reading) };
  return { service, ...speaking(service, check, reading, optionsWritten(reading)) };
}

/** A port that should be closed: a connect, whatever should not listen there. Should it be open, the service is left as it likes. */
function closed(reading: Reading): Checking {
  refuseBesideClosed({ ...reading, writtenAt: reading.expect.path });
  refuseResource(undefined, 'a connect', reading);
  const service = serviceWritten(reading) ?? servicePort(reading);
  return { service, ...courtesyOf(serviceByName(service)?.check), expect: 'closed' };
}

/** Options of a dialogue, and where they stand. */
type Given = {
  readonly value: unknown;
  readonly at: (key: string) => Path;
  /** Where the dialogue itself is asked for; at `check` otherwise. */
  readonly asked?: Path;
};

function optionsWritten({ entry, path }: Reading): Given {
  return { value: entry.options, at: (key) => [...path, 'options', key] };
}

function serviceWritten({ entry, address, path, report }: Reading): string | undefined {
  if (address.service !== undefined && entry.service !== undefined && address.service !== entry.service)
    report({
      path: [...path, 'service'],
      message: `${entry.service} is not what the address says, ${address.service}: keep one`,
    });
  return entry.service ?? address.service;
}

/** A check that is seen as layers: what it speaks follows from them. */
function layered(checks: NonNullable<Part<typeof TARGET>['checks']>, reading: Reading): Checking {
  const { entry, path, report } = reading;
  for (const key of ['check', 'options', 'module'] as const)
    if (entry[key] !== undefined)
      report({ path: [...path, key], at: 'key', message: 'does not go with checks: write it there, with its layer' });
  const read = readLayers(checks, [...path, 'checks'], report);
  const isHttp = speaksHttp(read.layers);
  const service = isHttp ? httpService(reading) : (serviceWritten(reading) ?? servicePort(reading));
  const given = {
    value: read.options,
    at: (key: string) => read.places.get(key) ?? [...path, 'checks'],
    asked: read.listed.get('service') ?? [...path, 'checks'],
  };
  const check = serviceByName(service)?.check;
  const isSpoken = isHttp || read.layers.includes('service');
  const how = isSpoken ? speaking(service, check, reading, given) : connecting(check, reading);
  if (read.layers.includes('tls') && how.tls === undefined)
    report({ path: [...path, 'checks'], message: 'tls is not spoken by this target: write tls: true beside checks' });
  const own: Layer[] = ['port'];
  if (how.tls !== undefined) own.push('tls');
  if (isHttp) own.push('http');
  return { service, layers: Object.freeze(inOrder([...own, ...read.layers])), ...how };
}

/** In TLS where that is written. */
function httpService(reading: Reading): string {
  const { entry, path, report } = reading;
  const written = serviceWritten(reading);
  const service = written ?? (entry.tls === undefined || entry.tls === false ? 'http' : 'https');
  if (service === 'http' || service === 'https') return service;
  report({
    path: [...path, 'service'],
    message: `is ${service}: the layers http, keyword and response_time need http or https`,
  });
  return 'http';
}

function servicePort({ address }: Reading): string {
  return serviceByPort(address.endpoint.port);
}

const OF_MODULES = ['check', 'options', 'tls', 'preferred_ip_protocol', 'ip_protocol_fallback'] as const;

function ofModule(
  name: string,
  service: string,
  reading: Reading,
  modules: ReadonlyMap<string, Module>,
): Partial<Checking> {
  const { entry, address, path, report } = reading;
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
  const { use, family, sourceIp } = module;
  refusePlace(use?.check, `the module ${show(name)}`, reading);
  const tls = tlsTowards(module.tls, schemeInTls(use?.check, address));
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

function schemeInTls(check: Check | undefined, { service }: Address): boolean {
  return check?.schemes?.find(({ name }) => name === service)?.inTls === true;
}

/** A path says what to ask for: nobody else would ask. */
function refuseResource(check: Check | undefined, who: string, { address, path, report }: Reading): void {
  if (address.resource === undefined || check?.form === 'url') return;
  const message = `${show(address.resource)}: ${who} asks for no path; leave it out`;
  report({ path: [...path, 'address'], message });
}

/** A host as a whole has no port to connect to, and a socket no name for a URL. */
function refusePlace(check: Check | undefined, who: string, reading: Reading): void {
  refuseResource(check, who, reading);
  const { address, path, report } = reading;
  if (address.endpoint.port !== 0) return;
  const isSocket = isSocketPath(address.endpoint);
  if (isSocket ? check?.form !== 'url' : check?.form === 'host') return;
  const problem = isSocket
    ? `a Unix socket is no place for ${who}: write a URL`
    : `${who} needs a port: write host:port`;
  report({ path: [...path, 'address'], message: problem });
}

/** Only a connect. Services that hold silence against their clients are left with a word, which costs nobody anything. */
function connecting(check: Check | undefined, reading: Reading): Partial<Checking> {
  const { entry, path, report } = reading;
  refusePlace(undefined, 'a connect', reading);
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

function speaking(
  service: string,
  check: Check | undefined,
  { entry, path, report }: Reading,
  { value, at, asked = [...path, 'check'] }: Given,
): Partial<Checking> {
  if (check === undefined) {
    const message =
      entry.service === undefined && service === 'tcp'
        ? 'needs the name of a service: write service: beside it'
        : `there is no dialogue for ${service}: use check: connect, or a module`;
    report({ path: asked, message });
    return {};
  }
  const options = readOptions(check, value, [], (finding) => {
    const [key, ...deeper] = finding.path;
    report({ ...finding, path: key === undefined ? [...path, 'options'] : [...at(String(key)), ...deeper] });
  });
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
