import { ProbeFailure } from '../core/reason.ts';
import { readBody } from '../net/http-body.ts';
import { readSecret } from '../net/secret.ts';
import { blaming } from './http-blame.ts';
import { HTTP_FAMILIES } from './http-families.ts';
import { judgeManner, judgeStatus, lastModified } from './http-judge.ts';
import type { HttpOptions } from './http-options.ts';
import type { HttpRequest } from './http-redirect.ts';
import { judgeBody, judgeHeaders, LONGEST_JUDGED, looksAtBody, type Mismatch } from './http-rules.ts';
import { urlOf } from './http-url.ts';
import { type HttpFinal, HttpVisit } from './http-visit.ts';
import type { Talk } from './talk.ts';
import { Work } from './work.ts';

/** Who asks, unless a header says otherwise. */
const USER_AGENT = ['User-Agent', 'port-exporter'] as const;

/** Asks, and judges the answer: status, headers, body, manner, and how long it took. Throws ProbeFailure for what is wrong first. */
export async function checkHttp(talk: Talk, options: HttpOptions): Promise<void> {
  const scheme = talk.tls === 'in tls' ? 'https' : 'http';
  const url = urlOf(scheme, talk.endpoint, talk.resource ?? options.path ?? '/');
  const visit = new HttpVisit(talk, options);
  const final = await visit.go(url, headersOf(options));
  note(talk, final);
  const work = new Work();
  const atHead = judgeStatus(final, options) ?? failureOf(talk, judgeHeaders(final.reply.headers, options, work));
  // Whatever becomes of the body.
  talk.doubt = atHead;
  const inBody = await bodyProblem(talk, final, options, atHead === undefined ? work : undefined);
  visit.ended();
  const failure = atHead ?? inBody ?? judgeManner(final, options) ?? slowness(visit, options);
  if (failure !== undefined) throw failure;
}

function headersOf({ headers }: HttpOptions): HttpRequest['headers'] {
  const written = headers.map(([name, value]): HttpRequest['headers'][number] => {
    const text = readSecret(value, `the header ${name}`);
    return 'file' in value || value.isSecret ? [name, text, 'secret'] : [name, text];
  });
  return written.some(([name]) => name.toLowerCase() === 'user-agent') ? written : [...written, USER_AGENT];
}

function note(talk: Talk, { reply, isSecure }: HttpFinal): void {
  talk.sample(HTTP_FAMILIES.ssl, Number(isSecure));
  talk.sample(HTTP_FAMILIES.status, reply.status);
  talk.sample(HTTP_FAMILIES.version, Number(reply.version.slice('HTTP/'.length)));
  talk.sample(HTTP_FAMILIES.contentLength, reply.contentLength);
  const modified = lastModified(reply);
  if (modified !== undefined) talk.sample(HTTP_FAMILIES.lastModified, modified);
}

/** Reads the body to its end, and looks at it where that can still matter: `work` is absent where it cannot. */
async function bodyProblem(
  talk: Talk,
  { reply, isRedirect, where }: HttpFinal,
  options: HttpOptions,
  work: Work | undefined,
): Promise<Error | undefined> {
  const looks = work !== undefined && looksAtBody(options);
  if (isRedirect && !looks) {
    reply.body.destroy();
    return undefined;
  }
  const { compression = 'identity', bodyLimit } = options;
  let length = 0;
  try {
    const reading = readBody(reply.body, {
      compression,
      keep: looks ? LONGEST_JUDGED : 0,
      ...(bodyLimit !== undefined && { limit: bodyLimit }),
      onLength: (soFar) => {
        length = soFar;
      },
    });
    const body = await blaming(where, reading);
    // Before it is looked at: judging it is not the server's time.
    talk.arrival();
    return looks ? failureOf(talk, judgeBody(body, options, work)) : undefined;
  } catch (error) {
    return error as Error;
  } finally {
    if (!isRedirect) talk.sample(HTTP_FAMILIES.bodyLength, length);
  }
}

function failureOf(talk: Talk, mismatch: Mismatch | undefined): ProbeFailure | undefined {
  if (mismatch === undefined) return undefined;
  talk.sample(mismatch.kind === 'cel' ? HTTP_FAMILIES.cel : HTTP_FAMILIES.regex, 1);
  return new ProbeFailure('content_mismatch', mismatch.problem);
}

/** A target is not too slow where that may be the exporter's own doing, which was busy while the answer came. */
function slowness({ tookMs, errorMs }: HttpVisit, { maxResponseMs }: HttpOptions): ProbeFailure | undefined {
  if (maxResponseMs === undefined || tookMs - errorMs <= maxResponseMs) return undefined;
  return new ProbeFailure(
    'too_slow',
    `the answer took ${Math.round(tookMs)} ms; at most ${maxResponseMs} ms are allowed`,
  );
}
