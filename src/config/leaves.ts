import { z } from 'zod';
import { parseAddress } from '../checks/address.ts';
import { SERVICES, serviceByName } from '../checks/registry.ts';
import { counted } from '../core/counted.ts';
import { DURATION_FORM, parseDuration } from '../core/duration.ts';
import type { Address } from '../core/endpoint.ts';
import { parseIp } from '../core/ip.ts';
import { type AllowRule, parseAllowRule } from '../probe/policy.ts';
import { isLabelName, RESERVED_LABELS } from './labels.ts';
import { suggestion } from './nearest.ts';
import { kind, show } from './wording.ts';

/** The longest a timer of Node.js can wait is a little more: longer ones would fire at once. */
const LONGEST_DAYS = 24;
const LONGEST_MS = LONGEST_DAYS * 24 * 3600 * 1000;
const LONGEST_NAME = 200;

/**
 * A mapping with these keys and no others. The message of an unknown key is its list of known ones: readPart makes sentences of it.
 * `refused` are keys that somebody may well write, each with why it cannot be used; `complain` is mustBeSecret where secrets belong.
 */
export function strict<Shape extends z.ZodRawShape>(
  shape: Shape,
  what = form(Object.keys(shape)),
  refused: Readonly<Record<string, string>> = {},
  complain = mustBe,
) {
  const known = Object.keys(shape).join(', ');
  const never = Object.entries(refused).map(([key, error]) => [key, z.never({ error }).optional()]);
  return z.strictObject({ ...shape, ...Object.fromEntries(never) } as Shape, {
    error: ({ code, input }) => (code === 'unrecognized_keys' ? known : complain(what, input)),
  });
}

function form(known: readonly string[]): string {
  return `a mapping with ${known.length === 1 ? 'the key' : 'some of the keys'} ${known.join(', ')}`;
}

/** What is wrong with a value that is not what it must be. */
export function mustBe(what: string, value: unknown): string {
  return complaint(what, value, show);
}

/** The same where a secret belongs: the value is not shown, it may be the secret itself. */
export function mustBeSecret(what: string, value: unknown): string {
  return complaint(what, value, kind);
}

function complaint(what: string, value: unknown, shown: typeof show): string {
  if (value === undefined) return `is missing: it must be ${what}`;
  return value === null ? `is empty: it must be ${what}` : `must be ${what}, not ${shown(value)}`;
}

/** Text for the reader of the message: a number needs quotes, nothing else does. */
export function text(what: string) {
  return z.string({ error: ({ input }) => mustBe(what, input) + quoteHint(input) });
}

function quoteHint(value: unknown): string {
  return typeof value === 'number' || typeof value === 'boolean' ? ': put it in quotes' : '';
}

export function duration() {
  const wrong = (input: unknown) =>
    typeof input === 'number' && input > 0
      ? `needs a unit: write ${input}s for ${counted(input, 'second')}`
      : mustBe(DURATION_FORM, input);
  return z.string({ error: ({ input }) => wrong(input) }).transform((written, context) => {
    const ms = parseDuration(written);
    if (ms !== undefined && ms > 0 && ms <= LONGEST_MS) return ms;
    context.addIssue(durationComplaint(written, ms));
    return z.NEVER;
  });
}

function durationComplaint(written: string, ms: number | undefined): string {
  if (ms === 0) return 'must be more than 0';
  return ms === undefined ? mustBe(DURATION_FORM, written) : `must be at most ${LONGEST_DAYS}d, not ${show(written)}`;
}

export function count() {
  return z.int({ error: ({ input }) => mustBe('a whole number of at least 1', input) }).min(1, {
    error: ({ input }) => mustBe('a whole number of at least 1', input),
  });
}

export function flag() {
  return z.boolean({ error: ({ input }) => mustBe('true or false', input) });
}

export function choice<const Value extends string>(values: readonly Value[]) {
  const error = ({ input }: { input?: unknown }) =>
    mustBe(oneOf(values), input) + (typeof input === 'string' ? suggestion(input, values) : '');
  return z.enum(values, { error });
}

function oneOf(values: readonly string[]): string {
  return `${values.slice(0, -1).join(', ')} or ${values.at(-1) ?? ''}`;
}

export function list<Item extends z.ZodType>(item: Item, what: string, complain = mustBe) {
  return z.array(item, { error: ({ input }) => complain(what, input) });
}

/** One line of probe.allow, as written and as understood. */
export function rule() {
  return text('a rule').transform((written, context): { readonly written: string; readonly rule: AllowRule } => {
    const read = parseAllowRule(written);
    if (read.ok) return { written, rule: read.value };
    context.addIssue(read.problem);
    return z.NEVER;
  });
}

/** The name of a target or a group: it becomes a label and a line in messages. */
export function name() {
  return text('a name').transform((written, context) => {
    const complaint = nameComplaint(written);
    if (complaint === undefined) return written;
    context.addIssue(complaint);
    return z.NEVER;
  });
}

function nameComplaint(written: string): string | undefined {
  if (written.trim() === '') return 'must be a name, not empty';
  if (written.length > LONGEST_NAME) return `must be at most ${LONGEST_NAME} characters long, not ${written.length}`;
  // Halves of surrogate pairs are refused too: several of them would all be written as the same replacement character.
  return /[\p{Cc}\p{Cs}\u2028\u2029]/u.test(written)
    ? `must not have control characters, as ${show(written)} has`
    : undefined;
}

export function service() {
  const names = SERVICES.map((known) => known.name);
  return text('the name of a service').transform((written, context) => {
    if (serviceByName(written) !== undefined) return written;
    const close = suggestion(written, names);
    context.addIssue(
      `${show(written)} is not a known service${close === '' ? `: write one of ${names.join(', ')}` : close}`,
    );
    return z.NEVER;
  });
}

export function address() {
  return text('host:port, [IPv6]:port or service://host').transform((written, context): Address => {
    const read = parseAddress(written);
    if (read.ok) return read.value;
    context.addIssue(read.problem + schemeHint(written));
    return z.NEVER;
  });
}

/** The host that TLS asks for and that the certificate must be for. */
export function serverName() {
  return text('a host name').transform((written, context) => {
    const read = parseAddress(parseIp(written)?.family === 6 ? `[${written}]:443` : `${written}:443`);
    if (read.ok && read.value.service === undefined) return read.value.endpoint.host;
    context.addIssue(`must be a host name, without scheme and port, not ${show(written)}`);
    return z.NEVER;
  });
}

function schemeHint(written: string): string {
  const scheme = /^([a-z][a-z0-9-]*):\/\//i.exec(written)?.[1];
  if (scheme === undefined || serviceByName(scheme.toLowerCase()) !== undefined) return '';
  return suggestion(
    scheme,
    SERVICES.map((known) => known.name),
  );
}

/** Label names as Prometheus has them, values text: YAML would turn an unquoted 1.10 into 1.1 and no into false elsewhere. */
export function labels() {
  return z.unknown().transform((value, context): Readonly<Record<string, string>> => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      context.addIssue(mustBe('a mapping of label names to values', value));
      return z.NEVER;
    }
    for (const [label, content] of Object.entries(value)) {
      const complaint = labelComplaint(label);
      if (complaint !== undefined)
        context.addIssue({ code: 'custom', path: [label], message: complaint, params: { at: 'key' } });
      if (typeof content !== 'string')
        context.addIssue({ code: 'custom', path: [label], message: mustBe('text', content) + quoteHint(content) });
    }
    return { ...value } as Record<string, string>;
  });
}

function labelComplaint(label: string): string | undefined {
  if (!isLabelName(label)) return `${show(label)} is not a label name: use letters, digits and _, no digit first`;
  if (label.startsWith('__')) return 'starts with __, which Prometheus keeps for itself';
  if (!RESERVED_LABELS.has(label)) return undefined;
  return `is a label that metrics have already: choose another name (${[...RESERVED_LABELS].join(', ')} are taken)`;
}
