import { readSecret } from '../net/secret.ts';
import { basic } from './http-basic.ts';
import type { HttpAuth } from './http-options.ts';
import { fetchToken } from './http-token.ts';
import type { Talk } from './talk.ts';

/** The value of the Authorization header; undefined where we say nothing of who we are. */
export async function authorization(talk: Talk, auth: HttpAuth | undefined): Promise<string | undefined> {
  if (auth === undefined) return undefined;
  if (auth.kind === 'oauth2') return `Bearer ${await fetchToken(talk, auth)}`;
  if (auth.kind === 'token') return `${auth.type} ${readSecret(auth.credentials, 'the credentials')}`;
  return basic(readSecret(auth.username, 'the user name'), readSecret(auth.password, 'the password'));
}
