import { z } from 'zod';
import type { HttpAuth } from '../checks/http-options.ts';
import { goText, sparse, textOrNone } from './go-values.ts';
import { list, mustBeSecret, strict } from './leaves.ts';
import type { Path } from './path.ts';
import type { Report } from './problems.ts';
import { secretOf } from './secrets.ts';

const FILE = 'the name of a file';
const noManager = (instead: string) => `there are no secret managers here: write ${instead}`;

const BASIC_AUTH_SHAPE = {
  username: textOrNone('a user name').optional(),
  username_file: textOrNone(FILE).optional(),
  password: textOrNone('a password').optional(),
  password_file: textOrNone(FILE).optional(),
};
const NO_REFS = { username_ref: noManager('username_file'), password_ref: noManager('password_file') };
const BASIC_AUTH = strict(BASIC_AUTH_SHAPE, undefined, NO_REFS, mustBeSecret);

const AUTHORIZATION_SHAPE = {
  type: goText('the type of the credentials, such as Bearer').transform(tokenType).optional(),
  credentials: textOrNone('a token').optional(),
  credentials_file: textOrNone(FILE).optional(),
};
const NO_REF = { credentials_ref: noManager('credentials_file') };
const AUTHORIZATION = strict(AUTHORIZATION_SHAPE, undefined, NO_REF, mustBeSecret);

const JWT = 'belongs to the grant jwt-bearer, which is not supported: use client_secret or client_secret_file';
const OWN_PROXY = 'a proxy of its own for the token server is not supported: remove it';

const OAUTH2_SHAPE = {
  client_id: goText('the id of the client').refine((id) => id !== '', { error: 'must not be empty' }),
  client_secret: textOrNone('a secret').optional(),
  client_secret_file: textOrNone(FILE).optional(),
  token_url: webUrl(),
  scopes: list(goText('a scope'), 'a list of scopes', mustBeSecret).optional(),
  endpoint_params: z
    .record(z.string(), goText('text'), {
      error: ({ input }) => mustBeSecret('a mapping of parameters to values', input),
    })
    .optional(),
  grant_type: goText('client_credentials')
    .refine((grant) => grant === '' || grant === 'client_credentials', {
      error: 'must be client_credentials: other grants, such as jwt-bearer, are not supported',
    })
    .optional(),
};
const OAUTH2_REFUSED = {
  client_secret_ref: noManager('client_secret_file'),
  ...Object.fromEntries(['', '_file', '_id', '_ref'].map((suffix) => [`client_certificate_key${suffix}`, JWT])),
  ...{ signature_algorithm: JWT, iss: JWT, audience: JWT, claims: JWT },
  tls_config: 'TLS of its own for the token server is not supported: remove it',
  ...{ proxy_url: OWN_PROXY, no_proxy: OWN_PROXY, proxy_from_environment: OWN_PROXY, proxy_connect_header: OWN_PROXY },
};
const OAUTH2 = strict(OAUTH2_SHAPE, undefined, OAUTH2_REFUSED, mustBeSecret);

/** Who we say we are, in the keys of Prometheus. Source: Prometheus, configuration, <http_config>. */
export const AUTH = {
  basic_auth: sparse(BASIC_AUTH.superRefine(once('username', 'password'))).optional(),
  authorization: sparse(AUTHORIZATION.superRefine(once('credentials'))).optional(),
  bearer_token: textOrNone('a token').optional(),
  bearer_token_file: textOrNone(FILE).optional(),
};

/** The same with tokens that are fetched first. */
export const AUTH_AND_OAUTH2 = { ...AUTH, oauth2: sparse(OAUTH2.superRefine(once('client_secret'))).optional() };

/** Every key of `basic_auth` and its like. */
export const AUTH_KEYS: Readonly<Record<'basic_auth' | 'authorization' | 'oauth2', readonly string[]>> = {
  basic_auth: Object.keys(BASIC_AUTH_SHAPE),
  authorization: Object.keys(AUTHORIZATION_SHAPE),
  oauth2: Object.keys(OAUTH2_SHAPE),
};

/** What the keys say: only what is right is left of them. */
type Written = Partial<z.output<z.ZodObject<typeof AUTH_AND_OAUTH2>>>;

/** Refuses a text and a file that has it. */
function once(...names: readonly string[]) {
  return (keys: Readonly<Record<string, unknown>>, context: z.core.$RefinementCtx): void => {
    for (const name of names) {
      const file = `${name}_file`;
      if (keys[name] !== undefined && keys[file] !== undefined)
        context.addIssue({ code: 'custom', path: [file], message: `does not go with ${name}: keep one` });
    }
  };
}

function tokenType(written: string, context: z.core.$RefinementCtx): string {
  const type = written.trim();
  if (type.toLowerCase() === 'basic')
    context.addIssue({ code: 'custom', message: 'must not be Basic: write basic_auth with username and password' });
  // It goes in front of the credentials, in the same header.
  else if (type !== '' && !/^[!#$%&'*+.^_`|~\w-]+$/.test(type))
    context.addIssue({ code: 'custom', message: 'must be one word, such as Bearer' });
  return type;
}

/** An http:// or https:// URL. The message does not show it: it may have a password in it. */
function webUrl() {
  return goText('a URL').refine(isWebUrl, { error: 'must be a URL such as https://login.example.com/token' });
}

/** Whether a text is a URL that a web server may have. */
export function isWebUrl(written: string): boolean {
  return /^https?:\/\//i.test(written) && URL.canParse(written);
}

const KINDS = ['basic_auth', 'authorization', 'bearer_token', 'bearer_token_file', 'oauth2'] as const;

/** Who we say we are; there is one such header in a request. */
export function readAuth(written: Written, path: Path, report: Report): HttpAuth | undefined {
  const [first, ...others] = KINDS.filter((kind) => written[kind] !== undefined);
  for (const other of others)
    report({
      path: [...path, other],
      at: 'key',
      message: `does not go with ${first}: a request says once who sends it`,
    });
  const { basic_auth: basic, authorization, bearer_token: token, bearer_token_file: file, oauth2 } = written;
  if (basic !== undefined)
    return {
      kind: 'basic',
      username: secretOf(basic.username, basic.username_file),
      password: secretOf(basic.password, basic.password_file),
    };
  if (oauth2 !== undefined) return fetched(oauth2);
  if (authorization !== undefined)
    return {
      kind: 'token',
      type: authorization.type || 'Bearer',
      credentials: secretOf(authorization.credentials, authorization.credentials_file),
    };
  return token === undefined && file === undefined
    ? undefined
    : { kind: 'token', type: 'Bearer', credentials: secretOf(token, file) };
}

function fetched(oauth2: NonNullable<Written['oauth2']>): HttpAuth {
  return {
    kind: 'oauth2',
    clientId: oauth2.client_id,
    clientSecret: secretOf(oauth2.client_secret, oauth2.client_secret_file),
    tokenUrl: oauth2.token_url,
    scopes: Object.freeze(oauth2.scopes ?? []),
    endpointParams: Object.freeze({ ...oauth2.endpoint_params }),
  };
}
