import type { Endpoint } from '../core/endpoint.ts';
import { type AllowRule, Policy, parseAllowRule } from '../probe/policy.ts';
import type { Target } from '../probe/spec.ts';
import { checkWarnings } from './check-warnings.ts';
import { type Config, formatProblem, type Problem } from './config.ts';
import { resolveDependencies, severityWarning } from './dependencies.ts';
import { DISCOVERED, discover, localSettings } from './discovery.ts';
import { type ReadText, readText } from './document.ts';
import { effectiveYaml, type Parts } from './effective.ts';
import { overWarnings, readMaintenance, withMaintenance } from './maintenance.ts';
import { type Modules, readModules } from './modules.ts';
import { checkNames } from './names.ts';
import { ownLabels } from './own-labels.ts';
import { readPart } from './parts.ts';
import { type Finding, type Report, toProblems } from './problems.ts';
import { FILE } from './schema.ts';
import { BUILT_IN, overlay, timeoutCheck } from './settings.ts';
import { type Entry, readGroups } from './targets.ts';
import { checkTlsFiles, type TlsProblem } from './tls-files.ts';

/** What a configuration may ask of the machine that it is loaded on. */
export type Sources = {
  readonly listeners: () => readonly Endpoint[];
  /** What is wrong with certificates and keys; they are not looked at without it. */
  readonly tlsProblem?: TlsProblem;
  /** The label `location` of every target; one that the file gives is a problem then. */
  readonly location?: string;
  /** Milliseconds since 1970; no maintenance window is over without it. */
  readonly now?: () => number;
};

export type Loaded =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Reads a configuration: all of it, or every problem at once. Never throws, whatever the text. */
export function loadConfig(file: string, text: string, sources: Sources): Loaded {
  const read = readText(text);
  const findings: Finding[] = [...read.problems];
  const report: Report = (finding) => findings.push(finding);
  const parts = read.value === undefined ? undefined : understand(read.value, sources, report);
  if (parts?.idle === true && findings.length === 0) report({ path: [], message: NOTHING_TO_DO });
  if (parts === undefined || findings.length > 0)
    return { ok: false, problems: toProblems(file, findings, read.locate) };
  return { ok: true, config: assemble(parts, yamlWarnings(file, read)) };
}

type Understood = Parts & {
  readonly rules: readonly AllowRule[];
  readonly warnings: readonly string[];
  /** Nothing to watch and nothing to offer. */
  readonly idle: boolean;
};

const CONFIGURED = { written: 'configured', rule: { kind: 'configured' } } as const;
const ANY = { written: 'any', rule: { kind: 'any' } } as const;
/** For who has a module for them. */
const EVERY_SOCKET = '/**';
const MINIMAL = 'a minimal file is "discover: { local: true }", or a group with one target';
const NOTHING_TO_DO = `there is nothing to do, no targets, no discovery, no modules: ${MINIMAL}`;

function understand(value: unknown, sources: Sources, report: Report): Understood | undefined {
  if (value === null) {
    report({ path: [], message: `the file is empty: ${MINIMAL}` });
    return undefined;
  }
  const file = readPart(FILE, value, [], report);
  const defaults = overlay(BUILT_IN, file.defaults ?? {}, ['defaults'], 1);
  const modules = readModules(file.modules, report);
  const own = ownLabels(sources.location);
  const entries = readGroups(file.groups, { defaults, modules: modules.usable, own, report });
  checkNames(entries, report);
  const dependencies = resolveDependencies(entries, report);
  const { local: discoverLocal = false, report: reportsListeners = false } = file.discover ?? {};
  const checkTimeout = timeoutCheck(report);
  for (const entry of entries) checkTimeout(entry.settings);
  if (discoverLocal) checkTimeout(localSettings(defaults));
  const idle = entries.length === 0 && !discoverLocal && modules.probers.size === 0;
  const allow = file.probe?.allow ?? (entries.length > 0 || discoverLocal ? [CONFIGURED] : everybody(modules));
  const configured = connect(entries, dependencies);
  const discovered = discoverLocal ? discover(sources.listeners(), configured, localSettings(defaults), own) : [];
  const nameable = {
    targets: entries.map(({ name, target }) => ({ name, address: target?.address })),
    groups: [...entries.map(({ group }) => group), ...(discoverLocal ? [DISCOVERED] : [])],
  };
  const maintenance = readMaintenance(file.maintenance, nameable, report);
  const targets = withMaintenance([...configured, ...discovered], maintenance);
  const warnings = [
    ...checkWarnings(targets),
    ...severityWarning(entries, dependencies),
    ...modules.warnings,
    ...overWarnings(maintenance, sources.now),
  ];
  if (sources.tlsProblem !== undefined) warnings.push(...checkTlsFiles(entries, modules, sources.tlsProblem, report));
  const [written, rules] = [allow.map((line) => line.written), allow.map((line) => line.rule)];
  const found = { discoverLocal, reportsListeners };
  return { defaults, targets, own, ...found, maintenance, allow: written, rules, modules, warnings, idle };
}

/** In a file that has only modules: what they can reach, as in blackbox_exporter. */
function everybody({ probers }: Modules): readonly { readonly written: string; readonly rule: AllowRule }[] {
  const sockets = parseAllowRule(EVERY_SOCKET);
  const isForSockets = [...probers.values()].includes('unix');
  return isForSockets && sockets.ok ? [ANY, { written: EVERY_SOCKET, rule: sockets.value }] : [ANY];
}

/** The targets with the names of what they depend on. */
function connect(entries: readonly Entry[], dependencies: readonly (readonly number[])[]): Target[] {
  return entries.flatMap(({ target }, at) => {
    if (target === undefined) return [];
    const names = (dependencies[at] ?? []).map((to) => entries[to]?.name ?? '');
    return [names.length === 0 ? target : Object.freeze({ ...target, dependsOn: Object.freeze(names) })];
  });
}

function yamlWarnings(file: string, { warnings, locate }: ReadText): string[] {
  return toProblems(file, warnings, locate).map(formatProblem);
}

function assemble(parts: Understood, warnings: readonly string[]): Config {
  const { targets, modules, rules, reportsListeners } = parts;
  const policy = new Policy(
    rules,
    targets.map((target) => target.spec.endpoint),
  );
  let effective: string | undefined;
  return Object.freeze({
    targets: Object.freeze(targets),
    modules: modules.usable,
    policy,
    reportsListeners,
    warnings: Object.freeze([...warnings, ...parts.warnings]),
    // Written when somebody asks: it is megabytes for ten thousand targets.
    get effective() {
      effective ??= effectiveYaml(parts);
      return effective;
    },
  });
}
