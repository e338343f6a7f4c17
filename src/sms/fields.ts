import type { Path } from '../config/path.ts';
import type { Report } from '../config/problems.ts';
import { show } from '../config/wording.ts';
import type { Fields, FieldValue } from './config.ts';

/** What may stand in braces in the fields of a request. */
const PLACEHOLDERS = ['to', 'text', 'from'] as const;
type Placeholder = (typeof PLACEHOLDERS)[number];

type Use = { readonly format: 'json' | 'form'; readonly from: string | undefined };

/** Checks the fields of a request: placeholders that exist, the two that no SMS can do without, and nothing nested in a form. */
export function readFields(
  written: Readonly<Record<string, unknown>>,
  { format, from }: Use,
  path: Path,
  report: Report,
): Fields {
  const used = new Set<string>();
  visit(written, path, (value, at) => {
    const nested = typeof value === 'object' && value !== null;
    if (nested && at.length > path.length && format === 'form')
      report({ path: at, message: 'must be text: a form has no nested fields' });
    if (typeof value !== 'string') return;
    for (const [whole, name = ''] of value.matchAll(/\{(\w+)\}/g)) {
      used.add(name);
      if (!PLACEHOLDERS.some((known) => known === name))
        report({ path: at, message: `${show(whole)} is not known: write {to}, {text} or {from}` });
    }
  });
  for (const needed of ['to', 'text'])
    if (!used.has(needed)) report({ path, message: `no field has {${needed}}: the provider would not know it` });
  if (used.has('from') && from === undefined)
    report({ path, message: '{from} is used, but from is not set beside fields' });
  return written as Fields;
}

function visit(value: unknown, path: Path, look: (value: unknown, path: Path) => void): void {
  look(value, path);
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value))
    visit(inner, [...path, Array.isArray(value) ? Number(key) : key], look);
}

/** The fields with the placeholders filled in. What is filled in is never looked at again. */
export function fill(fields: Fields, values: Readonly<Record<Placeholder, string>>): Fields {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, filled(value, values)]));
}

function filled(value: FieldValue, values: Readonly<Record<Placeholder, string>>): FieldValue {
  if (typeof value === 'string') return value.replace(/\{(to|text|from)\}/g, (_, name: Placeholder) => values[name]);
  if (isList(value)) return value.map((item) => filled(item, values));
  return typeof value === 'object' && value !== null ? fill(value, values) : value;
}

function isList(value: FieldValue): value is readonly FieldValue[] {
  return Array.isArray(value);
}
