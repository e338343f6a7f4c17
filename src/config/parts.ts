import type { z } from 'zod';
import { suggestion } from './nearest.ts';
import type { Path } from './path.ts';
import type { Finding, Report } from './problems.ts';
import { show } from './wording.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The schema of one level of the file, and the same with no key required: made once, zod compiles each of them. */
export type Level<Schema extends z.ZodObject> = { readonly schema: Schema; readonly partial: z.ZodObject };

/** What of one level is right; undefined for a key that is missing or wrong (then it has been reported). */
export type Part<Of> = Of extends Level<infer Schema> ? Partial<z.output<Schema>> : never;

export function level<Schema extends z.ZodObject>(schema: Schema): Level<Schema> {
  return { schema, partial: schema.partial() };
}

/**
 * Reads one level of the file, reports everything wrong with it, and returns what is left, so that one mistake hides no other.
 */
export function readPart<Schema extends z.ZodObject>(
  { schema, partial }: Level<Schema>,
  value: unknown,
  path: Path,
  report: Report,
): Part<Level<Schema>> {
  const read = schema.safeParse(value);
  if (read.success) return read.data as Part<Level<Schema>>;
  for (const issue of read.error.issues) for (const finding of findings(issue, path)) report(finding);
  // Only a file that is refused gets here: the second reading serves the checks that compare its parts.
  const again = partial.safeParse(pruned(value, read.error.issues));
  return (again.success ? again.data : {}) as Part<Level<Schema>>;
}

function findings(issue: z.core.$ZodIssue, path: Path): Finding[] {
  const whole = [...path, ...(issue.path as Path)];
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ path: [...whole, key], at: 'key', message: unknownKey(key, issue.message) }));
  const atKey = issue.code === 'custom' && issue.params?.['at'] === 'key';
  return [{ path: whole, message: issue.message, ...(atKey ? { at: 'key' } : {}) }];
}

/** The message of such an issue is the list of the known keys: strict() in leaves.ts put it there. */
function unknownKey(key: string, known: string): string {
  const close = suggestion(key, known.split(', '));
  return `${show(key)} is not a known key${close} (known here: ${known})`;
}

function pruned(value: unknown, issues: readonly z.core.$ZodIssue[]): unknown {
  let rest = value;
  for (const issue of issues) {
    const keys = issue.code === 'unrecognized_keys' ? issue.keys : [];
    const paths = keys.length > 0 ? keys.map((key) => [...issue.path, key]) : [issue.path];
    for (const path of paths) rest = without(rest, path as Path);
  }
  return rest ?? {};
}

/** The value without what the path points at. A list goes as a whole, so that the positions in it stay true. */
function without(value: unknown, path: Path): unknown {
  const [step, ...deeper] = path;
  if (step === undefined || typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const copy: Record<string, unknown> = Object.assign(Object.create(null), value as Fields);
  const inner = deeper.length === 0 ? undefined : without(copy[step], deeper);
  if (inner === undefined) delete copy[step];
  else copy[step] = inner;
  return copy;
}
