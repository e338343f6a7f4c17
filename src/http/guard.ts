import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { WebConfig } from '../config/web-config.ts';
import type { Logger } from '../core/log.ts';
import { basicLogin } from './basic-login.ts';
import { clientOf } from './clients.ts';
import type { Passwords, Verdict } from './passwords.ts';
import { RateLimiter } from './rate-limiter.ts';
import { Seldom } from './seldom.ts';

export type GuardOptions = {
  readonly web: {
    readonly current: WebConfig;
    /** What to wait for until `current` is fresh; undefined when it is. */
    readonly fresh: () => Promise<void> | undefined;
  };
  readonly passwords: Pick<Passwords, 'judge'>;
  readonly log: Logger;
  /** Milliseconds, from any start. */
  readonly now: () => number;
  /** Whether a request brings a login of another kind, which its route judges itself. */
  readonly hasOwnLogin?: (request: IncomingMessage) => boolean;
  /** How long a request waits for the verdict on its password, ms. */
  readonly patienceMs?: number;
};

/** Prometheus gives up after ten seconds. */
const PATIENCE_MS = 8000;
const CHALLENGE = { 'WWW-Authenticate': 'Basic realm="port-exporter", charset="UTF-8"' };

/** Stands before every route: the limit of requests, headers, user and password. */
export class Guard {
  readonly #handler: RequestListener;
  readonly #options: GuardOptions;
  readonly #wrong: Seldom;
  #limiter: { readonly of: WebConfig['rateLimit']; readonly limiter: RateLimiter | undefined };

  constructor(handler: RequestListener, options: GuardOptions) {
    this.#handler = handler;
    this.#options = options;
    this.#wrong = new Seldom('a login was refused: user or password is wrong', options.log, options.now);
    this.#limiter = { of: undefined, limiter: undefined };
  }

  readonly listener: RequestListener = (request, response) => {
    const waiting = this.#options.web.fresh();
    const judge = () => this.#judge(request, response);
    const judged = waiting === undefined ? judge() : waiting.then(judge, judge);
    judged.catch((error: unknown) => {
      this.#options.log.error('request failed', { error: String(error) });
      response.destroy();
    });
  };

  async #judge(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { current } = this.#options.web;
    const limiter = this.#limiterOf(current);
    if (limiter !== undefined && !limiter.pass()) {
      const retry = { 'Retry-After': String(limiter.retryAfter) };
      refuse(request, response, 429, 'too many requests: see rate_limit in the web configuration', retry);
      return;
    }
    for (const [name, value] of Object.entries(current.headers)) response.setHeader(name, value);
    const verdict = await this.#verdict(request, current);
    // A client that went away while it waited wants nothing to be probed.
    if (response.destroyed) return;
    if (verdict === 'right') this.#handler(request, response);
    else if (verdict === 'wrong') refuse(request, response, 401, 'user and password are missing or wrong', CHALLENGE);
    else refuse(request, response, 503, 'too many logins at once: try again', { 'Retry-After': '1' });
  }

  async #verdict(request: IncomingMessage, { users }: WebConfig): Promise<Verdict> {
    if (users.size === 0 || this.#options.hasOwnLogin?.(request) === true) return 'right';
    const login = basicLogin(request.headers.authorization);
    if (login === undefined) return 'wrong';
    const client = request.socket.remoteAddress ?? '';
    const judged = this.#options.passwords.judge(users, login, client);
    if (judged === 'right') return judged;
    const { patienceMs = PATIENCE_MS } = this.#options;
    const verdict = typeof judged === 'string' ? judged : await orBusy(judged, patienceMs);
    if (verdict === 'wrong') this.#wrong.say({ client }, clientOf(client));
    return verdict;
  }

  /** Who changes something else in the file does not get a full bucket again. */
  #limiterOf({ rateLimit }: WebConfig): RateLimiter | undefined {
    const { of } = this.#limiter;
    if (rateLimit?.burst === of?.burst && rateLimit?.intervalMs === of?.intervalMs) return this.#limiter.limiter;
    this.#limiter = { of: rateLimit, limiter: rateLimit && new RateLimiter(rateLimit, this.#options.now) };
    return this.#limiter.limiter;
  }
}

async function orBusy(judged: Promise<Verdict>, patienceMs: number): Promise<Verdict> {
  const late = new AbortController();
  const patience = wait<Verdict>(patienceMs, 'busy', { signal: late.signal }).catch((): Verdict => 'busy');
  const verdict = await Promise.race([judged, patience]);
  late.abort();
  return verdict;
}

function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  message: string,
  headers: Readonly<Record<string, string>>,
): void {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = request.headers;
  // Nobody reads the body of a request that is refused.
  const hasBody = length !== '0' || encoding !== undefined;
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'X-Content-Type-Options': 'nosniff',
    ...headers,
    ...(hasBody && { Connection: 'close' }),
  });
  response.end(`${message}\n`);
}
