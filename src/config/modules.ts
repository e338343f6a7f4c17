import { z } from 'zod';
import type { Check } from '../checks/check.ts';
import { socketDialogue } from '../checks/dialogue.ts';
import { CHECKS, SERVICES, serviceByName } from '../checks/registry.ts';
import type { Module } from '../probe/spec.ts';
import { planTls } from '../probe/tls-plan.ts';
import { goDuration } from './go-duration.ts';
import { present } from './go-values.ts';
import { strict, text } from './leaves.ts';
import { suggestion } from './nearest.ts';
import { optionsTree, readOptions } from './options.ts';
import { level, readPart } from './parts.ts';
import type { Path } from './path.ts';
import { PROBERS, SECTIONS } from './probers.ts';
import type { Report, Warn } from './problems.ts';
import { DIALLING, dialling, diallingTree, type Way } from './tcp-module.ts';
import { TARGET_TLS, tlsTree } from './tls-config.ts';
import { few, show } from './wording.ts';
import type { Tree } from './yaml.ts';

/** What /probe?module= may name. */
export type Modules = {
  readonly usable: ReadonlyMap<string, Module>;
  /** The probers of the modules in the file. */
  readonly probers: ReadonlyMap<string, string>;
  /** Those modules of the file that are written as blackbox_exporter writes them. */
  readonly theirs: ReadonlySet<string>;
  readonly warnings: readonly string[];
};

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
  const probers = new Map<string, string>();
  const theirs = new Set<string>();
  const warnings: string[] = [];
  for (const [name, item] of entries(value, report)) {
    const path: Path = ['modules', name];
    const { prober, timeout = 0, ...rest } = readPart(MODULE, present(item), path, report);
    if (prober === undefined) continue;
    probers.set(name, prober);
    usable.delete(name);
    const isTheirs = isBlackbox(prober, rest);
    if (isTheirs) theirs.add(name);
    const warn = (warning: string) => warnings.push(`modules.${name}: ${warning}`);
    const way = isTheirs ? readTheirs(prober, rest, path, report, warn) : readOurs(prober, rest, path, report);
    // A timeout of 0 or less means none there.
    if (way !== undefined)
      usable.set(name, Object.freeze({ name, ...way, ...(timeout > 0 && { timeoutMs: timeout }) }));
  }
  return { usable, probers, theirs, warnings };
}

type Rest = Readonly<Record<string, unknown>>;

/** Whether it is a prober of blackbox_exporter; `dns` is also the name of a service, and there cannot be without this key. */
function isBlackbox(prober: string, { dns }: Rest): boolean {
  if (prober === 'dns') return typeof dns === 'object' && dns !== null && 'query_name' in dns;
  return PROBERS.has(prober);
}

/** How a module of blackbox_exporter probes. Options of other probers must be right too, as there, but they say nothing. */
function readTheirs(prober: string, rest: Rest, path: Path, report: Report, warn: Warn): Way | undefined {
  const keys = Object.keys(rest);
  for (const key of keys) if (!PROBERS.has(key)) unknownKey(key, path, report);
  const ignored = keys.filter((key) => key !== prober && PROBERS.has(key));
  for (const key of ignored) PROBERS.get(key)?.read(rest[key], [...path, key], report, () => undefined);
  if (ignored.length > 0)
    warn(`${few(ignored)} ${ignored.length === 1 ? 'says' : 'say'} nothing beside prober ${prober}`);
  return PROBERS.get(prober)?.read(rest[prober], [...path, prober], report, warn);
}

function readOurs(prober: string, rest: Rest, path: Path, report: Report): Way | undefined {
  const check = serviceByName(prober)?.check;
  if (check !== undefined) return readService(check, rest, path, report);
  report({ path: [...path, 'prober'], message: () => unknownProber(prober) });
  return undefined;
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
function readService(check: Check, rest: Rest, path: Path, report: Report): Way {
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
  const services = SERVICES.map(({ name, check, form }): Module => {
    const socket = { check: socketDialogue as Check, options: Object.freeze({ steps: [] }) };
    if (check === undefined) return { name, ...connect, ...(form === 'path' && { use: Object.freeze(socket) }) };
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

/** Modules of the file as they would be written. */
export function modulesTree({ usable, probers, theirs }: Modules): Record<string, Tree> {
  return Object.fromEntries(
    Array.from(probers, ([name, prober]) => {
      const module = usable.get(name);
      return [name, module === undefined ? { prober } : moduleTree(prober, module, theirs.has(name))];
    }),
  );
}

function moduleTree(prober: string, module: Module, isTheirs: boolean): Tree {
  const { timeoutMs, use, tls } = module;
  const head = { prober, ...(timeoutMs !== undefined && { timeout: `${Number((timeoutMs / 1000).toFixed(9))}s` }) };
  const theirs = isTheirs ? PROBERS.get(prober)?.tree(module) : undefined;
  if (theirs !== undefined) return { ...head, [prober]: theirs };
  const how = tlsTree(use?.check, tls);
  return {
    ...head,
    [prober]: use === undefined ? {} : optionsTree(use),
    ...(how !== undefined && { tls: how }),
    ...diallingTree(module),
  };
}
