import { parseAddress } from '../../src/checks/address.ts';
import { type Config, formatProblem } from '../../src/config/config.ts';
import { loadConfig, type Sources } from '../../src/config/load.ts';
import type { Endpoint } from '../../src/core/endpoint.ts';
import type { Target } from '../../src/probe/spec.ts';

export function endpoint(text: string): Endpoint {
  const read = parseAddress(text);
  if (!read.ok) throw new Error(read.problem);
  return read.value.endpoint;
}

/** The problems of a text as they are printed, the file being called c.yml. */
export function problemsOf(text: string, sources: Partial<Sources> = {}): string[] {
  const loaded = loadConfig('c.yml', text, { listeners: () => [], ...sources });
  return loaded.ok ? [] : loaded.problems.map(formatProblem);
}

/** The configuration of a text that has no problem, on a machine that listens on these addresses. */
export function configOf(text: string, listeners: readonly string[] = [], sources: Partial<Sources> = {}): Config {
  const loaded = loadConfig('c.yml', text, { listeners: () => listeners.map(endpoint), ...sources });
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('\n'));
  return loaded.config;
}

export function targetOf(text: string, name: string): Target {
  const found = configOf(text).targets.find((target) => target.name === name);
  if (found === undefined) throw new Error(`no target ${name}`);
  return found;
}

/** A file with one group of these targets, each a line of flow YAML. */
export function group(...targets: readonly string[]): string {
  return `groups:\n  - name: g\n    targets:\n${targets.map((target) => `      - ${target}\n`).join('')}`;
}

/** A file with one target in one group, and what is written at each level, as flow YAML. */
export function levels(defaults: string, inGroup: string, own: string): string {
  const [g, t] = [inGroup, own].map((part) => (part === '' ? '' : `, ${part}`));
  return `defaults: {${defaults}}\ngroups: [{name: g${g}, targets: [{address: "h:1"${t}}]}]`;
}
