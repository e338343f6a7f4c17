import type { Context } from 'koa';
import { formatDuration } from '../../core/duration.ts';
import type { Target } from '../../probe/spec.ts';
import { sendPieces } from '../respond.ts';
import { RequestProblem, refuseUnknown, type Services } from '../services.ts';
import { askedShard } from '../shard.ts';

/** What a scrape may take beyond the probe and the offset: building and sending the answer, ms. */
const ANSWER_MS = 500;

/** Where Prometheus is to scrape: this exporter, as it is seen from outside. */
type Place = { readonly address: string; readonly scheme: string; readonly prefix: string };

/**
 * GET /sd: Prometheus HTTP service discovery. One entry per configured target, at its own interval, with its labels, and one for the
 * exporter itself; with ?shard=i/n only the targets of that shard. Source: Prometheus, "Writing HTTP service discovery".
 */
export function serviceDiscovery(ctx: Context, services: Services): void {
  const query = new URLSearchParams(ctx.querystring);
  // Whoever misspells it would have every exporter probe everything.
  refuseUnknown(query, ['shard'], '/sd takes shard, such as shard=0/3');
  const shard = askedShard(query);
  const targets = services.indexes.inShard(services.config(), shard);
  sendPieces(ctx, 'application/json; charset=utf-8', entries(targets, placeOf(ctx, services), services));
}

function* entries(targets: readonly Target[], place: Place, services: Services): Generator<string> {
  const { timeoutOffsetMs, location } = services;
  // `instance` stays the exporter's own address, so that a dead exporter is one alert and several exporters are several votes.
  const own = entry(place, '/metrics', { __param_collect: 'exporter', ...(location !== undefined && { location }) });
  yield `[${JSON.stringify(own)}`;
  for (const target of targets) yield `,\n${JSON.stringify(entryOf(target, place, timeoutOffsetMs))}`;
  yield ']\n';
}

function entryOf(target: Target, place: Place, offsetMs: number): object {
  const timeoutMs = Math.min(target.intervalMs, target.spec.timeoutMs + offsetMs + ANSWER_MS);
  return entry(place, '/probe', {
    __param_target: target.name,
    __scrape_interval__: formatDuration(target.intervalMs),
    __scrape_timeout__: formatDuration(timeoutMs),
    target: target.address,
    name: target.name,
    service: target.service,
    group: target.group,
    severity: target.severity,
    ...target.labels,
  });
}

function entry({ address, scheme, prefix }: Place, path: string, labels: Readonly<Record<string, string>>): object {
  return { targets: [address], labels: { __scheme__: scheme, __metrics_path__: `${prefix}${path}`, ...labels } };
}

/** The external URL where one is given; otherwise the host that Prometheus itself used to get here. */
function placeOf(ctx: Context, { externalUrl, routePrefix }: Services): Place {
  if (externalUrl !== undefined) {
    const scheme = externalUrl.protocol.slice(0, -1);
    const port = externalUrl.port || (scheme === 'https' ? '443' : '80');
    return { address: `${externalUrl.hostname}:${port}`, scheme, prefix: externalUrl.pathname.replace(/\/+$/, '') };
  }
  const host = ctx.get('host');
  if (!/^(?:\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::\d{1,5})?$/i.test(host)) {
    throw new RequestProblem(400, 'the Host header must be host or host:port; or set --web.external-url');
  }
  const port = ctx.protocol === 'https' ? 443 : 80;
  return { address: /:\d+$/.test(host) ? host : `${host}:${port}`, scheme: ctx.protocol, prefix: routePrefix };
}
