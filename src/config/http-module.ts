import { z } from 'zod';
import { type Cel, compileCel } from '../checks/cel.ts';
import type { Check } from '../checks/check.ts';
import { httpProbe } from '../checks/http.ts';
import { COMPRESSIONS, type HeaderRule, type HttpOptions } from '../checks/http-options.ts';
import { byteSize } from './byte-size.ts';
import { goFlag, goInt, goText, orNone, present, sparse, textOrNone } from './go-values.ts';
import { accepts } from './http-accept-encoding.ts';
import { AUTH_AND_OAUTH2, readAuth } from './http-client.ts';
import { listedHeaders, listedOnes, plainHeaders, plainOnes } from './http-headers.ts';
import { PROXY, readProxy } from './http-proxy.ts';
import { choice, list, mustBeSecret, strict } from './leaves.ts';
import { NEWER } from './newer.ts';
import { level, type Part, readPart } from './parts.ts';
import type { Path } from './path.ts';
import { pattern, patterns } from './patterns.ts';
import type { Report, Warn } from './problems.ts';
import { secretOf } from './secrets.ts';
import { dialling, FAMILY, type Way } from './tcp-module.ts';
import { laterTls, TLS_CONFIG } from './tls-config.ts';
import { show } from './wording.ts';

const PORT = 80;
const LARGEST_INT = 2 ** 31 - 1;
const NO_HTTP3 = 'HTTP/3 is not supported';

const HEADER_RULE_SHAPE = {
  header: goText('the name of a header').refine((name) => name !== '', { error: 'must not be empty' }),
  regexp: pattern().refine(({ source }) => source !== '', { error: 'must not be empty' }),
  allow_missing: goFlag().optional(),
};
const HEADER_RULES = list(sparse(strict(HEADER_RULE_SHAPE)), 'a list of rules, each with header and regexp');

const SHAPE = {
  method: textOrNone('a method such as GET')
    .refine((method) => method === undefined || /^[!#$%&'*+.^_`|~\w-]+$/.test(method), {
      error: ({ input }) => `must be a method such as GET or POST, not ${show(input)}`,
    })
    .optional(),
  headers: plainHeaders().optional(),
  http_headers: listedHeaders().optional(),
  body: textOrNone('text').optional(),
  body_file: textOrNone('the name of a file').optional(),
  valid_status_codes: list(
    goInt('a status code such as 200', -LARGEST_INT, LARGEST_INT),
    'a list of status codes, such as [200, 301]',
  ).optional(),
  accept_any_response: goFlag().optional(),
  valid_http_versions: list(httpVersion(), 'a list of versions, such as [HTTP/1.1, HTTP/2.0]').optional(),
  follow_redirects: goFlag().optional(),
  no_follow_redirects: goFlag().optional(),
  fail_if_ssl: goFlag().optional(),
  fail_if_not_ssl: goFlag().optional(),
  fail_if_header_matches: HEADER_RULES.optional(),
  fail_if_header_not_matches: HEADER_RULES.optional(),
  fail_if_body_matches_regexp: patterns().optional(),
  fail_if_body_not_matches_regexp: patterns().optional(),
  fail_if_body_json_matches_cel: expression().optional(),
  fail_if_body_json_not_matches_cel: expression().optional(),
  compression: orNone(compression()),
  body_size_limit: byteSize().optional(),
  enable_http2: goFlag().optional(),
  enable_http3: goFlag()
    .refine((wanted) => !wanted, { error: `${NO_HTTP3}: remove it, and probe by HTTP/1.1 or HTTP/2` })
    .optional(),
  ...AUTH_AND_OAUTH2,
  ...PROXY,
  tls_config: TLS_CONFIG.optional(),
  ...FAMILY,
};

const HTTP = level(strict(SHAPE, 'a mapping, such as {method: GET}', NEWER, mustBeSecret));

/** Every key of `http`. */
export const HTTP_KEYS: readonly string[] = Object.keys(SHAPE);
/** Every key of a rule for headers. */
export const HEADER_RULE_KEYS: readonly string[] = Object.keys(HEADER_RULE_SHAPE);

function httpVersion() {
  // Held against what comes as it is: "HTTP/2" never does, "HTTP/2.0" is what that is called.
  return goText('a version such as HTTP/1.1').refine((version) => version !== 'HTTP/3.0', {
    error: `${NO_HTTP3}: remove it`,
  });
}

function compression() {
  const lower = (value: unknown) => (typeof value === 'string' ? value.toLowerCase() : value);
  return z.preprocess(lower, choice(COMPRESSIONS));
}

function expression() {
  return goText('an expression in CEL').transform((source, context): Cel => {
    const compiled = compileCel(source);
    if (compiled.ok) return compiled.value;
    context.addIssue({ code: 'custom', message: compiled.problem });
    return z.NEVER;
  });
}

/** What `http` of a module says. Its keys and defaults are blackbox_exporter's: CONFIGURATION.md, <http_probe>. */
export function readHttp(value: unknown, path: Path, report: Report, warn: Warn): Way {
  const http = readPart(HTTP, present(value) ?? {}, path, report);
  checkBody(http, path, report);
  if (http.fail_if_ssl && http.fail_if_not_ssl)
    report({
      path: [...path, 'fail_if_not_ssl'],
      at: 'key',
      message: 'does not go with fail_if_ssl: every answer would fail',
    });
  if (http.no_follow_redirects !== undefined)
    warn(`no_follow_redirects is deprecated: write follow_redirects: ${!http.no_follow_redirects}`);
  return {
    ...dialling(http, 6),
    use: Object.freeze({ check: httpProbe as Check, options: optionsOf(http, path, report) }),
    tls: laterTls(http.tls_config),
    defaultPort: PORT,
  };
}

type Written = Part<typeof HTTP>;

function checkBody(
  { body, body_file: file, compression: coding, headers = {} }: Written,
  path: Path,
  report: Report,
): void {
  if (body !== undefined && file !== undefined)
    report({ path: [...path, 'body_file'], at: 'key', message: 'does not go with body: keep one' });
  if (coding === undefined) return;
  for (const [name, value] of Object.entries(headers)) {
    if (name.toLowerCase() !== 'accept-encoding' || value === '' || accepts(value, coding)) continue;
    const message = `does not accept ${coding}, which compression says the body is in: add it, or remove compression`;
    report({ path: [...path, 'headers', name], message });
  }
}

function optionsOf(http: Written, path: Path, report: Report): HttpOptions {
  const auth = readAuth(http, path, report);
  const proxy = readProxy(http, path, report);
  return Object.freeze({
    ...requestOf(http),
    ...answerOf(http),
    ...contentOf(http),
    ...(auth && { auth: Object.freeze(auth) }),
    ...(proxy && { proxy }),
  });
}

function requestOf(http: Written) {
  const { body, body_file: file, no_follow_redirects: refuses } = http;
  return {
    method: http.method ?? 'GET',
    headers: Object.freeze([...plainOnes(http.headers), ...listedOnes(http.http_headers)]),
    ...((body !== undefined || file !== undefined) && { body: secretOf(body, file) }),
    followRedirects: (refuses === undefined ? http.follow_redirects : !refuses) ?? true,
    http2: http.enable_http2 ?? true,
  };
}

function answerOf(http: Written) {
  return {
    statuses: Object.freeze(http.valid_status_codes ?? []),
    anyStatus: http.accept_any_response ?? false,
    versions: Object.freeze(http.valid_http_versions ?? []),
    ...(http.fail_if_ssl && { tls: 'refused' as const }),
    ...(http.fail_if_not_ssl && { tls: 'required' as const }),
    headerMatches: rulesOf(http.fail_if_header_matches),
    headerNotMatches: rulesOf(http.fail_if_header_not_matches),
  };
}

function contentOf(http: Written) {
  const { compression: coding, body_size_limit: bodyLimit } = http;
  const { fail_if_body_json_matches_cel: matches, fail_if_body_json_not_matches_cel: notMatches } = http;
  return {
    bodyMatches: Object.freeze(http.fail_if_body_matches_regexp ?? []),
    bodyNotMatches: Object.freeze(http.fail_if_body_not_matches_regexp ?? []),
    contains: [],
    lacks: [],
    ...(matches && { celMatches: matches }),
    ...(notMatches && { celNotMatches: notMatches }),
    ...(coding && { compression: coding }),
    ...(bodyLimit !== undefined && { bodyLimit }),
  };
}

function rulesOf(written: z.output<typeof HEADER_RULES> = []): readonly HeaderRule[] {
  const rules = written.map(({ header, regexp, allow_missing: allowMissing = false }) =>
    Object.freeze({ header, pattern: regexp, allowMissing }),
  );
  return Object.freeze(rules);
}
