import type { Context } from 'koa';
import { toSeconds } from '../../core/duration.ts';
import type { ProbeResult } from '../../core/result.ts';
import { renderFleet, type Views } from '../../exposition/fleet.ts';
import { ending, FORMATS, type Format } from '../../exposition/text.ts';
import type { Target } from '../../probe/spec.ts';
import type { TargetState } from '../../probe/state.ts';
import { scrapeWindow } from '../budget.ts';
import { chooseFormat } from '../negotiate.ts';
import { sendPieces } from '../respond.ts';
import { admit, RequestProblem, type Services } from '../services.ts';
import { askedShard } from '../shard.ts';
import { findTarget } from '../target-index.ts';

const PARTS = ['exporter', 'targets'];

/** GET /metrics: probes every configured target now, or those asked for, and exposes the results with the exporter's own metrics. */
export async function metrics(ctx: Context, services: Services): Promise<void> {
  const query = new URLSearchParams(ctx.querystring);
  // A label cannot be called __param_collect[], so service discovery spells it without the brackets.
  const parts = new Set([...query.getAll('collect[]'), ...query.getAll('collect')]);
  refuseUnknown('collect[]', [...parts], (part) => PARTS.includes(part), PARTS.join(' or '));
  const format = chooseFormat(ctx.get('accept'));
  const windowMs = scrapeWindow(ctx.headers, services.timeoutOffsetMs);
  const targets = select(query, services);
  const views = parts.size === 0 || parts.has('targets') ? await probeAll(ctx, targets, windowMs, services) : undefined;
  const own = parts.size === 0 || parts.has('exporter');
  sendPieces(ctx, FORMATS[format], pieces(views, own, format, services));
}

async function* pieces(
  views: Views | undefined,
  own: boolean,
  format: Format,
  { self }: Services,
): AsyncGenerator<string> {
  if (views !== undefined) yield* renderFleet(views, format);
  if (own) yield await self.render(format);
  yield ending(format);
}

/** The targets that ?shard=, ?group= and ?target= leave: of the shard, of any of the groups, with any of the names or addresses. */
function select(query: URLSearchParams, services: Services): readonly Target[] {
  const targets = services.indexes.inShard(services.config(), askedShard(query));
  const index = services.indexes.of(services.config());
  const wantedGroups = query.getAll('group');
  const wanted = query.getAll('target');
  refuseUnknown('group', wantedGroups, (group) => index.groups.has(group), 'the name of a configured group');
  refuseUnknown(
    'target',
    wanted,
    (text) => findTarget(index, text) !== undefined,
    'the name or address of a configured target',
  );
  if (wantedGroups.length === 0 && wanted.length === 0) return targets;
  const inGroups = new Set(wantedGroups);
  const names = new Set(wanted.filter((text) => index.byName.has(text)));
  const addresses = new Set(wanted.filter((text) => !names.has(text)).map((text) => findTarget(index, text)?.address));
  return targets.filter(
    ({ group, name, address }) =>
      (inGroups.size === 0 || inGroups.has(group)) &&
      (wanted.length === 0 || names.has(name) || addresses.has(address)),
  );
}

function refuseUnknown(
  parameter: string,
  values: readonly string[],
  known: (value: string) => boolean,
  right: string,
): void {
  const unknown = values.find((value) => !known(value));
  if (unknown === undefined) return;
  throw new RequestProblem(400, `${parameter}=${JSON.stringify(unknown.slice(0, 80))} is unknown: it must be ${right}`);
}

async function probeAll(
  ctx: Context,
  targets: readonly Target[],
  windowMs: number,
  services: Services,
): Promise<Views> {
  admit(ctx, targets.length, services);
  const { clock, fleet, blocks, self } = services;
  const began = clock.now();
  const { results, states, cutShort } = await fleet.round(targets, { windowMs, policy: services.config().policy });
  const latencyError = results.reduce((worst, { latencyErrorMs }) => Math.max(worst, latencyErrorMs), 0);
  self.observeScrape({ seconds: (clock.now() - began) / 1000, cutShort, latencyErrorSeconds: toSeconds(latencyError) });
  const at = (i: number) => targets[i] as Target;
  return {
    size: targets.length,
    labels: (i) => blocks.of(at(i)),
    view: (i) => ({
      result: results[i] as ProbeResult,
      configured: { target: at(i), state: states[i] as TargetState },
    }),
  };
}
