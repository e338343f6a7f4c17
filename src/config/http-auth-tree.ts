import type { HttpAuth } from '../checks/http-options.ts';
import { HIDDEN, isTelling, urlTree } from '../core/hidden.ts';
import { secretTree } from './secrets.ts';
import type { Tree } from './yaml.ts';

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
    ([name, value]) => [name, isTelling(name) || name === 'client_assertion' ? HIDDEN : value] as const,
  );
  return {
    oauth2: {
      client_id: auth.clientId,
      ...secretTree('client_secret', auth.clientSecret),
      token_url: urlTree(auth.tokenUrl),
      scopes: [...auth.scopes],
      endpoint_params: Object.fromEntries(params),
    },
  };
}
