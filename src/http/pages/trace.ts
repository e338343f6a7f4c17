import { formatEndpoint } from '../../core/endpoint.ts';
import { PHASES, REASONS } from '../../core/reason.ts';
import { isExporterError, type ProbeResult } from '../../core/result.ts';
import type { View } from '../../exposition/families.ts';
import type { ProbeRequest } from '../../probe/fleet.ts';
import { brokenLayer, brokenText, type Layer } from '../../probe/layers.ts';
import { maintenanceAt, maintenanceText } from '../../probe/maintenance.ts';
import type { ProbeSpec } from '../../probe/spec.ts';

/** What ?debug=true answers: what was asked, what happened in which phase, what to look at, and the metrics as they would have been. */
export function renderTrace(request: ProbeRequest, view: View, metrics: string): string {
  return [...asked(request, view), '', ...happened(view), '', 'Metrics that would have been returned:', metrics].join(
    '\n',
  );
}

function asked({ spec }: ProbeRequest, { result, configured }: View): string[] {
  const target = configured?.target;
  const planned = maintenanceAt(target?.maintenance ?? [], result.startedAt);
  return [
    `Probe of ${formatEndpoint(spec.endpoint)}${spec.resource ?? ''}${target === undefined ? '' : ` (configured as ${JSON.stringify(target.name)}, group ${target.group})`}`,
    `check: ${checkOf(spec)}; budget ${ms(result.budgetMs)}; prefers IPv${spec.family.prefer}${spec.family.fallback ? ', else the other' : ' only'}`,
    `started: ${new Date(result.startedAt).toISOString()}`,
    ...(planned === undefined ? [] : [maintenanceText(planned)]),
  ];
}

/** "connect, then TLS as db.example.com, then postgresql". */
function checkOf({ tls, use, expect }: ProbeSpec): string {
  const as = tls?.serverName === undefined ? '' : ` as ${tls.serverName}`;
  const how = {
    direct: 'then TLS',
    starttls: 'TLS by STARTTLS',
    offered: 'TLS where the server offers it',
    later: 'TLS where a redirect asks for it',
  };
  const secured = tls === undefined ? [] : [`${how[tls.how ?? 'direct']}${as}`];
  const spoken =
    use === undefined ? [] : [use.courtesy ? `leaving as ${use.check.name} does` : `then ${use.check.name}`];
  return [expect === 'closed' ? 'connect, which should fail' : 'connect', ...secured, ...spoken].join(', ');
}

function happened({ result, configured }: View): string[] {
  const { failure, closed, address, phases, tls, service, notes = [] } = result;
  const lines = PHASES.flatMap((phase) =>
    phases[phase] === undefined ? [] : [`${phase}: ok in ${ms(phases[phase])}`],
  );
  if (address !== undefined)
    lines.unshift(`address: ${address.text}${result.staleAddress ? ' (the resolver failed: its last answer)' : ''}`);
  if (tls !== undefined)
    lines.push(
      `tls: ${tls.version}, ${tls.cipher}, certificate of ${JSON.stringify(tls.certificate?.subject ?? 'nobody')}`,
    );
  if (service !== undefined)
    lines.push(
      `service: version ${JSON.stringify(service.version ?? '')}, state ${JSON.stringify(service.state ?? '')}`,
    );
  lines.push(...notes.map((note) => `did: ${note}`));
  if (closed !== undefined)
    lines.push(`result: closed, as it should be (${closed.reason}) in ${ms(result.durationMs)}`);
  else if (failure === undefined) lines.push(`result: up in ${ms(result.durationMs)}`);
  else {
    lines.push(`result: ${failure.reason} in phase ${failure.phase} after ${ms(result.durationMs)}`);
    lines.push(...brokenAt(result, configured?.target.layers));
    lines.push(`detail: ${JSON.stringify(failure.detail)}`, `look at: ${REASONS[failure.reason]}`);
  }
  if (configured?.state.up === false) lines.push(`failed checks in a row: ${configured.state.consecutiveFailures}`);
  return lines;
}

/** As `check` says it; a fault of our own says nothing about layers. */
function brokenAt(result: ProbeResult, layers: readonly Layer[] = []): string[] {
  const layer = isExporterError(result) ? undefined : brokenLayer(result, layers);
  return layer === undefined ? [] : [brokenText(layer)];
}

function ms(value: number): string {
  return `${value.toFixed(3)} ms`;
}
