import type { Check } from './check.ts';
import { type HttpAnswer, httpGet } from './http-get.ts';
import { jsonObject } from './json.ts';
import { NO_OPTIONS } from './no-options.ts';
import { unavailable, unexpected } from './talk.ts';

/**
 * The API server of Kubernetes: whether it is ready, which anybody may ask unless that was taken away. Which version it is would be a
 * second request, and a second line in its audit log: not asked. Source: Kubernetes API health endpoints.
 */
export const kubernetes: Check<Record<string, never>> = {
  name: 'kubernetes',
  ports: [6443],
  summary: '`GET /readyz` is answered `ok`, or 401 or 403 by a `Status`',
  tls: { direct: true, unasked: 'direct', privateAuthority: true },
  options: NO_OPTIONS,
  async run(talk) {
    const answer = await httpGet(talk, '/readyz');
    const state = judge(answer);
    if (state !== undefined) talk.knows({ state });
  },
};

/** The state of one that is able; throws for the others. */
function judge({ status, body }: HttpAnswer): string | undefined {
  if (status === 200 && body.trim() === 'ok') return undefined;
  const { kind, message } = jsonObject(body) ?? {};
  if ((status === 401 || status === 403) && kind === 'Status') return 'auth_required';
  const said = typeof message === 'string' ? message : body;
  throw refusal(status, said || `HTTP ${status}`) ?? unexpected('ok', `${status} ${said}`);
}

function refusal(status: number, said: string): Error | undefined {
  if (status === 429 || status === 503) return unavailable(said);
  const failing = failingChecks(said);
  return status === 500 && failing.length > 0 ? unavailable(`not ready: ${failing.join(', ')}`) : undefined;
}

/** The names of checks that have failed, out of lines such as "[-]etcd failed: reason withheld". */
function failingChecks(body: string): readonly string[] {
  return body.split('\n').flatMap((line) => /^\[-\]([\w./-]+)/.exec(line)?.[1] ?? []);
}
