import type { HttpReply } from '../net/http.ts';
import { askHttp } from '../net/http-ask.ts';
import { readWhole } from '../net/secret.ts';
import { authorization } from './http-auth.ts';
import { blaming } from './http-blame.ts';
import { CookieJar } from './http-cookies.ts';
import { HTTP_FAMILIES, type HttpPhase } from './http-families.ts';
import type { HttpOptions } from './http-options.ts';
import { type HttpRequest, isRedirectTo, MOST_REDIRECTS, nextRequest, type Requests } from './http-redirect.ts';
import { openWire } from './http-route.ts';
import { withoutQuery } from './http-url.ts';
import type { Talk } from './talk.ts';
import type { Wire } from './wire.ts';

/** The last answer: what came after all redirects. Its body is still to be read. */
export type HttpFinal = {
  readonly reply: HttpReply;
  readonly url: URL;
  /** How many redirects were followed to get here. */
  readonly redirects: number;
  readonly isSecure: boolean;
  /** With whom reading it may fail, where that is not the target. */
  readonly where: string | undefined;
  /** A redirect that is not followed: its body is of no interest. */
  readonly isRedirect: boolean;
};

/** Requests of one probe, from the target through all redirects to the last answer, and the time they take. */
export class HttpVisit {
  readonly #talk: Talk;
  readonly #options: HttpOptions;
  readonly #cookies = new CookieJar(Date.now());
  readonly #tookMs: Record<HttpPhase, number> = { resolve: 0, connect: 0, tls: 0, processing: 0, transfer: 0 };
  #startedAt: number | undefined;
  /** Spent since then in the exporter's own queue, ms. */
  #queuedMs = 0;
  #errorMs = 0;
  #answeredAt = 0;

  constructor(talk: Talk, options: HttpOptions) {
    this.#talk = talk;
    this.#options = options;
  }

  /** How long it has taken since the first request went out, until what has just come, ms; waiting for our own turn is not counted. */
  get tookMs(): number {
    if (this.#startedAt === undefined) return 0;
    return Math.max(0, this.#talk.arrival() - this.#startedAt - this.#queuedMs);
  }

  /** How much of that may be the exporter's own doing, at the most: it was busy while answers came, ms. Asked for right after `tookMs`. */
  get errorMs(): number {
    return this.#errorMs + this.#talk.arrivalError;
  }

  /** Asks for a URL, and goes where it is sent. Resolves with the last answer, what came on the way noted. */
  async go(url: URL, headers: HttpRequest['headers']): Promise<HttpFinal> {
    let requests: Requests = [await this.#firstRequest(url, headers)];
    for (;;) {
      const request = requests.at(-1) ?? requests[0];
      const { reply, isSecure, where } = await this.#ask(request);
      const { status } = reply;
      const [location = ''] = reply.headers.get('location') ?? [];
      const isRedirect = isRedirectTo(location, status);
      // One that is not followed counts, as in blackbox_exporter.
      this.#talk.sample(HTTP_FAMILIES.redirects, requests.length - Number(!isRedirect));
      const goesOn = isRedirect && this.#options.followRedirects && requests.length <= MOST_REDIRECTS;
      if (!goesOn) return { reply, url: request.url, redirects: requests.length - 1, isSecure, where, isRedirect };
      this.#errorMs += this.#talk.arrivalError;
      reply.body.destroy();
      const next = nextRequest(requests, { status, location });
      if (next !== undefined) requests = [...requests, next];
    }
  }

  /** The last answer has been read. */
  ended(): void {
    this.#tookMs.transfer += Math.max(0, this.#talk.arrival() - this.#answeredAt);
    this.#note();
  }

  async #firstRequest(url: URL, headers: HttpRequest['headers']): Promise<HttpRequest> {
    const { method, auth, body } = this.#options;
    const host = headerOf(headers, 'host');
    const others = headers.filter(([name]) => name.toLowerCase() !== 'host');
    const who = headerOf(others, 'authorization') === undefined ? await authorization(this.#talk, auth) : undefined;
    return {
      method,
      url,
      headers: who === undefined ? others : [...others, ['Authorization', who]],
      ...(host !== undefined && { host }),
      ...(body && { body: readWhole(body, 'the body') }),
    };
  }

  async #ask(ask: HttpRequest): Promise<Pick<HttpFinal, 'reply' | 'isSecure' | 'where'>> {
    const isFirst = this.#startedAt === undefined;
    const { wire, target, headers, where } = await openWire(this.#talk, this.#options, ask.url, isFirst);
    this.#add(wire, isFirst);
    const own = ask.headers.flatMap(([name, value]) =>
      name.toLowerCase() === 'cookie' ? [] : [[name, value] as const],
    );
    const cookies = this.#cookies.header(ask.url, headerOf(ask.headers, 'cookie'));
    const request = {
      method: ask.method,
      target,
      authority: ask.host ?? ask.url.host,
      scheme: wire.isSecure ? ('https' as const) : ('http' as const),
      headers: [...own, ...headers, ...(cookies === undefined ? [] : [['Cookie', cookies] as const])],
      body: ask.body === undefined ? undefined : Buffer.from(ask.body),
    };
    const askedAt = this.#talk.now();
    this.#startedAt ??= askedAt;
    this.#answeredAt = askedAt;
    const firstByte = () => {
      this.#answeredAt = this.#talk.arrival();
    };
    const reply = await blaming(where, askHttp(wire, request, { firstByte }));
    // Before it is looked at: judging its head is not the server's time.
    this.#talk.arrival();
    this.#tookMs.processing += Math.max(0, this.#answeredAt - askedAt);
    this.#talk.note(`${ask.method} ${shown(ask.url)}: ${reply.version} ${reply.status}${locationOf(reply)}`);
    this.#cookies.store(ask.url, reply.headers.get('set-cookie') ?? []);
    this.#note();
    return { reply, isSecure: wire.isSecure, where };
  }

  #add({ tookMs, ownMs }: Wire, isFirst: boolean): void {
    for (const phase of ['resolve', 'connect', 'tls'] as const) this.#tookMs[phase] += tookMs[phase];
    // The clock does not run before the first request.
    if (isFirst) return;
    this.#queuedMs += ownMs.queued;
    this.#errorMs += ownMs.error;
  }

  /** Noted from answer to answer, the last note counting: a visit that fails later has shown how far it came. */
  #note(): void {
    for (const [phase, ms] of Object.entries(this.#tookMs))
      this.#talk.sample(HTTP_FAMILIES.duration, ms / 1000, { phase });
  }
}

function headerOf(headers: HttpRequest['headers'], wanted: string): string | undefined {
  return headers.find(([name]) => name.toLowerCase() === wanted)?.[1];
}

/** Without the query, which may have a token in it. */
function shown({ origin, pathname }: URL): string {
  return `${origin}${pathname}`;
}

function locationOf({ headers }: HttpReply): string {
  const [location] = headers.get('location') ?? [];
  return location === undefined ? '' : `, to ${withoutQuery(location)}`;
}
