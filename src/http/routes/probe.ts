import type { Context } from 'koa';
import { parseAddress } from '../../checks/address.ts';
import { serviceByName, serviceByPort } from '../../checks/registry.ts';
import { suggestion } from '../../config/nearest.ts';
import type { Address } from '../../core/endpoint.ts';
import { parseIp } from '../../core/ip.ts';
import { toSeconds } from '../../exposition/families.ts';
import { renderOne } from '../../exposition/fleet.ts';
import { ending, FORMATS } from '../../exposition/text.ts';
import { courtesyOf } from '../../probe/courtesy.ts';
import type { ProbeRequest } from '../../probe/fleet.ts';
import type { ProbeSpec, Target } from '../../probe/spec.ts';
import { UNKNOWN } from '../../probe/state.ts';
import { scrapeWindow } from '../budget.ts';
import { chooseFormat } from '../negotiate.ts';
import { renderTrace } from '../pages/trace.ts';
import { sendText } from '../respond.ts';
import { RequestProblem, type Services } from '../services.ts';
import { findTarget } from '../target-index.ts';

const DEFAULT_MODULE = 'tcp_connect';
/** What a module without a timeout gets when the scraper does not say how long it waits; ms. */
const DEFAULT_TIMEOUT_MS = 9500;
const LONGEST_TARGET = 512;
const FORM = ' (tcp_connect, tls_connect, the name of a service, or a module of the configuration)';

/** GET /probe?target=T: probes one target now, configured or any that the policy allows. */
export async function probe(ctx: Context, services: Services): Promise<void> {
  const query = new URLSearchParams(ctx.querystring);
  const windowMs = scrapeWindow(ctx.headers, services.timeoutOffsetMs);
  const request = readRequest(query, services);
  const { policy } = services.config();
  if (!('name' in request)) refuseEarly(request.spec, services);
  const { results, states } = await services.fleet.round([request], { windowMs, policy });
  const [result] = results;
  const [state = UNKNOWN] = states;
  if (result === undefined) throw new Error('a round of one probe has no result');
  services.self.observeLatencyError(toSeconds(result.latencyErrorMs));
  if (result.failure?.reason === 'policy_denied' && !('name' in request))
    throw new RequestProblem(403, result.failure.detail);
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

function single(query: URLSearchParams, name: string): string | undefined {
  const values = query.getAll(name);
  if (values.length > 1) throw new RequestProblem(400, `${name} is given ${values.length} times: /probe takes one`);
  return values[0];
}

/** The module asked for; without one, that of the service where the address says which (redis://cache). */
function moduleSpec(
  text: string,
  configured: Target | undefined,
  asked: string | undefined,
  services: Services,
): ProbeSpec {
  const { modules } = services.config();
  const defaultPort = asked === undefined ? undefined : modules.get(asked)?.defaultPort;
  const address = configured === undefined ? addressOf(text, defaultPort) : undefined;
  const name =
    asked ?? (address?.service !== undefined && modules.has(address.service) ? address.service : DEFAULT_MODULE);
  const module = modules.get(name);
  if (module === undefined) {
    const shown = JSON.stringify(name.slice(0, 80));
    const why = `there is none of that name${suggestion(name, [...modules.keys()])}${FORM}`;
    throw new RequestProblem(400, `module ${shown} cannot be used: ${why}`);
  }
  const { name: _, defaultPort: _port, timeoutMs = DEFAULT_TIMEOUT_MS, ...how } = module;
  const endpoint = configured?.spec.endpoint ?? address?.endpoint;
  if (endpoint === undefined) throw new Error('neither configured nor an address');
  // A service that holds silence against its clients is left with a word, whoever asks for the connect.
  const silent = how.use === undefined && how.tls === undefined;
  const courtesy = silent ? courtesyOf(serviceByName(serviceByPort(endpoint.port))?.check) : {};
  return { endpoint, timeoutMs, ...how, ...courtesy };
}

/** With a default port a host alone will do, an IPv6 address without its brackets too. */
function addressOf(text: string, defaultPort: number | undefined): Address {
  const isBare = defaultPort !== undefined && parseIp(text)?.family === 6;
  const read = parseAddress(isBare ? `[${text}]` : text, defaultPort);
  if (!read.ok) throw new RequestProblem(400, read.problem);
  return read.value;
}

/** ?hostname=: the name that TLS asks for and checks. Without TLS there is nothing to name. */
function named(spec: ProbeSpec, hostname: string | undefined): ProbeSpec {
  if (hostname === undefined || spec.tls === undefined) return spec;
  const read = parseAddress(`${hostname}:1`);
  const plain = read.ok && read.value.service === undefined && parseIp(read.value.endpoint.host) === undefined;
  if (!plain) throw new RequestProblem(400, 'hostname must be a DNS name, such as shop.example.com');
  return { ...spec, tls: { ...spec.tls, serverName: read.value.endpoint.host } };
}

/** Refuses before anything is resolved or dialled what no rule could allow. Names that may resolve to an allowed address go on. */
function refuseEarly(spec: ProbeSpec, services: Services): void {
  const { policy } = services.config();
  const { host, port } = spec.endpoint;
  const literal = parseIp(host);
  const allowed = literal === undefined ? policy.mayResolve(spec.endpoint) : policy.allows(spec.endpoint, literal);
  if (!allowed)
    throw new RequestProblem(403, `the target policy refuses ${host} port ${port}: list it under probe.allow`);
}
