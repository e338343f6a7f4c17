import type { Context } from 'koa';
import { type Place, parseAddress, parsePlace } from '../../checks/address.ts';
import { serviceByName, serviceByPort } from '../../checks/registry.ts';
import { suggestion } from '../../config/nearest.ts';
import { toSeconds } from '../../core/duration.ts';
import { isSocketPath } from '../../core/endpoint.ts';
import { parseIp } from '../../core/ip.ts';
import type { ProbeResult } from '../../core/result.ts';
import { renderOne } from '../../exposition/fleet.ts';
import { ending, FORMATS } from '../../exposition/text.ts';
import { courtesyOf } from '../../probe/courtesy.ts';
import type { ProbeRequest } from '../../probe/fleet.ts';
import type { Policy } from '../../probe/policy.ts';
import { type Module, type ProbeSpec, startsInTls, type Target, tlsTowards, transportOf } from '../../probe/spec.ts';
import { UNKNOWN } from '../../probe/state.ts';
import { scrapeWindow } from '../budget.ts';
import { chooseFormat } from '../negotiate.ts';
import { renderTrace } from '../pages/trace.ts';
import { sendText } from '../respond.ts';
import { admit, RequestProblem, type Services, single } from '../services.ts';
import { findTarget } from '../target-index.ts';

const DEFAULT_MODULE = 'tcp_connect';
/** What a module without a timeout gets when the scraper does not say how long it waits; ms. */
const DEFAULT_TIMEOUT_MS = 9500;
/** A URL with a long path. */
const LONGEST_TARGET = 2400;
const FORM = ' (tcp_connect, tls_connect, the name of a service, or a module of the configuration)';

/** GET /probe?target=T: probes one target now, configured or any that the policy allows. */
export async function probe(ctx: Context, services: Services): Promise<void> {
  const query = new URLSearchParams(ctx.querystring);
  const windowMs = scrapeWindow(ctx.headers, services.timeoutOffsetMs);
  const request = readRequest(query, services);
  const { policy } = services.config();
  if (!('name' in request)) refuseEarly(request.spec, services);
  admit(ctx, 1, services);
  const { results, states } = await services.fleet.round([request], { windowMs, policy });
  const [result] = results;
  const [state = UNKNOWN] = states;
  if (result === undefined) throw new Error('a round of one probe has no result');
  services.self.observeLatencyError(toSeconds(result.latencyErrorMs));
  if (isRefused(result) && !('name' in request)) throw new RequestProblem(403, result.failure?.detail ?? '');
  const view = 'name' in request ? { result, configured: { target: request, state } } : { result, spec: request.spec };
  const format = chooseFormat(ctx.get('accept'));
  const debug = query.get('debug') === 'true';
  if (debug) sendText(ctx, FORMATS.text, renderTrace(request, view, renderOne(view, 'text')));
  else sendText(ctx, FORMATS[format], renderOne(view, format) + ending(format));
}

function readRequest(query: URLSearchParams, services: Services): ProbeRequest {
  const text = single(query, 'target');
  if (text === undefined || text === '')
    throw new RequestProblem(400, 'target is missing: ask for /probe?target=host:port');
  if (text.length > LONGEST_TARGET)
    throw new RequestProblem(400, `target is longer than ${LONGEST_TARGET} characters: write host:port`);
  const moduleName = single(query, 'module');
  const hostname = single(query, 'hostname');
  const configured = findTarget(services.indexes.of(services.config()), text);
  if (configured !== undefined && moduleName === undefined && hostname === undefined) return configured;
  if (configured !== undefined && moduleName === undefined) return { spec: named(configured.spec, hostname) };
  return { spec: named(moduleSpec(text, configured, moduleName, services), hostname) };
}

/** The module asked for; without one, that of the service where the address says which (redis://cache). */
function moduleSpec(
  text: string,
  configured: Target | undefined,
  asked: string | undefined,
  services: Services,
): ProbeSpec {
  const module = moduleOf(asked ?? schemeOf(text, services) ?? DEFAULT_MODULE, services);
  const place = configured === undefined ? placeOf(text, module) : placeOfTarget(configured);
  const { name: _, defaultPort: _port, timeoutMs = DEFAULT_TIMEOUT_MS, tls: written, ...how } = module;
  const tls = tlsTowards(written, place.inTls);
  // A service that holds silence against its clients is left with a word, whoever asks for the connect.
  const silent = how.use === undefined && tls === undefined;
  const { endpoint, resource } = place;
  const courtesy = silent ? courtesyOf(serviceByName(serviceByPort(endpoint.port))?.check) : {};
  return { endpoint, timeoutMs, ...how, ...(tls && { tls }), ...(resource !== undefined && { resource }), ...courtesy };
}

function moduleOf(name: string, services: Services): Module {
  const { modules } = services.config();
  const module = modules.get(name);
  if (module !== undefined) return module;
  const shown = JSON.stringify(name.slice(0, 80));
  const why = `there is none of that name${suggestion(name, [...modules.keys()])}${FORM}`;
  throw new RequestProblem(400, `module ${shown} cannot be used: ${why}`);
}

/** What an address begins with, where that is the name of a module. */
function schemeOf(text: string, services: Services): string | undefined {
  const scheme = /^([a-z][a-z0-9-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  return scheme !== undefined && services.config().modules.has(scheme) ? scheme : undefined;
}

function placeOf(text: string, { use, defaultPort }: Module): Place {
  const read = parsePlace(text, use?.check, defaultPort);
  if (!read.ok) throw new RequestProblem(400, read.problem);
  return read.value;
}

function placeOfTarget({ spec: { endpoint, resource, tls } }: Target): Place {
  return { endpoint, inTls: startsInTls(tls), ...(resource !== undefined && { resource }) };
}

/** ?hostname=: the name that TLS asks for and checks, and whom HTTP asks. Where there is neither, there is nothing to name. */
function named(spec: ProbeSpec, hostname: string | undefined): ProbeSpec {
  if (hostname === undefined) return spec;
  const read = parseAddress(`${hostname}:1`);
  const plain = read.ok && read.value.service === undefined && parseIp(read.value.endpoint.host) === undefined;
  if (!plain) throw new RequestProblem(400, 'hostname must be a DNS name, such as shop.example.com');
  const { host } = read.value.endpoint;
  const { tls, use } = spec;
  const options = use?.check.named?.(use.options, host);
  return {
    ...spec,
    ...(tls && { tls: { ...tls, serverName: tls.serverName ?? host } }),
    ...(use !== undefined && options !== undefined && { use: { ...use, options } }),
  };
}

/** Whether the policy refuses the target itself: where it then sends us to is an answer of the target's. */
function isRefused({ failure, phases }: ProbeResult): boolean {
  return failure?.reason === 'policy_denied' && phases.connect === undefined;
}

/** Refuses before anything is resolved or dialled what no rule could allow. Names that may resolve to an allowed address go on. */
function refuseEarly(spec: ProbeSpec, services: Services): void {
  if (mayGoOn(spec, services.config().policy)) return;
  const { host, port } = spec.endpoint;
  const what = port === 0 ? host : `${host} port ${port}`;
  throw new RequestProblem(403, `the target policy refuses ${what}: list it under probe.allow`);
}

function mayGoOn(spec: ProbeSpec, policy: Policy): boolean {
  const { endpoint } = spec;
  const literal = parseIp(endpoint.host);
  if (literal !== undefined) return policy.allows(endpoint, literal);
  const isResolved = !isSocketPath(endpoint) && transportOf(spec) !== 'unresolved';
  return isResolved ? policy.mayResolve(endpoint) : policy.allowsName(endpoint);
}
