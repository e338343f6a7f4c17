import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import Koa, { type Context } from 'koa';
import type { Logger } from '../core/log.ts';
import { FORMATS } from '../exposition/text.ts';
import { clientOf } from '../http/clients.ts';
import { chooseFormat } from '../http/negotiate.ts';
import { sendText } from '../http/respond.ts';
import { Seldom } from '../http/seldom.ts';
import type { Bridge, Result, Route } from './bridge.ts';
import type { SmsConfig } from './config.ts';
import type { RequestResult, SmsMetrics } from './metrics.ts';
import { MalformedNotification, type Notification, readNotification } from './notification.ts';
import { SecretProblem } from './secret.ts';

export type SmsServices = {
  readonly config: Pick<SmsConfig, 'bearerToken' | 'recipients' | 'receivers'>;
  readonly bridge: Bridge;
  readonly metrics: SmsMetrics;
  readonly log: Logger;
  /** Milliseconds, from any start. */
  readonly now: () => number;
};

/** The request is refused. The message is one line that says what would be right. */
class Refusal extends Error {
  readonly status: number;
  readonly result: RequestResult;

  constructor(status: number, message: string, result: RequestResult = 'invalid') {
    super(message);
    this.name = 'Refusal';
    this.status = status;
    this.result = result;
  }
}

type Handler = (ctx: Context, services: SmsServices, refused: Seldom) => Promise<void> | void;

const PLAIN = 'text/plain; charset=utf-8';
const REFUSED = 'request refused';
/** Thousands of alerts with long annotations. */
const MOST_BYTES = 4 * 1024 * 1024;

/** Alertmanager tries again after 5xx, and gives up after anything else. */
const STATUS: Readonly<Record<Result, number>> = {
  delivered: 200,
  duplicate: 200,
  partial: 200,
  retry: 503,
  refused: 422,
};

const ROUTES = new Map<string, { readonly methods: readonly string[]; readonly handler: Handler }>([
  ['/alertmanager', { methods: ['POST'], handler: alertmanager }],
  ['/metrics', { methods: ['GET', 'HEAD'], handler: metrics }],
  [
    '/-/healthy',
    { methods: ['GET', 'HEAD'], handler: (ctx) => sendText(ctx, PLAIN, 'port-exporter sms is healthy.\n') },
  ],
  ['/-/ready', { methods: ['GET', 'HEAD'], handler: (ctx) => sendText(ctx, PLAIN, 'port-exporter sms is ready.\n') }],
]);

/** Whether a request is judged by its bearer token: it has but one Authorization header, so it can bring no user and password. */
export function hasOwnLogin({ url = '' }: Pick<IncomingMessage, 'url'>): boolean {
  return url === '/alertmanager' || url.startsWith('/alertmanager?');
}

/** The web side of the bridge. */
export function createSmsApp(services: SmsServices): Koa {
  const app = new Koa();
  const refused = new Seldom(REFUSED, services.log, services.now, 'error');
  app.use((ctx) => answer(ctx, services, refused));
  app.on('error', (error: NodeJS.ErrnoException) => {
    // An Alertmanager that went away while we answered comes back by itself.
    if (error.code === 'EPIPE' || error.code === 'ECONNRESET') return;
    services.log.error('request failed', { error: error.stack ?? String(error) });
  });
  return app;
}

async function answer(ctx: Context, services: SmsServices, refused: Seldom): Promise<void> {
  ctx.set('X-Content-Type-Options', 'nosniff');
  try {
    // Koa cannot read the path of such a request.
    if (!URL.canParse(ctx.url, 'http://bridge'))
      throw new Refusal(400, 'the request is for no path: Alertmanager posts to /alertmanager');
    const route = ROUTES.get(ctx.path);
    if (route === undefined)
      throw new Refusal(
        404,
        `nothing is at ${JSON.stringify(ctx.path.slice(0, 80))}: Alertmanager posts to /alertmanager`,
      );
    if (!route.methods.includes(ctx.method)) {
      ctx.set('Allow', route.methods.join(', '));
      throw new Refusal(405, `${ctx.path} takes ${route.methods.join(' and ')} only`);
    }
    await route.handler(ctx, services, refused);
  } catch (error) {
    ctx.type = PLAIN;
    if (error instanceof Refusal) {
      ctx.status = error.status;
      ctx.body = `${error.message}\n`;
      return;
    }
    services.log.error('request failed', {
      url: ctx.url.slice(0, 200),
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
    ctx.status = 500;
    ctx.body = 'the bridge failed: see its log\n';
  }
}

function metrics(ctx: Context, { metrics: own }: SmsServices): void {
  const format = chooseFormat(ctx.get('accept'));
  sendText(ctx, FORMATS[format], own.render(format));
}

/** POST /alertmanager: one SMS to each recipient, or the reason why not. */
async function alertmanager(ctx: Context, services: SmsServices, refused: Seldom): Promise<void> {
  try {
    authorize(ctx, services);
    const notification = parse(await readBody(ctx));
    const route = routeOf(ctx, notification, services);
    const { result, summary, retryAfterMs } = await services.bridge.notify(notification, route);
    services.metrics.request(result);
    if (retryAfterMs !== undefined) ctx.set('Retry-After', String(Math.ceil(retryAfterMs / 1000)));
    ctx.status = STATUS[result];
    ctx.type = PLAIN;
    ctx.body = `${summary}\n`;
  } catch (error) {
    if (!(error instanceof Refusal)) {
      services.metrics.request('retry');
      throw error;
    }
    services.metrics.request(error.result);
    await drain(ctx);
    const { status, message: reason } = error;
    const fields = { status, reason, client: ctx.ip };
    // Strangers get no further than the token: what is wrong with a notification of Alertmanager's is always said.
    if (error.result === 'invalid') services.log.error(REFUSED, fields);
    else refused.say(fields, `${status} ${clientOf(ctx.ip)}`);
    throw error;
  }
}

function authorize(ctx: Context, { config }: SmsServices): void {
  const given = /^Bearer +(.+)$/i.exec(ctx.get('authorization'))?.[1] ?? '';
  if (sameText(given, expectedToken(config))) return;
  ctx.set('WWW-Authenticate', 'Bearer realm="port-exporter sms"');
  throw new Refusal(
    401,
    'the bearer token is missing or wrong: Alertmanager has it in http_config.authorization.credentials_file',
    'unauthorized',
  );
}

function expectedToken({ bearerToken }: SmsServices['config']): string {
  try {
    return bearerToken.read();
  } catch (error) {
    // Not the fault of Alertmanager: it is to come again.
    if (error instanceof SecretProblem) throw new Refusal(503, error.message, 'retry');
    throw error;
  }
}

/** Takes as long wherever the texts differ. */
function sameText(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

async function readBody({ req }: Context): Promise<string> {
  const tooLong = new Refusal(413, `the body is longer than ${MOST_BYTES} bytes: set max_alerts in Alertmanager`);
  if (Number(req.headers['content-length'] ?? 0) > MOST_BYTES) throw tooLong;
  const encoding = req.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity')
    throw new Refusal(415, `the body is packed with ${JSON.stringify(encoding.slice(0, 20))}: send it as it is`);
  const endedEarly = new Refusal(400, 'the body ended early');
  const chunks: Buffer[] = [];
  let length = 0;
  // Not for await: it would destroy the request, and with it the connection that the refusal is sent on.
  await new Promise<void>((resolve, reject) => {
    req.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= MOST_BYTES) chunks.push(chunk);
      else reject(tooLong);
    });
    req.on('end', resolve);
    req.on('error', () => reject(endedEarly));
    req.on('close', () => reject(endedEarly));
  });
  return decode(Buffer.concat(chunks));
}

/** Reads what is left of a refused body, within bounds: many clients read no answer before they have sent everything. */
function drain({ req }: Context): Promise<void> {
  return new Promise((resolve) => {
    if (req.complete || req.destroyed) resolve();
    let length = 0;
    req.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > 4 * MOST_BYTES) resolve();
    });
    req.on('end', resolve).on('close', resolve);
  });
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Refusal(400, 'the body is not UTF-8');
  }
}

function parse(body: string): Notification {
  try {
    return readNotification(body);
  } catch (error) {
    if (error instanceof MalformedNotification) throw new Refusal(400, error.message);
    throw error;
  }
}

/** Who gets it: ?to= wins, then the receiver of Alertmanager when it is configured here, then everybody else's recipients. */
function routeOf(ctx: Context, { receiver }: Notification, { config }: SmsServices): Route {
  const asked = new URLSearchParams(ctx.querystring).getAll('to');
  if (asked.length > 1) throw new Refusal(400, 'to is given twice: name one receiver');
  const name = asked[0] ?? receiver;
  const recipients = config.receivers.get(name);
  if (recipients !== undefined) return { name, recipients };
  if (asked.length === 0 && config.recipients !== undefined) return { name: '', recipients: config.recipients };
  const known = [...config.receivers.keys()].join(', ') || 'there are none';
  throw new Refusal(400, `${JSON.stringify(name.slice(0, 80))} is not a configured receiver (known: ${known})`);
}
