import { formatEndpoint } from '../../core/endpoint.ts';
import { PHASES, REASONS } from '../../core/reason.ts';
import type { View } from '../../exposition/families.ts';
import type { ProbeRequest } from '../../probe/fleet.ts';

/** What ?debug=true answers: what was asked, what happened in which phase, what to look at, and the metrics as they would have been. */
export function renderTrace(request: ProbeRequest, view: View, metrics: string): string {
  return [...asked(request, view), '', ...happened(view), '', 'Metrics that would have been returned:', metrics].join(
    '\n',
  );
}

function asked({ spec }: ProbeRequest, { result, configured }: View): string[] {
  const tls = spec.tls ? `, then TLS${spec.tls.serverName === undefined ? '' : ` as ${spec.tls.serverName}`}` : '';
  const target = configured?.target;
  return [
    `Probe of ${formatEndpoint(spec.endpoint)}${target === undefined ? '' : ` (configured as ${JSON.stringify(target.name)}, group ${target.group})`}`,
    `check: connect${tls}; budget ${ms(result.budgetMs)}; prefers IPv${spec.family.prefer}${spec.family.fallback ? ', else the other' : ' only'}`,
    `started: ${new Date(result.startedAt).toISOString()}`,
  ];
}

function happened({ result, configured }: View): string[] {
  const { failure, address, phases, tls } = result;
  const lines = PHASES.flatMap((phase) =>
    phases[phase] === undefined ? [] : [`${phase}: ok in ${ms(phases[phase])}`],
  );
  if (address !== undefined)
    lines.unshift(`address: ${address.text}${result.staleAddress ? ' (the resolver failed: its last answer)' : ''}`);
  if (tls !== undefined)
    lines.push(
      `tls: ${tls.version}, ${tls.cipher}, certificate of ${JSON.stringify(tls.certificate?.subject ?? 'nobody')}`,
    );
  if (failure === undefined) lines.push(`result: up in ${ms(result.durationMs)}`);
  else {
    lines.push(`result: ${failure.reason} in phase ${failure.phase} after ${ms(result.durationMs)}`);
    lines.push(`detail: ${JSON.stringify(failure.detail)}`, `look at: ${REASONS[failure.reason]}`);
  }
  if (configured?.state.up === false) lines.push(`failed checks in a row: ${configured.state.consecutiveFailures}`);
  return lines;
}

function ms(value: number): string {
  return `${value.toFixed(3)} ms`;
}
