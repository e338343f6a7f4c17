import { z } from 'zod';
import type { Check } from '../checks/check.ts';
import { dnsQuery } from '../checks/dns-query.ts';
import { CHECKS, SERVICES, serviceByName } from '../checks/registry.ts';
import type { Module } from '../probe/spec.ts';
import { planTls } from '../probe/tls-plan.ts';
import { dnsTree, readDns } from './dns-module.ts';
import { goDuration } from './go-duration.ts';
import { strict, text } from './leaves.ts';
import { suggestion } from './nearest.ts';
import { optionsTree, readOptions } from './options.ts';
import { level, readPart } from './parts.ts';
import type { Path } from './path.ts';
import type { Report } from './problems.ts';
import { DIALLING, dialling, diallingTree, readTcp, tcpTree, type Way } from './tcp-module.ts';
import { TARGET_TLS, tlsTree } from './tls-config.ts';
import { few, show } from './wording.ts';
import type { Tree } from './yaml.ts';

/** What /probe?module= may name, and what the file has beyond what this version runs. */
export type Modules = {
  readonly usable: ReadonlyMap<string, Module>;
  readonly unusable: ReadonlyMap<string, string>;
  /** The probers of the modules in the file. */
  readonly probers: ReadonlyMap<string, string>;
  readonly warnings: readonly string[];
};

/** Probers of blackbox_exporter that are not in this version; their options are not looked at. */
const FOREIGN = ['http', 'icmp', 'grpc', 'unix'];
const SECTIONS = ['tcp', 'http', 'dns', 'icmp', 'grpc', 'unix'];

const MODULE = level(
  z.looseObject(
    { prober: text('the name of a prober, such as tcp'), timeout: goDuration().optional() },
    { error: ({ input }) => `must be a mapping with the key prober, not ${show(input)}` },
  ),
);

const BUILT_IN = builtIn();

/** Reads modules: those of blackbox_exporter as it writes them, and those with the name of a service as their prober. */
export function readModules(value: unknown, report: Report): Modules {
  const usable = new Map(BUILT_IN.map((module) => [module.name, module]));
  const unusable = new Map<string, string>();
  const probers = new Map<string, string>();
  const warnings: string[] = [];
  for (const [name, item] of entries(value, report)) {
    const path: Path = ['modules', name];
    const { prober, timeout = 0, ...rest } = readPart(MODULE, item, path, report);
    if (prober === undefined) continue;
    probers.set(name, prober);
    usable.delete(name);
    const read = readWay(prober, rest, path, report);
    if (typeof read === 'string') unusable.set(name, read);
    // A timeout of 0 or less means none there.
    else usable.set(name, Object.freeze({ name, ...read.way, ...(timeout > 0 && { timeoutMs: timeout }) }));
    if (typeof read !== 'string' && read.ignored.length > 0)
      warnings.push(`modules.${name}: ${few(read.ignored)} says nothing beside prober ${prober}`);
  }
  return { usable, unusable, probers, warnings: [...unusableWarning(unusable), ...warnings] };
}

type Read = { readonly way: Way; readonly ignored: readonly string[] };

/** How the module probes, or why it cannot. */
function readWay(prober: string, rest: Readonly<Record<string, unknown>>, path: Path, report: Report): Read | string {
  if (prober === 'tcp' || (prober === 'dns' && isBlackbox(rest['dns']))) {
    const ignored = Object.keys(rest).filter((key) => key !== prober && SECTIONS.includes(key));
    for (const key of Object.keys(rest)) if (!SECTIONS.includes(key)) unknownKey(key, path, report);
    const readTheirs = prober === 'tcp' ? readTcp : readDns;
    return { way: readTheirs(rest[prober], [...path, prober], report), ignored };
  }
  const check = serviceByName(prober)?.check;
  if (check !== undefined) return { way: readService(check, rest, path, report), ignored: [] };
  if (!FOREIGN.includes(prober)) report({ path: [...path, 'prober'], message: () => unknownProber(prober) });
  return `prober ${show(prober)} is not in this version`;
}

/** The dns prober of blackbox_exporter cannot be without this key. */
function isBlackbox(options: unknown): boolean {
  return typeof options === 'object' && options !== null && 'query_name' in options;
}

function unknownProber(prober: string): string {
  const close = suggestion(prober, [...SECTIONS, ...CHECKS.map(({ name }) => name)]);
  return `${show(prober)} is not a known prober${close === '' ? ': write tcp, or the name of a service' : close}`;
}

const MODULE_KEYS = ['prober', 'timeout', ...SECTIONS];

function unknownKey(key: string, path: Path, report: Report): void {
  report({
    path: [...path, key],
    at: 'key',
    message: () =>
      `${show(key)} is not a known key${suggestion(key, MODULE_KEYS)} (known here: ${MODULE_KEYS.join(', ')})`,
  });
}

/** A module of ours: its prober is the name of a service, whose options stand under the same name. */
function readService(check: Check, rest: Readonly<Record<string, unknown>>, path: Path, report: Report): Way {
  const { name } = check;
  const schema = level(strict({ ...DIALLING, tls: TARGET_TLS.optional(), [name]: z.unknown().optional() }));
  const { tls: written, ...part } = readPart(schema, rest, path, report);
  const options = readOptions(check, rest[name], [...path, name], report);
  const plan = planTls(check, written);
  if (!plan.ok) report({ path: [...path, 'tls'], message: plan.problem });
  const tls = plan.ok ? plan.value : undefined;
  return {
    ...dialling(part, 4),
    use: Object.freeze({ check, options: options?.value }),
    ...(tls && { tls }),
  };
}

/** Two for connects, and one for each service. */
function builtIn(): Module[] {
  const connect = dialling({}, 4);
  const secure = planTls(undefined, {});
  const services = SERVICES.map(({ name, check }): Module => {
    if (check === undefined) return { name, ...connect };
    const tls = planTls(check, undefined);
    const use = Object.freeze({ check, options: Object.freeze(check.options.parse({})) });
    return { name, ...connect, use, ...(tls.ok && tls.value && { tls: tls.value }) };
  });
  const tlsConnect: Module = {
    name: 'tls_connect',
    ...connect,
    ...(secure.ok && secure.value && { tls: secure.value }),
  };
  return [{ name: 'tcp_connect', ...connect }, tlsConnect, ...services].map((module) => Object.freeze(module));
}

function entries(value: unknown, report: Report): [string, unknown][] {
  if (value === undefined || value === null) return [];
  if (typeof value === 'object' && !Array.isArray(value) && !Buffer.isBuffer(value)) return Object.entries(value);
  report({ path: ['modules'] as Path, message: `must be a mapping of module names to modules, not ${show(value)}` });
  return [];
}

function unusableWarning(unusable: ReadonlyMap<string, string>): string[] {
  if (unusable.size === 0) return [];
  const list = few(Array.from(unusable, ([name, why]) => `${name}: ${why}`));
  return [`${unusable.size} of the modules cannot be used yet (${list}): /probe refuses them, everything else works`];
}

/** Modules of the file as they would be written. Of those that cannot be used only the prober: their options may hold passwords. */
export function modulesTree({ usable, probers }: Modules): Record<string, Tree> {
  return Object.fromEntries(
    Array.from(probers, ([name, prober]) => {
      const module = usable.get(name);
      return [name, module === undefined ? { prober } : moduleTree(prober, module)];
    }),
  );
}

function moduleTree(prober: string, module: Module): Tree {
  const { timeoutMs, use, tls } = module;
  const head = { prober, ...(timeoutMs !== undefined && { timeout: `${Number((timeoutMs / 1000).toFixed(9))}s` }) };
  if (prober === 'tcp') return { ...head, tcp: tcpTree(module) };
  if (use?.check === dnsQuery) return { ...head, dns: dnsTree(module) };
  const how = tlsTree(use?.check, tls);
  return {
    ...head,
    [prober]: use === undefined ? {} : optionsTree(use),
    ...(how !== undefined && { tls: how }),
    ...diallingTree(module),
  };
}
