import { ProbeFailure } from '../core/reason.ts';
import type { HttpReply } from '../net/http.ts';
import type { HttpOptions } from './http-options.ts';
import { MOST_REDIRECTS } from './http-redirect.ts';
import { withoutQuery } from './http-url.ts';
import type { HttpFinal } from './http-visit.ts';
import { quote } from './talk.ts';

/** Of a list of statuses. */
const MOST_SHOWN = 10;

/** What is wrong with the status of an answer; undefined when it will do. */
export function judgeStatus({ reply, url, redirects }: HttpFinal, options: HttpOptions): ProbeFailure | undefined {
  const { status } = reply;
  const isRight = options.statuses.length > 0 ? options.statuses.includes(status) : status >= 200 && status < 300;
  if (options.anyStatus || isRight) return undefined;
  const location = reply.headers.get('location')?.[0];
  const where = location === undefined ? '' : `, to ${quote(withoutQuery(location))}`;
  const after = redirects < MOST_REDIRECTS ? '' : ` after ${redirects} redirects`;
  return new ProbeFailure(
    'http_status',
    `${url.host} answered ${status}${where}${after}; expected ${expected(options)}`,
  );
}

function expected({ statuses }: HttpOptions): string {
  if (statuses.length === 0) return '2xx';
  const all = [...new Set(statuses)];
  const classes = [1, 2, 3, 4, 5].filter(
    (first) => all.filter((status) => Math.floor(status / 100) === first).length === 100,
  );
  const others = all.filter((status) => !classes.includes(Math.floor(status / 100)));
  const shown = [...classes.map((first) => `${first}xx`), ...others.slice(0, MOST_SHOWN)];
  return [...shown, ...(others.length > MOST_SHOWN ? ['others'] : [])].join(' or ');
}

/** What is wrong with how the answer came. */
export function judgeManner({ reply, isSecure, url }: HttpFinal, options: HttpOptions): ProbeFailure | undefined {
  if (options.tls === 'refused' && isSecure) return unexpected(`${url.host} answered in TLS (fail_if_ssl)`);
  if (options.tls === 'required' && !isSecure) return unexpected(`${url.host} answered without TLS (fail_if_not_ssl)`);
  if (options.versions.length === 0 || options.versions.includes(reply.version)) return undefined;
  return unexpected(`${url.host} answered by ${reply.version}; expected ${options.versions.join(' or ')}`);
}

function unexpected(detail: string): ProbeFailure {
  return new ProbeFailure('unexpected_response', detail);
}

/** Seconds since 1970 of the Last-Modified header; undefined where there is none that can be read. RFC 9110, section 8.8.2. */
export function lastModified({ headers }: HttpReply): number | undefined {
  const [written = ''] = headers.get('last-modified') ?? [];
  const ms =
    /^(?:\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT|\w+, \d{2}-\w{3}-\d{2} .*GMT|\w{3} \w{3} [ \d]\d \d{2}:\d{2}:\d{2} \d{4})$/.test(
      written,
    )
      ? Date.parse(/GMT$/.test(written) ? written : `${written} GMT`)
      : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms / 1000;
}
