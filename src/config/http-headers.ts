import { z } from 'zod';
import { HIDDEN, isTelling } from '../core/hidden.ts';
import type { Secret } from '../net/secret.ts';
import { goText, sparse } from './go-values.ts';
import { list, mustBeSecret, strict } from './leaves.ts';
import { show } from './wording.ts';
import type { Tree } from './yaml.ts';

/** What is sent with a request, in order. */
export type Headers = readonly (readonly [name: string, value: Secret])[];

const LISTS = ['values', 'secrets', 'files'] as const;
type From = (typeof LISTS)[number];
/** A value that was written in a list of `http_headers`: which one, for those who write it back. */
type Listed = Secret & { readonly from: From };

const HEADER_SHAPE = {
  values: list(headerValue(), 'a list of texts', mustBeSecret).optional(),
  secrets: list(headerValue(), 'a list of texts', mustBeSecret).optional(),
  files: list(goText('the name of a file'), 'a list of files', mustBeSecret).optional(),
};
const HEADER = sparse(strict(HEADER_SHAPE, undefined, {}, mustBeSecret));

/** Every key of a header. */
export const HEADER_KEYS: readonly string[] = Object.keys(HEADER_SHAPE);

/** Those that the client itself is responsible for. Source: github.com/prometheus/common, config, ReservedHeaders. */
const RESERVED = new Set([
  ...['authorization', 'host', 'content-encoding', 'content-length', 'content-type', 'user-agent', 'connection'],
  ...['keep-alive', 'proxy-authenticate', 'proxy-authorization', 'www-authenticate', 'accept-encoding'],
  ...['x-prometheus-remote-write-version', 'x-prometheus-remote-read-version', 'x-prometheus-scrape-timeout-seconds'],
  ...['x-amz-date', 'x-amz-security-token', 'x-amz-content-sha256'],
]);

function headerValue() {
  // Nobody else sees what it is: it may be a password.
  return goText('text').refine((value) => !/(?!\t)\p{Cc}/u.test(value), {
    error: 'must be one line of text: a header has no control characters',
  });
}

/** `headers` of http: a text each. */
export function plainHeaders() {
  const value = z.preprocess((written) => written ?? '', headerValue());
  return byName(value, 'a mapping of names of headers to values').superRefine(nameRules(new Set()));
}

/** `http_headers`: for each name texts, secrets and files. */
export function listedHeaders() {
  return byName(HEADER, `a mapping of names of headers to ${LISTS.join(', ')}`).superRefine(nameRules(RESERVED));
}

/** `headers` of websocket: for each name a text, a list of them, or texts, secrets and files. */
export function anyHeaders() {
  const spelledOut = (written: unknown) => {
    if (typeof written === 'object' && written !== null && !Buffer.isBuffer(written))
      return Array.isArray(written) ? { values: written } : written;
    return { values: [written ?? ''] };
  };
  const header = z.preprocess(spelledOut, HEADER);
  return byName(header, 'a mapping of names of headers to values').superRefine(nameRules(new Set()));
}

/** `proxy_connect_header`: for each name a list of secrets. */
export function headerLists() {
  const value = list(headerValue(), 'a list of texts', mustBeSecret);
  return byName(value, 'a mapping of names of headers to lists of values').superRefine(nameRules(new Set()));
}

function byName<Value extends z.ZodType>(value: Value, what: string) {
  return z.record(z.string(), value, { error: ({ input }) => mustBeSecret(what, input) });
}

function nameRules(reserved: ReadonlySet<string>) {
  return (headers: Readonly<Record<string, unknown>>, context: z.core.$RefinementCtx): void => {
    const seen = new Set<string>();
    for (const name of Object.keys(headers)) {
      const lower = name.toLowerCase();
      const message = complaint(name, seen.has(lower), reserved.has(lower));
      if (message !== undefined) context.addIssue({ code: 'custom', path: [name], message, params: { at: 'key' } });
      seen.add(lower);
    }
  };
}

function complaint(name: string, isTwice: boolean, isReserved: boolean): string | undefined {
  if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name)) return `${show(name)} is not the name of a header`;
  if (isTwice) return 'is given twice, names of headers being the same in upper and lower case: keep one';
  return isReserved
    ? 'cannot be set here: write it under headers, or say who you are by basic_auth or authorization'
    : undefined;
}

type Written = z.output<typeof HEADER>;

/** Texts as they are. */
export function plainOnes(headers: Readonly<Record<string, string>> = {}): Headers {
  return Object.entries(headers).map(([name, text]) => [name, { text }] as const);
}

export function listedOnes(headers: Readonly<Record<string, Written>> = {}): Headers {
  return Object.entries(headers).flatMap(([name, written]) =>
    LISTS.flatMap((from) => (written[from] ?? []).map((value) => [name, listed(value, from)] as const)),
  );
}

function listed(value: string, from: From): Listed {
  if (from === 'files') return { file: value, from };
  return from === 'secrets' ? { text: value, from, isSecret: true } : { text: value, from };
}

/** The plain ones as they would be written; what tells who we are is hidden. */
export function plainTree(headers: Headers): Record<string, Tree> {
  const plain = headers.flatMap(([name, value]) =>
    'text' in value && !('from' in value) ? [[name, isTelling(name) ? HIDDEN : value.text] as const] : [],
  );
  return Object.fromEntries(plain);
}

/** Those from lists as they would be written. */
export function listedTree(headers: Headers): Record<string, Tree> {
  const listedOnly = headers.filter((header): header is readonly [string, Listed] => 'from' in header[1]);
  const names = new Set(listedOnly.map(([name]) => name));
  return Object.fromEntries(
    Array.from(names, (name) => {
      const values = listedOnly.filter(([other]) => other === name).map(([, value]) => value);
      return [name, Object.fromEntries(LISTS.flatMap((from) => listTree(name, from, values)))];
    }),
  );
}

function listTree(name: string, list: From, values: readonly Listed[]): [string, Tree][] {
  const isHidden = list === 'secrets' || (list === 'values' && isTelling(name));
  const shown = values.filter(({ from }) => from === list).map((value) => (isHidden ? HIDDEN : textOf(value)));
  return shown.length === 0 ? [] : [[list, shown]];
}

function textOf(value: Secret): string {
  return 'file' in value ? value.file : value.text;
}
