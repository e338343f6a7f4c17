import { z } from 'zod';
import { DURATION_FORM } from '../core/duration.ts';
import { HIDDEN, isTelling, urlTree } from '../core/hidden.ts';
import { compileCel } from './cel.ts';
import { compilePattern } from './dialogue-pattern.ts';
import { durationMs, flag, headerValue, listOf, proxyUrl, statuses, text, understood } from './http-option-forms.ts';
import type { HttpAuth, HttpOptions } from './http-options.ts';

/** What a target says of its HTTP check, understood; `written` as it was written, for whoever shows the configuration. */
export type HttpServiceOptions = HttpOptions & { readonly written: Readonly<Record<string, unknown>> };

const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/;
/** What is said of the connection, and of the length of what is sent, is not for a configuration to say. */
const OURS = /^(?:connection|content-length|transfer-encoding)$/i;
const FILE = text('the name of a file', /^[^\0]+$/);

const KEYS = z
  .strictObject({
    method: text('a method such as GET', /^[A-Z]{1,20}$/).optional(),
    path: text('a path such as /health', /^\/[\x21\x22\x24-\x7e]*$/).optional(),
    headers: z
      .record(z.string(), headerValue(), { error: 'must be a mapping of names of headers to values' })
      .optional(),
    body: text('the text to send').optional(),
    body_file: FILE.optional(),
    status: listOf(
      z.preprocess(
        (value) => (typeof value === 'number' ? String(value) : value),
        understood('a status such as 200 or 2xx', statuses),
      ),
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
    username: text('a user name', /^[^\p{Cc}:]+$/u).optional(),
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
  checkHeaders(written, context);
  clash('body', 'body_file');
  clash('username', 'bearer_token_file');
  if ((written.username === undefined) !== (written.password_file === undefined)) {
    const [there, missing] =
      written.username === undefined ? ['password_file', 'username'] : ['username', 'password_file'];
    context.addIssue({ code: 'custom', path: [there], message: `needs ${missing} beside it` });
  }
}

function checkHeaders(
  { headers = {}, username, bearer_token_file: token }: Written,
  context: z.core.$RefinementCtx,
): void {
  const seen = new Set<string>();
  const complain = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
  for (const name of Object.keys(headers)) {
    const path = ['headers', name];
    const key = name.toLowerCase();
    if (!TOKEN.test(name)) complain(path, 'is not the name of a header');
    else if (OURS.test(name)) complain(path, 'is for port-exporter to say: remove it');
    else if (seen.has(key)) complain(path, 'is given twice, upper and lower case being the same: keep one');
    seen.add(key);
  }
  if (!seen.has('authorization')) return;
  if (username !== undefined) complain(['username'], 'does not go with the header Authorization: keep one');
  if (token !== undefined) complain(['bearer_token_file'], 'does not go with the header Authorization: keep one');
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
    written: Object.freeze(shown(raw as HttpServiceOptions['written'])),
  };
}

/** As it was written, but for what is nobody else's business. */
function shown(raw: HttpServiceOptions['written']): HttpServiceOptions['written'] {
  const { headers, body, proxy_url: proxy } = raw as { headers?: object; body?: string; proxy_url?: string };
  const visible = Object.entries(headers ?? {}).map(([name, value]) => [name, isTelling(name) ? HIDDEN : value]);
  return {
    ...raw,
    ...(headers && { headers: Object.fromEntries(visible) }),
    ...(body && isTelling(body) && { body: HIDDEN }),
    ...(proxy && { proxy_url: urlTree(proxy) }),
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
