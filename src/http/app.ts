import Router from '@koa/router';
import Koa, { type Context, type Next } from 'koa';
import { FORMATS } from '../exposition/text.ts';
import { effectiveConfig, healthy, ready, reload } from './routes/admin.ts';
import { metrics } from './routes/metrics.ts';
import { probe } from './routes/probe.ts';
import { serviceDiscovery } from './routes/sd.ts';
import { status } from './routes/status.ts';
import { RequestProblem, type Services } from './services.ts';

type Handler = (ctx: Context, services: Services) => Promise<void> | void;

/** The web side: routes of the contract, errors mapped to one line each. */
export function createApp(services: Services): Koa {
  const app = new Koa();
  const { routePrefix } = services;
  const hot = new Map<string, Handler>([
    [`${routePrefix}/probe`, probe],
    [`${routePrefix}/metrics`, metrics],
  ]);
  app.use((ctx, next) => answerErrors(ctx, next, services));
  // Scrapes are matched before the router: its general matching costs as much as a probe.
  app.use((ctx, next) => {
    const handler = hot.get(ctx.path);
    if (handler !== undefined && ctx.method === 'GET') return handler(ctx, services);
    if (handler === undefined || ctx.method !== 'HEAD') return next();
    // Whoever does not want the answer does not want the targets probed for it.
    ctx.status = 200;
    ctx.type = FORMATS.text;
    return undefined;
  });
  const router = routes(services);
  app.use(router.routes());
  app.use(router.allowedMethods());
  app.on('error', (error: NodeJS.ErrnoException) => {
    // A client that went away while we answered is its own business.
    if (error.code === 'EPIPE' || error.code === 'ECONNRESET' || error.code === 'ERR_STREAM_PREMATURE_CLOSE') return;
    services.log.error('request failed', { error: error.stack ?? String(error) });
  });
  return app;
}

function routes(services: Services): Router {
  const router = new Router({ prefix: services.routePrefix });
  const gets: readonly [string, Handler][] = [
    ['/', status],
    ['/probe', probe],
    ['/metrics', metrics],
    ['/sd', serviceDiscovery],
    ['/config', effectiveConfig],
    ['/-/healthy', healthy],
    ['/-/ready', ready],
  ];
  for (const [path, handler] of gets) router.get(path, (ctx) => handler(ctx, services));
  router.post('/-/reload', (ctx) => reload(ctx, services));
  router.put('/-/reload', (ctx) => reload(ctx, services));
  return router;
}

async function answerErrors(ctx: Context, next: Next, { log, routePrefix }: Services): Promise<void> {
  ctx.set('X-Content-Type-Options', 'nosniff');
  try {
    if (!URL.canParse(ctx.url, 'http://exporter'))
      throw new RequestProblem(400, 'the request is for no path: ask for /metrics');
    refuseForeign(ctx);
    await next();
    refuseUnanswered(ctx, routePrefix);
  } catch (error) {
    ctx.type = 'text/plain; charset=utf-8';
    if (error instanceof RequestProblem) {
      ctx.status = error.status;
      ctx.body = `${error.message}\n`;
      return;
    }
    log.error('request failed', {
      url: ctx.url.slice(0, 200),
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
    ctx.status = 500;
    ctx.body = 'the exporter failed to answer: see its log\n';
  }
}

/** What a page of somebody else has a browser ask behind its user's back; a link that the user follows is not. Source: W3C, Fetch Metadata. */
function refuseForeign(ctx: Context): void {
  if (ctx.get('sec-fetch-site') !== 'cross-site') return;
  if (ctx.get('sec-fetch-mode') === 'navigate' && ctx.method === 'GET') return;
  throw new RequestProblem(403, 'a page of another site asks for this: open it in the browser yourself');
}

function refuseUnanswered(ctx: Context, prefix: string): void {
  const path = JSON.stringify(ctx.path.slice(0, 80));
  if (ctx.status === 405) throw new RequestProblem(405, `${path} takes ${ctx.response.get('allow')}`);
  if (ctx.status !== 404) return;
  const routes = ['/metrics', '/probe', '/sd'].map((route) => prefix + route).join(', ');
  throw new RequestProblem(404, `nothing is at ${path}: try ${routes} or ${prefix}/`);
}
