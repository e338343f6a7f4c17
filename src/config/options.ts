import { z } from 'zod';
import type { Check } from '../checks/check.ts';
import type { CheckUse } from '../probe/spec.ts';
import { suggestion } from './nearest.ts';
import type { Path } from './path.ts';
import type { Report } from './problems.ts';
import { kind, show } from './wording.ts';
import type { Tree } from './yaml.ts';

/** The options of a check with its defaults applied; undefined when something is wrong with them (then it has been reported). */
export function readOptions(
  check: Check,
  value: unknown,
  path: Path,
  report: Report,
): { readonly value: unknown } | undefined {
  if (value !== undefined && value !== null && (typeof value !== 'object' || Array.isArray(value))) {
    report({ path, message: `must be a mapping of the options of ${check.name}, not ${kind(value)}` });
    return undefined;
  }
  const read = check.options.safeParse(value ?? {});
  if (read.success) return { value: Object.freeze(read.data) };
  for (const issue of read.error.issues) reportIssue(check, issue, path, report);
  return undefined;
}

/** The options of a dialogue as they would be written. */
export function optionsTree({ check, options }: CheckUse): Tree {
  return (check.written?.(options) ?? options ?? {}) as Tree;
}

/** The names of the options that a check takes. */
export function optionNames(check: Check): readonly string[] {
  return check.optionNames ?? (check.options instanceof z.ZodObject ? Object.keys(check.options.shape) : []);
}

function reportIssue(check: Check, issue: z.core.$ZodIssue, path: Path, report: Report): void {
  const whole = [...path, ...(issue.path as Path)];
  if (issue.code !== 'unrecognized_keys' || issue.path.length > 0) {
    report({ path: whole, message: issue.message });
    return;
  }
  const known = optionNames(check);
  const takes = known.length === 0 ? `${check.name} takes none` : `${check.name} takes ${known.join(', ')}`;
  for (const key of issue.keys)
    report({
      path: [...whole, key],
      at: 'key',
      message: `${show(key)} is not a known option${suggestion(key, known)} (${takes})`,
    });
}
