import { PHASES, REASONS } from '../core/reason.ts';
import type { ProbeResult, TlsFacts } from '../core/result.ts';
import type { State, Tally, Verdict } from './verdict.ts';

const UP: Readonly<Record<State, boolean | null>> = { UP: true, DOWN: false, FAULT: null };

/** The verdicts as JSON, in the order they were asked for. Field names are public: docs/command-line.md lists them. */
export function renderJson(verdicts: readonly Verdict[], tally: Tally): string {
  const document = {
    up: tally.up,
    down: tally.down,
    not_probed: tally.notProbed,
    duration_seconds: seconds(tally.tookMs),
    targets: verdicts.map(fieldsOf),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

/** Every field is there for every target; what does not apply is null. */
function fieldsOf({ target, result, state, layer, causes = [], maintenance }: Verdict): Record<string, unknown> {
  const { failure } = result;
  return {
    name: target.name,
    target: target.address,
    service: target.service,
    group: target.group,
    severity: target.severity,
    labels: target.labels,
    expect: target.spec.expect ?? 'open',
    up: UP[state],
    reason: failure?.reason ?? null,
    phase: failure?.phase ?? null,
    detail: failure?.detail ?? null,
    layer: layer ?? null,
    causes,
    maintenance:
      maintenance === undefined ? null : { ...maintenance, until: new Date(maintenance.until).toISOString() },
    advice: failure === undefined ? null : REASONS[failure.reason],
    ip: result.address?.text ?? null,
    started_at: new Date(result.startedAt).toISOString(),
    timeout_seconds: seconds(result.budgetMs),
    duration_seconds: seconds(result.durationMs),
    phase_seconds: phaseSeconds(result),
    service_version: result.service?.version ?? null,
    service_state: result.service?.state ?? null,
    tls: result.tls === undefined ? null : tlsFields(result.tls),
  };
}

/** The phases that ended, as in probe_tcp_duration_seconds. */
function phaseSeconds({ phases }: ProbeResult): Record<string, number> {
  const ended = PHASES.flatMap((phase) => {
    const ms = phases[phase];
    return ms === undefined ? [] : [[phase, seconds(ms)] as const];
  });
  return Object.fromEntries(ended);
}

function tlsFields({ version, cipher, certificate }: TlsFacts): Record<string, unknown> {
  return {
    version,
    cipher,
    certificate_subject: certificate?.subject ?? null,
    certificate_issuer: certificate?.issuer ?? null,
    certificate_expiry_seconds: certificate?.earliestExpiry ?? null,
  };
}

/** To the nanosecond: more digits would be noise of the arithmetic. */
function seconds(ms: number): number {
  return Number((ms / 1000).toFixed(9));
}
