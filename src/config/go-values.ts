import { isUtf8 } from 'node:buffer';
import { z } from 'zod';
import { flag, mustBe, text } from './leaves.ts';

// What blackbox_exporter takes, being read by Go's yaml: nothing for a key that is not there, yes for true, 5 for "5".

/** The same without keys that have no value. */
export function present(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || Buffer.isBuffer(value)) return value;
  const said = Object.entries(value).filter(([, content]) => content !== null);
  return Object.assign(Object.create(null), Object.fromEntries(said));
}

/** A mapping in which a key without a value is as good as none. */
export function sparse<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess(present, schema);
}

const TRUE = new Set(['True', 'TRUE', 'y', 'Y', 'yes', 'Yes', 'YES', 'on', 'On', 'ON']);
const FALSE = new Set(['False', 'FALSE', 'n', 'N', 'no', 'No', 'NO', 'off', 'Off', 'OFF']);

/** A boolean, also in the words of YAML 1.1. */
export function goFlag() {
  return z.preprocess((value) => {
    if (typeof value !== 'string') return value;
    return TRUE.has(value) || (FALSE.has(value) ? false : value);
  }, flag());
}

/** Text; a number or a boolean is the text that it is spelled with. */
export function goText(what: string) {
  return z.preprocess(spelling, text(what));
}

/** The same, undefined when it is empty: that says nothing. */
export function textOrNone(what: string) {
  return goText(what).transform((written) => (written === '' ? undefined : written));
}

function spelling(value: unknown): unknown {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return Buffer.isBuffer(value) && isUtf8(value) ? value.toString() : value;
}

/** What the schema takes, or an empty text for nothing. */
export function orNone<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess((value) => (value === '' ? undefined : value), schema.optional()).optional();
}

/** A whole number from `least` to `most`. */
export function goInt(what: string, least: number, most: number) {
  const error = ({ input }: { input?: unknown }) => mustBe(what, input);
  return z.int({ error }).min(least, { error }).max(most, { error });
}
