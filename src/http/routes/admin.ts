import type { Context } from 'koa';
import { formatProblem } from '../../config/config.ts';
import { sendText } from '../respond.ts';
import type { Services } from '../services.ts';

const PLAIN = 'text/plain; charset=utf-8';

/** GET /-/healthy: the process answers. */
export function healthy(ctx: Context): void {
  sendText(ctx, PLAIN, 'port-exporter is healthy.\n');
}

/** GET /-/ready: it has a configuration and can be scraped; it does not listen before. */
export function ready(ctx: Context): void {
  sendText(ctx, PLAIN, 'port-exporter is ready.\n');
}

/** POST /-/reload: the new configuration as a whole, or 500 with every problem and the old one. */
export async function reload(ctx: Context, services: Services): Promise<void> {
  const { ok, problems } = await services.reload();
  ctx.status = ok ? 200 : 500;
  const lines = problems.map((problem) => `${formatProblem(problem)}\n`).join('');
  sendText(
    ctx,
    PLAIN,
    ok ? 'configuration reloaded\n' : `the running configuration stays: the new one cannot be used\n${lines}`,
  );
}

/** GET /config: what is in force, every default written out. */
export function effectiveConfig(ctx: Context, services: Services): void {
  sendText(ctx, PLAIN, services.config().effective);
}
