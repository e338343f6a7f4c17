import type { Check } from './check.ts';
import { type HttpAnswer, httpGet } from './http-get.ts';
import { jsonObject } from './json.ts';
import { NO_OPTIONS } from './no-options.ts';
import { type Talk, unavailable, unexpected } from './talk.ts';

/** Those of Elasticsearch and OpenSearch: others ask for passwords, too. */
const REALM = /realm="(?:security|OpenSearch Security|Open Distro Security)"/i;

type Json = Readonly<Record<string, unknown>>;

/**
 * Elasticsearch and OpenSearch. Elasticsearch logs a warning for each plain request to a port in TLS: say `tls: true` there.
 * Source: Elasticsearch reference, "Root API"; OpenSearch, "API root".
 */
export const elasticsearch: Check<Record<string, never>> = {
  name: 'elasticsearch',
  ports: [9200],
  summary:
    '`GET /` is answered with the tagline of Elasticsearch or OpenSearch, or 401; where it is in TLS it needs `tls: true`',
  tls: { direct: true },
  options: NO_OPTIONS,
  async run(talk) {
    judge(talk, await httpGet(talk, '/'));
  },
};

function judge(talk: Talk, { status, headers, body }: HttpAnswer): void {
  const json = jsonObject(body);
  if (json !== undefined) noteVersion(talk, json);
  if (isLocked(status, headers, json)) {
    talk.knows({ state: 'auth_required' });
    return;
  }
  if (status === 429 || status === 503) throw unavailable(reasonOf(json) ?? (body || `HTTP ${status}`));
  if (status !== 200) throw unexpected('200', `${status} ${body}`);
  if (!isSearch(headers, json?.['tagline'])) throw unexpected('the tagline of Elasticsearch or OpenSearch', body);
}

/** Able, and for others than us: 401 asks for a password, 403 is what anonymous users get who may do nothing. */
function isLocked(status: number, headers: HttpAnswer['headers'], json: Json | undefined): boolean {
  const isRefused = status === 401 || status === 403;
  if (status === 401 && REALM.test(headers.get('www-authenticate') ?? '')) return true;
  return isRefused && objectOf(json?.['error'])['type'] === 'security_exception';
}

function isSearch(headers: HttpAnswer['headers'], tagline: unknown): boolean {
  if (headers.get('x-elastic-product') === 'Elasticsearch' || tagline === 'You Know, for Search') return true;
  return typeof tagline === 'string' && tagline.startsWith('The OpenSearch Project');
}

function noteVersion(talk: Talk, json: Json): void {
  const { number, distribution } = objectOf(json['version']);
  if (typeof number !== 'string') return;
  talk.knows({ version: typeof distribution === 'string' ? `${distribution} ${number}` : number });
}

/** The server's own words, out of {"error":{"type":...,"reason":...}}. */
function reasonOf(json: Json | undefined): string | undefined {
  const error = json?.['error'];
  if (typeof error === 'string') return error;
  const { type, reason } = objectOf(error);
  const said = [type, reason].filter((part) => typeof part === 'string');
  return said.length > 0 ? said.join(': ') : undefined;
}

function objectOf(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}
