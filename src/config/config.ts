import type { Policy } from '../probe/policy.ts';
import type { Module, Target } from '../probe/spec.ts';

/** What the configuration file says, with every default applied. Frozen: a reload makes a new one. */
export type Config = {
  /** In the order of the file, then what was discovered. */
  readonly targets: readonly Target[];
  readonly modules: ReadonlyMap<string, Module>;
  readonly policy: Policy;
  /** Whether metrics are to tell what listens on this machine and is not watched. */
  readonly reportsListeners: boolean;
  /** What works but is probably not meant. */
  readonly warnings: readonly string[];
  /** The same configuration as YAML with every default written out. Secrets show as <secret>. */
  readonly effective: string;
};

/** One thing wrong with the file. `line` and `column` count from 1; line 0 means the file as a whole, path '' its top. */
export type Problem = {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly path: string;
  readonly message: string;
};

/** file:line:column: path: what is wrong. */
export function formatProblem(problem: Problem): string {
  const place = problem.line === 0 ? problem.file : `${problem.file}:${problem.line}:${problem.column}`;
  return `${place}: ${problem.path === '' ? '' : `${problem.path}: `}${problem.message}`;
}
