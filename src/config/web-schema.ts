import { z } from 'zod';
import { CLIENT_AUTHS } from '../net/server-tls.ts';
import { goDuration } from './go-duration.ts';
import { goFlag, goInt, goText, orNone, textOrNone } from './go-values.ts';
import { choice, list, mustBe, mustBeSecret, strict } from './leaves.ts';
import { level } from './parts.ts';
import { CIPHERS, CURVES, TLS_VERSIONS } from './web-names.ts';

/** The sections are read one by one, so that one mistake hides no other. */
export const WEB_FILE = level(
  strict(
    {
      tls_server_config: z.unknown().optional(),
      http_server_config: z.unknown().optional(),
      basic_auth_users: z.unknown().optional(),
      rate_limit: z.unknown().optional(),
    },
    undefined,
    {},
    mustBeSecret,
  ),
);

const VERSIONS = Object.keys(TLS_VERSIONS) as (keyof typeof TLS_VERSIONS)[];
const CURVE_NAMES = Object.keys(CURVES) as (keyof typeof CURVES)[];

/** RequireClientCert is an older name, which the toolkit still takes. */
const AUTHS = [...CLIENT_AUTHS, 'RequireClientCert'] as const;

export const TLS_SERVER = level(
  strict(
    {
      cert_file: textOrNone('the name of a file').optional(),
      key_file: textOrNone('the name of a file').optional(),
      cert: textOrNone('a certificate in PEM').optional(),
      key: textOrNone('a key in PEM').optional(),
      client_auth_type: orNone(choice(AUTHS)),
      client_ca_file: textOrNone('the name of a file').optional(),
      client_ca: textOrNone('certificates in PEM').optional(),
      client_allowed_sans: list(goText('a name'), 'a list of names').optional(),
      min_version: choice(VERSIONS).optional(),
      max_version: choice(VERSIONS).optional(),
      cipher_suites: list(choice(CIPHERS), 'a list of ciphers').optional(),
      curve_preferences: list(choice(CURVE_NAMES), 'a list of curves').optional(),
      prefer_server_cipher_suites: goFlag().optional(),
    },
    undefined,
    {},
    mustBeSecret,
  ),
);

/** Text that a header can carry; nothing is as good as empty, as for Go. */
function headerText() {
  return z.preprocess(
    (value) => value ?? '',
    goText('text').refine((value) => !/(?!\t)\p{Cc}|[^\0-\xff]/u.test(value), {
      error: 'must be one line of Latin text: a header takes nothing else',
    }),
  );
}

/** The headers that may be configured, with the values that are known. Source: exporter-toolkit, web/handler.go. */
const HEADERS = strict({
  'Content-Security-Policy': headerText().optional(),
  'X-Frame-Options': choice(['deny', 'sameorigin']).optional(),
  'X-Content-Type-Options': onlyNosniff().optional(),
  'X-XSS-Protection': headerText().optional(),
  'Strict-Transport-Security': headerText().optional(),
});

function onlyNosniff() {
  return z.literal('nosniff', { error: ({ input }) => mustBe('nosniff', input) });
}

export const HTTP_SERVER = level(strict({ http2: goFlag().optional(), headers: HEADERS.optional() }));

export const RATE_LIMIT = level(
  strict({
    burst: goInt('a whole number of requests', Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER).optional(),
    // Go takes a number for nanoseconds, which nobody means; 0 turns the limit off, however it is written.
    interval: z.preprocess((value) => (value === 0 ? '0' : value), goDuration()).optional(),
  }),
);

/** Every key there is, by where it stands: the reference of the file is checked against it. */
export const WEB_KEYS: Readonly<Record<string, readonly string[]>> = {
  '': Object.keys(WEB_FILE.schema.shape),
  'tls_server_config.': Object.keys(TLS_SERVER.schema.shape),
  'http_server_config.': Object.keys(HTTP_SERVER.schema.shape),
  'http_server_config.headers.': Object.keys(HEADERS.shape),
  'rate_limit.': Object.keys(RATE_LIMIT.schema.shape),
};
