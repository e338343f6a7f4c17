import { ProbeFailure } from '../core/reason.ts';
import { describe } from '../net/classify.ts';
import type { HttpReply } from '../net/http.ts';
import { askHttp } from '../net/http-ask.ts';
import { readBody } from '../net/http-body.ts';
import { readSecret } from '../net/secret.ts';
import { basic } from './http-basic.ts';
import type { HttpAuth } from './http-options.ts';
import { endpointOf } from './http-url.ts';
import { jsonObject } from './json.ts';
import { quote, type Talk } from './talk.ts';

type OAuth2 = Extract<HttpAuth, { kind: 'oauth2' }>;

/** A token, and until when it may be used, monotonic ms. */
type Kept = { readonly token: string; readonly until: number };

/** A token is not used in its last seconds: it must still be good when it arrives, ms. */
const MARGIN_MS = 10_000;
const LARGEST_ANSWER = 64 * 1024;

/**
 * A token for the target, by the client credentials grant; the last one while it is good. Whoever gives tokens is not the target: what
 * goes wrong there is the exporter's own affair (exporter_error). RFC 6749, section 4.4.
 */
export async function fetchToken(talk: Talk, auth: OAuth2): Promise<string> {
  const kept = talk.memory.value as Kept | undefined;
  if (kept !== undefined && talk.now() < kept.until) return kept.token;
  const url = new URL(auth.tokenUrl);
  const from = `no token from ${url.host}${url.pathname}`;
  talk.doubt = new ProbeFailure('exporter_error', `${from} in time`);
  try {
    const { token, seconds } = await ask(talk, auth, url);
    talk.memory.value = { token, until: talk.now() + seconds * 1000 - MARGIN_MS } satisfies Kept;
    return token;
  } catch (cause) {
    throw new ProbeFailure('exporter_error', `${from}: ${describe(cause)}`, { cause });
  } finally {
    talk.doubt = undefined;
  }
}

async function ask(talk: Talk, auth: OAuth2, url: URL): Promise<{ readonly token: string; readonly seconds: number }> {
  const secure = url.protocol === 'https:';
  const wire = await talk.wires.open({ endpoint: endpointOf(url), inTls: secure, aside: true });
  const form = new URLSearchParams({ grant_type: 'client_credentials', ...auth.endpointParams });
  if (auth.scopes.length > 0) form.set('scope', auth.scopes.join(' '));
  const secret = readSecret(auth.clientSecret, 'the client secret');
  const request = {
    method: 'POST',
    target: url.pathname + url.search,
    authority: url.host,
    scheme: secure ? ('https' as const) : ('http' as const),
    headers: [
      ['Authorization', basic(encodeURIComponent(auth.clientId), encodeURIComponent(secret))],
      ['Content-Type', 'application/x-www-form-urlencoded'],
      ['Accept', 'application/json'],
    ] as const,
    body: Buffer.from(form.toString()),
  };
  const reply = await askHttp(wire, request, { firstByte: () => {} });
  return tokenIn(reply, await readBody(reply.body, { keep: LARGEST_ANSWER, limit: LARGEST_ANSWER }));
}

function tokenIn({ status }: HttpReply, { kept }: { readonly kept: Buffer }) {
  const json = jsonObject(kept.toString('utf8'));
  if (status < 200 || status > 299) throw new Error(`it answered ${status} ${quote(String(json?.['error'] ?? ''))}`);
  const token = json?.['access_token'];
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) throw new Error('its answer has no access_token');
  const seconds = Number(json?.['expires_in'] ?? 0);
  return { token, seconds: Number.isFinite(seconds) ? seconds : 0 };
}
