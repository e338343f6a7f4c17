import type { Context } from 'koa';
import { renderStatus, STATUS_POLICY } from '../pages/status.ts';
import { sendPieces } from '../respond.ts';
import type { Services } from '../services.ts';

/** GET /: what is down, why, and since when, of the last results. Probes nothing. */
export function status(ctx: Context, { config, states, clock, version, externalUrl, routePrefix }: Services): void {
  // Beside one that is configured, not instead of it: browsers keep to both.
  ctx.append('Content-Security-Policy', STATUS_POLICY);
  ctx.set('Cache-Control', 'no-store');
  const rows = config().targets.map((target) => ({ target, state: states.of(target) }));
  const prefix = externalUrl?.pathname.replace(/\/+$/, '') ?? routePrefix;
  sendPieces(ctx, 'text/html; charset=utf-8', renderStatus({ rows, now: clock.epoch(), version, prefix }));
}
