import type { Context } from 'koa';
import type { Target } from '../../probe/spec.ts';
import type { States } from '../../probe/state.ts';
import { renderStatus, STATUS_POLICY } from '../pages/status/page.ts';
import { readQuery } from '../pages/status/query.ts';
import { type Row, standingOf } from '../pages/status/rows.ts';
import { sendPieces } from '../respond.ts';
import type { Services } from '../services.ts';

/** GET /: what is down, why, and since when, of the last results. Probes nothing. */
export function status(ctx: Context, services: Services): void {
  const { config, states, clock, version, externalUrl, routePrefix } = services;
  const query = readQuery(ctx.querystring);
  // Beside one that is configured, not instead of it: browsers keep to both.
  ctx.append('Content-Security-Policy', STATUS_POLICY);
  ctx.set('Cache-Control', 'no-store');
  ctx.set('Referrer-Policy', 'no-referrer');
  const self = { address: externalUrl?.host ?? ctx.host, scheme: externalUrl?.protocol.slice(0, -1) ?? ctx.protocol };
  const prefix = externalUrl?.pathname.replace(/\/+$/, '') ?? routePrefix;
  const view = { rows: rowsOf(config().targets, states), query, now: clock.epoch(), version, prefix, self };
  sendPieces(ctx, 'text/html; charset=utf-8', renderStatus(view));
}

/** One by one, as they are asked for: ten thousand at once are a pause of the loop. */
function* rowsOf(targets: readonly Target[], states: States): Generator<Row> {
  for (const target of targets) {
    const state = states.of(target);
    yield { target, state, standing: standingOf(state), outcomes: () => states.outcomes(target) };
  }
}
