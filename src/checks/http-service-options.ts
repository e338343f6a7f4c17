import { z } from 'zod';
import { DURATION_FORM, parseDuration } from '../core/duration.ts';
import type { Parsed } from '../core/endpoint.ts';
import { compileCel } from './cel.ts';
import { compilePattern } from './dialogue-pattern.ts';
import type { HttpAuth, HttpOptions } from './http-options.ts';

/** What a target says of its HTTP check, understood; `written` as it was written, for whoever shows the configuration. */
export type HttpServiceOptions = HttpOptions & { readonly written: Readonly<Record<string, unknown>> };

const MOST_ITEMS = 100;
const LONGEST_TEXT = 16_384;
const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Where a check is written on the command line there is only text: a list of one. */
function listOf<Item extends z.ZodType>(item: Item, what: string) {
  return z
    .preprocess(
      (value) => (Array.isArray(value) || value === undefined || value === null ? value : [value]),
      z
        .array(item, { error: `must be ${what}, or a list of them` })
        .max(MOST_ITEMS, { error: `are more than ${MOST_ITEMS}` }),
    )
    .optional();
}

function text(what: string, form: RegExp = /^[^\0]*$/) {
  const error = ({ input }: { input?: unknown }) => `must be ${what}, not ${JSON.stringify(input)}`.slice(0, 200);
  return z
    .string({ error })
    .regex(form, { error })
    .max(LONGEST_TEXT, { error: `is longer than ${LONGEST_TEXT} characters` });
}

function flag() {
  return z
    .preprocess(
      (value) => ({ true: true, false: false })[String(value)] ?? value,
      z.boolean({ error: 'must be true or false' }),
    )
    .optional();
}

/** What `read` makes of a text, its complaint being the message. */
function understood<Value>(what: string, read: (written: string) => Parsed<Value>) {
  return text(what).transform((written, context) => {
    const found = read(written);
    if (found.ok) return found.value;
    context.addIssue(found.problem);
    return z.NEVER;
  });
}

/** 200, or a whole class: 2xx. */
function statuses(written: string): Parsed<readonly number[]> {
  const code = Number(written);
  if (/^[1-5]\d\d$/.test(written)) return { ok: true, value: [code] };
  const first = Number(/^([1-5])xx$/i.exec(written)?.[1]) * 100;
  if (!Number.isNaN(first)) return { ok: true, value: Array.from({ length: 100 }, (_, i) => first + i) };
  return { ok: false, problem: `must be a status such as 200, or a class such as 2xx, not ${JSON.stringify(written)}` };
}

function durationMs(written: string): Parsed<number> {
  const ms = parseDuration(written);
  return ms !== undefined && ms > 0
    ? { ok: true, value: ms }
    : { ok: false, problem: `must be ${DURATION_FORM}, not ${JSON.stringify(written)}` };
}

function proxyUrl(written: string): Parsed<string> {
  const isRight = URL.canParse(written) && /^https?:$/.test(new URL(written).protocol);
  return isRight
    ? { ok: true, value: written }
    : { ok: false, problem: `must be http://host:port or https://host:port, not ${JSON.stringify(written)}` };
}

const FILE = text('the name of a file', /^[^\0]+$/);

const KEYS = z
  .strictObject({
    method: text('a method such as GET', /^[A-Z]{1,20}$/).optional(),
    path: text('a path such as /health', /^\/[\x21-\x7e]*$/).optional(),
    headers: z
      .record(text('the name of a header', TOKEN), text('the value of a header', HEADER_VALUE), {
        error: 'must be a mapping of names of headers to values',
      })
      .optional(),
    body: text('the text to send').optional(),
    body_file: FILE.optional(),
    status: listOf(
      z.preprocess((value) => (typeof value === 'number' ? String(value) : value), understood('a status', statuses)),
      'a status such as 200 or 2xx',
    ),
    follow_redirects: flag(),
    http2: flag(),
    contains: listOf(text('a text', /^[^\0]+$/), 'a text that must be in the body'),
    not_contains: listOf(text('a text', /^[^\0]+$/), 'a text that must not be in the body'),
    matches: listOf(understood('a regular expression', compilePattern), 'a regular expression'),
    not_matches: listOf(understood('a regular expression', compilePattern), 'a regular expression'),
    json: understood('an expression in CEL', compileCel).optional(),
    max_response_time: understood(DURATION_FORM, durationMs).optional(),
    username: text('a user name', /^[^\0:]+$/).optional(),
    password_file: FILE.optional(),
    bearer_token_file: FILE.optional(),
    proxy_url: understood('a URL', proxyUrl).optional(),
  })
  .superRefine(together);

type Written = z.output<typeof KEYS>;

function together(written: Written, context: z.core.$RefinementCtx): void {
  const clash = (key: keyof Written, other: keyof Written) => {
    if (written[key] !== undefined && written[other] !== undefined)
      context.addIssue({ code: 'custom', path: [key], message: `does not go with ${other}: keep one` });
  };
  clash('body', 'body_file');
  clash('username', 'bearer_token_file');
  if ((written.username === undefined) !== (written.password_file === undefined)) {
    const [there, missing] =
      written.username === undefined ? ['password_file', 'username'] : ['username', 'password_file'];
    context.addIssue({ code: 'custom', path: [there], message: `needs ${missing} beside it` });
  }
}

/** What the options of a target come to, every default applied. */
function httpOptionsOf(written: Written, raw: unknown): HttpServiceOptions {
  const { body, body_file: file } = written;
  const sent = file === undefined ? body && { text: body } : { file };
  const proxy = written.proxy_url && { url: written.proxy_url, noProxy: '', connectHeaders: [], skipResolve: false };
  const given = {
    path: written.path,
    body: sent,
    celNotMatches: written.json,
    maxResponseMs: written.max_response_time,
    auth: authOf(written),
    proxy,
  };
  return {
    ...DEFAULTS,
    ...only({ followRedirects: written.follow_redirects, http2: written.http2, method: sent && 'POST' }),
    ...only({ method: written.method, contains: written.contains, lacks: written.not_contains }),
    ...only({ bodyMatches: written.not_matches, bodyNotMatches: written.matches, statuses: written.status?.flat() }),
    headers: Object.entries(written.headers ?? {}).map(([name, value]) => [name, { text: value }] as const),
    ...(only(given) as Partial<HttpOptions>),
    written: Object.freeze({ ...(raw as HttpServiceOptions['written']) }),
  };
}

const DEFAULTS: HttpOptions = {
  method: 'GET',
  headers: [],
  statuses: [],
  anyStatus: false,
  versions: [],
  followRedirects: true,
  http2: true,
  headerMatches: [],
  headerNotMatches: [],
  bodyMatches: [],
  bodyNotMatches: [],
  contains: [],
  lacks: [],
};

/** What of it is given. */
function only<Values extends object>(values: Values): { [Key in keyof Values]?: Exclude<Values[Key], undefined | ''> } {
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== '');
  return Object.fromEntries(given) as { [Key in keyof Values]?: Exclude<Values[Key], undefined | ''> };
}

/** Every key of the options. */
export const HTTP_OPTION_NAMES: readonly string[] = Object.keys(KEYS.shape);

/** The options of a target that speaks HTTP. */
export const HTTP_SERVICE_OPTIONS = z.unknown().transform((raw, context): HttpServiceOptions => {
  const read = KEYS.safeParse(raw);
  if (read.success) return httpOptionsOf(read.data, raw);
  for (const issue of read.error.issues) context.issues.push({ ...issue, input: raw } as z.core.$ZodRawIssue);
  return z.NEVER;
});

function authOf({ username, password_file: password, bearer_token_file: token }: Written): HttpAuth | undefined {
  if (username !== undefined && password !== undefined)
    return { kind: 'basic', username: { text: username }, password: { file: password } };
  return token === undefined ? undefined : { kind: 'token', type: 'Bearer', credentials: { file: token } };
}
