import type { Context } from 'koa';
import { showsCertificate } from '../../net/server-tls.ts';
import type { Target } from '../../probe/spec.ts';
import type { States } from '../../probe/state.ts';
import { basicLogin } from '../basic-login.ts';
import { renderStatus, STATUS_POLICY } from '../pages/status/page.ts';
import { readQuery } from '../pages/status/query.ts';
import { type Row, standingOf } from '../pages/status/rows.ts';
import type { Self } from '../pages/status/snippet.ts';
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
  const self = selfOf(ctx, services);
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

/** Whoever got here has shown what Prometheus has to show as well. */
function selfOf(ctx: Context, { externalUrl }: Services): Self {
  const login = basicLogin(ctx.get('authorization'));
  return {
    address: externalUrl?.host ?? ctx.host,
    scheme: externalUrl?.protocol.slice(0, -1) ?? ctx.protocol,
    ...(login && { user: login.user }),
    hasCertificate: showsCertificate(ctx.req.socket),
  };
}
