import type { Check } from './check.ts';
import { wantsClientCertificate } from './client-certificate.ts';
import { type HttpAnswer, httpGet } from './http-get.ts';
import { jsonObject } from './json.ts';
import { NO_OPTIONS } from './no-options.ts';
import { type Talk, unavailable, unexpected } from './talk.ts';

/**
 * The Docker Engine, or Podman in its place. One that wants a certificate of its clients and gets none proves itself by saying so: up, and
 * it logs one line. Source: Docker Engine API, SystemPing; "Protect the Docker daemon socket".
 */
export const docker: Check<Record<string, never>> = {
  name: 'docker',
  ports: [2376, 2375],
  summary:
    '`GET /_ping` is answered `OK` with an `Api-Version`, or the server wants a client certificate; port 2375 is not in TLS: it needs `tls: false`',
  tls: { direct: true, unasked: 'direct', privateAuthority: true },
  options: NO_OPTIONS,
  async run(talk) {
    const answer = await ping(talk);
    if (answer !== undefined) judge(talk, answer);
  },
};

/** The answer; none from a server that wants to know who we are. */
async function ping(talk: Talk): Promise<HttpAnswer | undefined> {
  try {
    return await httpGet(talk, '/_ping');
  } catch (error) {
    if (!wantsClientCertificate(error)) throw error;
    talk.knows({ state: 'client_certificate_required' });
    return undefined;
  }
}

function judge(talk: Talk, { status, headers, body }: HttpAnswer): void {
  const isEngine = headers.has('api-version');
  if (isEngine) noteVersion(talk, headers.get('server'));
  if (status === 200 && isEngine) return;
  const message = messageOf(body);
  if ((status === 401 || status === 403) && (isEngine || message !== undefined)) {
    talk.knows({ state: 'auth_required' });
    return;
  }
  const said = message ?? body;
  const isSick = status === 500 || status === 503;
  throw isSick ? unavailable(said || `HTTP ${status}`) : unexpected('200 with an Api-Version', `${status} ${said}`);
}

function noteVersion(talk: Talk, version: string | undefined): void {
  if (version !== undefined) talk.knows({ version });
}

/** What the engine says in its own form, {"message":...}; others have more in it. */
function messageOf(body: string): string | undefined {
  const { message, ...rest } = jsonObject(body) ?? {};
  return typeof message === 'string' && Object.keys(rest).length === 0 ? message : undefined;
}
