import type { HttpAuth } from '../checks/http-options.ts';
import { HIDDEN, urlTree } from '../core/hidden.ts';
import { secretTree } from './secrets.ts';
import type { Tree } from './yaml.ts';

/** Parameters of a token request that say what is wanted, and nothing about who wants it. Source: RFC 6749, 8707. */
const PLAIN_PARAMS = new Set(['audience', 'grant_type', 'resource', 'scope']);

/** How that is written, its secrets hidden. */
export function authTree(auth: HttpAuth | undefined): Record<string, Tree> {
  if (auth === undefined) return {};
  if (auth.kind === 'basic') {
    const { username, password } = auth;
    const name = 'file' in username ? { username_file: username.file } : { username: username.text };
    return { basic_auth: { ...name, ...secretTree('password', password) } };
  }
  if (auth.kind === 'token')
    return { authorization: { type: auth.type, ...secretTree('credentials', auth.credentials) } };
  const params = Object.entries(auth.endpointParams).map(
    ([name, value]) => [name, PLAIN_PARAMS.has(name) ? value : HIDDEN] as const,
  );
  return {
    oauth2: {
      client_id: auth.clientId,
      ...secretTree('client_secret', auth.clientSecret),
      token_url: withoutValues(urlTree(auth.tokenUrl)),
      scopes: [...auth.scopes],
      endpoint_params: Object.fromEntries(params),
    },
  };
}

/** The URL with its query hidden, but for the names in it. */
function withoutValues(url: string): string {
  const [before = '', query] = url.split(/\?(.*)/s);
  if (query === undefined) return url;
  return `${before}?${query.replace(/=[^&]*/g, `=${HIDDEN}`)}`;
}
