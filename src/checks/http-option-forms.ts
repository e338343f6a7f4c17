import { z } from 'zod';
import { DURATION_FORM, parseDuration } from '../core/duration.ts';
import type { Parsed } from '../core/endpoint.ts';

const MOST_ITEMS = 100;
const LONGEST_TEXT = 16_384;
const LONGEST_SHOWN = 150;
const HEADER_VALUE = /^[\x20-\x7e\x80-\xff]*$/;

/** Where a check is written on the command line there is only text: a list of one. */
export function listOf<Item extends z.ZodType>(item: Item, what: string) {
  return z
    .preprocess(
      (value) => (Array.isArray(value) || value === undefined || value === null ? value : [value]),
      z
        .array(item, { error: `must be ${what}, or a list of them` })
        .max(MOST_ITEMS, { error: `are more than ${MOST_ITEMS}` }),
    )
    .optional();
}

export function text(what: string, form: RegExp = /^[^\0]*$/) {
  const error = ({ input }: { input?: unknown }) => {
    const hint = typeof input === 'number' || typeof input === 'boolean' ? ': put it in quotes' : '';
    return `must be ${what}, not ${(JSON.stringify(input) ?? '').slice(0, LONGEST_SHOWN)}${hint}`;
  };
  return z
    .string({ error })
    .regex(form, { error })
    .max(LONGEST_TEXT, { error: `is longer than ${LONGEST_TEXT} characters` });
}

export function flag() {
  return z
    .preprocess(
      (value) => ({ true: true, false: false })[String(value)] ?? value,
      z.boolean({ error: 'must be true or false' }),
    )
    .optional();
}

/** What `read` makes of a text, its complaint being the message. */
export function understood<Value>(what: string, read: (written: string) => Parsed<Value>) {
  return text(what).transform((written, context) => {
    const found = read(written);
    if (found.ok) return found.value;
    context.addIssue(found.problem);
    return z.NEVER;
  });
}

/** 200, or a whole class: 2xx. */
export function statuses(written: string): Parsed<readonly number[]> {
  const code = Number(written);
  if (/^[1-5]\d\d$/.test(written)) return { ok: true, value: [code] };
  const first = Number(/^([1-5])xx$/i.exec(written)?.[1]) * 100;
  if (!Number.isNaN(first)) return { ok: true, value: Array.from({ length: 100 }, (_, i) => first + i) };
  return { ok: false, problem: `must be a status such as 200, or a class such as 2xx, not ${JSON.stringify(written)}` };
}

export function durationMs(written: string): Parsed<number> {
  const ms = parseDuration(written);
  return ms !== undefined && ms > 0
    ? { ok: true, value: ms }
    : { ok: false, problem: `must be ${DURATION_FORM}, not ${JSON.stringify(written)}` };
}

/** It may have a password in it, and is not shown. */
export function proxyUrl(written: string): Parsed<string> {
  const isRight = URL.canParse(written) && /^https?:$/.test(new URL(written).protocol);
  return isRight
    ? { ok: true, value: written }
    : { ok: false, problem: 'must be http://host:port or https://host:port' };
}

/** The same goes for the value of a header. */
export function headerValue() {
  const error = 'must be a line of text in ASCII or Latin-1; put numbers in quotes';
  return z.string({ error }).regex(HEADER_VALUE, { error }).max(LONGEST_TEXT, { error });
}
