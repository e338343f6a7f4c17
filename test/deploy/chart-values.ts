import { parse } from 'yaml';
import { page } from '../docs/pages.ts';

/** A value of the chart: its path, the comment above it, and its default. */
type ChartValue = { readonly path: string; readonly comment: string; readonly value: unknown };

/** The values of values.yaml that have a comment; what stands below such a one belongs to it. */
export function chartValues(file: string): ChartValue[] {
  const text = page(file);
  const found: ChartValue[] = [];
  let parents: readonly string[] = [];
  let comment: string[] = [];
  for (const line of text.split('\n')) {
    const [, indent = '', mark, key, rest = ''] = /^( *)(?:(#) ?|(\w+):)(.*)$/.exec(line) ?? [];
    if (mark !== undefined) comment.push(rest);
    else {
      if (key !== undefined) {
        parents = [...parents.slice(0, indent.length / 2), key];
        const path = parents.join('.');
        if (comment.length > 0) found.push({ path, comment: comment.join(' '), value: at(parse(text), parents) });
      }
      comment = [];
    }
  }
  return found;
}

/** Every path that leads to something other than a group of values: what must have a comment. */
export function leafPaths(value: unknown, documented: ReadonlySet<string>, path = ''): string[] {
  if (documented.has(path)) return [path];
  if (typeof value !== 'object' || value === null || Array.isArray(value) || Object.keys(value).length === 0)
    return [path];
  return Object.entries(value).flatMap(([key, child]) =>
    leafPaths(child, documented, path === '' ? key : `${path}.${key}`),
  );
}

/** The row of the README about it. */
export function rowOf({ path, comment, value }: ChartValue): string[] {
  const isLong = typeof value === 'object' && value !== null && Object.keys(value).length > 0;
  return [`\`${path}\``, isLong ? 'see values.yaml' : `\`${JSON.stringify(value)}\``, comment];
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], value);
}
