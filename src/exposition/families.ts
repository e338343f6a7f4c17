import type { CheckFamily } from '../checks/check.ts';
import { dialogue, EXPECT_FAMILIES } from '../checks/dialogue.ts';
import { CHECKS, PROBERS } from '../checks/registry.ts';
import { toSeconds } from '../core/duration.ts';
import { ipHash } from '../core/ip.ts';
import { PHASES } from '../core/reason.ts';
import { type CheckSample, isExporterError, type ProbeResult } from '../core/result.ts';
import { layerStates } from '../probe/layers.ts';
import { isPlanned } from '../probe/maintenance.ts';
import type { ProbeSpec, Target } from '../probe/spec.ts';
import type { TargetState } from '../probe/state.ts';
import { certificateRows, labelBlock, serviceRows } from './info-rows.ts';
import { type Format, heading, label } from './text.ts';

/** What a target's samples are made of. A probe of an address that is not configured has a result and what was asked only. */
export type View = {
  readonly result: ProbeResult;
  readonly spec?: ProbeSpec;
  readonly configured?: { readonly target: Target; readonly state: TargetState };
};

/**
 * One metric family of the frame. `value` gives its only sample or none; `rows` gives one sample per set of further labels, already
 * rendered (`phase="connect"`).
 */
export type Family = {
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly help: string;
  /** HELP and TYPE, rendered once. */
  readonly heading: Readonly<Record<Format, string>>;
  readonly value?: (view: View) => number | undefined;
  readonly rows?: (view: View) => readonly (readonly [labels: string, value: number])[];
};

/** The frame's own labels of every configured target. */
const RESERVED = new Set(['target', 'name', 'service', 'group', 'severity']);
const PHASE_LABELS = PHASES.map((phase) => [phase, label('phase', phase)] as const);

/** Families of the frame itself, in the order in which they are exposed. */
const FRAME: readonly Family[] = [
  gauge(
    'probe_success',
    'Whether the probe succeeded: 1 up, 0 down. Absent when the exporter itself could not probe.',
    ({ result }) => (isExporterError(result) ? undefined : Number(result.failure === undefined)),
  ),
  gauge('probe_duration_seconds', 'How long the probe took.', ({ result }) => seconds(result.durationMs)),
  rows(
    'probe_tcp_duration_seconds',
    'How long each phase of the probe took. Absent for a phase that did not complete.',
    phaseRows,
  ),
  rows(
    'probe_failure_info',
    'Why and in which phase the probe failed: 1 while failing, absent while up.',
    ({ result }) =>
      result.failure ? [[`${label('reason', result.failure.reason)},${label('phase', result.failure.phase)}`, 1]] : [],
  ),
  rows(
    'probe_layer_success',
    'How the layers of a target did, bottom first: 0 for the first one that is broken; absent above it.',
    ({ result, configured }) =>
      layerStates(configured?.target.layers ?? [], result).map(([name, up]) => [label('layer', name), Number(up)]),
  ),
  gauge('probe_expect_closed', 'The port should be closed: 1, absent for others.', ({ configured, spec }) =>
    (configured?.target.spec ?? spec)?.expect === 'closed' ? 1 : undefined,
  ),
  gauge(
    'probe_maintenance',
    'Whether the probe began within a maintenance window: 1 or 0; absent for targets without windows.',
    ({ result, configured }) => isPlanned(configured?.target.maintenance, result.startedAt),
  ),
  gauge('probe_timeout_seconds', 'How long the probe was allowed to take.', ({ result }) => seconds(result.budgetMs)),
  gauge('probe_dns_lookup_time_seconds', 'How long the name look-up took. 0 for a literal address.', ({ result }) =>
    result.phases.resolve !== undefined || result.address ? seconds(result.phases.resolve ?? 0) : undefined,
  ),
  gauge('probe_ip_protocol', 'Which IP version was dialled: 4 or 6.', ({ result }) => result.address?.family),
  gauge(
    'probe_ip_addr_hash',
    'Hash of the address that was dialled: it changes when the address does.',
    ({ result }) => (result.address ? ipHash(result.address) : undefined),
  ),
  gauge('probe_interval_seconds', 'How often the target is to be probed.', ({ configured }) =>
    seconds(configured?.target.intervalMs),
  ),
  gauge(
    'probe_failure_threshold',
    'How many failed checks in a row make the target down.',
    ({ configured }) => configured?.target.failures,
  ),
  gauge(
    'probe_consecutive_failures',
    'Failed checks in a row, at most one per interval; 0 after a success.',
    ({ configured }) => (configured?.state.up === undefined ? undefined : configured.state.consecutiveFailures),
  ),
  gauge('probe_last_success_timestamp_seconds', 'When the target was last seen up.', ({ configured }) =>
    epoch(configured?.state.lastSuccessAt),
  ),
  gauge('probe_last_change_timestamp_seconds', 'When the target last went up or down.', ({ configured }) =>
    epoch(configured?.state.lastChangeAt),
  ),
  counter('probe_state_changes_total', 'How often the target went up or down.', ({ configured }) =>
    configured?.state.up === undefined ? undefined : configured.state.stateChanges,
  ),
  rows('probe_dependency_info', 'A target that this one cannot work without, by name.', ({ configured }) =>
    (configured?.target.dependsOn ?? []).map((name) => [label('depends_on', name), 1] as const),
  ),
  gauge(
    EXPECT_FAMILIES.regex,
    'Whether the probe failed because no line matched; 0 for a plain connect.',
    expectation(EXPECT_FAMILIES.regex),
  ),
  gauge(
    EXPECT_FAMILIES.bytes,
    'Whether the probe failed because other bytes came than expected; 0 for a plain connect.',
    expectation(EXPECT_FAMILIES.bytes),
  ),
  rows(EXPECT_FAMILIES.info, 'What the labels of query_response came to.', expectRows),
  gauge(
    'probe_ssl_earliest_cert_expiry',
    'When the first certificate of the chain expires.',
    ({ result }) => result.tls?.certificate?.earliestExpiry,
  ),
  gauge(
    'probe_ssl_last_chain_expiry_timestamp_seconds',
    'When the last chain of certificates expires.',
    ({ result }) => result.tls?.certificate?.chainExpiry,
  ),
  rows('probe_ssl_last_chain_info', 'What the certificate says of itself.', ({ result }) =>
    certificateRows(result.tls?.certificate),
  ),
  rows('probe_tls_version_info', 'The TLS version agreed on.', ({ result }) =>
    result.tls ? [[label('version', result.tls.version), 1]] : [],
  ),
  rows('probe_tls_cipher_info', 'The TLS cipher agreed on.', ({ result }) =>
    result.tls ? [[label('cipher', result.tls.cipher), 1]] : [],
  ),
  rows('probe_service_info', 'What the service said of itself: its version and its state.', ({ result }) =>
    serviceRows(result.service),
  ),
];

const FRAME_NAMES = new Set(FRAME.map(({ name }) => name));
const OF_CHECKS = [...CHECKS, ...PROBERS].flatMap(({ families = [] }) => families);

/** Every per-target family, in the order in which they are exposed: those of checks last, each once. */
export const FAMILIES: readonly Family[] = [
  ...FRAME,
  ...OF_CHECKS.filter(
    ({ name }, i) => !FRAME_NAMES.has(name) && OF_CHECKS.findIndex((other) => other.name === name) === i,
  ).map(checkFamily),
];

/** 1 where the dialogue failed so; else 0 for checks that can, and for connects by hand, for which blackbox_exporter has it. */
function expectation(name: string): NonNullable<Family['value']> {
  return ({ result, spec, configured }) => {
    const use = (configured?.target.spec ?? spec)?.use;
    const isConnect = use === undefined || use.courtesy;
    const canFail = use?.check.run === dialogue.run || use?.check.families?.some((family) => family.name === name);
    return (
      result.samples?.find((one) => one.name === name)?.value ??
      (canFail || (isConnect && configured === undefined) ? 0 : undefined)
    );
  };
}

/** Labels that the target has already are renamed, as Prometheus itself would. */
function expectRows({ result, configured }: View): readonly (readonly [string, number])[] {
  const own = configured?.target.labels ?? {};
  const isTaken = (name: string) => configured !== undefined && (RESERVED.has(name) || Object.hasOwn(own, name));
  const free = (name: string): string => (isTaken(name) ? free(`exported_${name}`) : name);
  const found = new Map<string, number>();
  for (const { name, labels, value } of result.samples ?? []) {
    if (name !== EXPECT_FAMILIES.info) continue;
    const entries = Object.entries(labels).map(([key, text]) => [free(key), text] as const);
    found.set(labelBlock(Object.fromEntries(entries)), value);
  }
  return [...found];
}

/** A family that a check has of its own. */
function checkFamily({ name, help }: CheckFamily): Family {
  return rows(name, help, (view) =>
    samplesOf(view).flatMap((one) => (one.name === name ? [[labelBlock(one.labels), one.value] as const] : [])),
  );
}

/** What the check of the probe has to tell. */
function samplesOf({ result, spec, configured }: View): readonly CheckSample[] {
  const use = (configured?.target.spec ?? spec)?.use;
  const { samples = [] } = result;
  return use?.check.report === undefined ? samples : use.check.report(result, use.options);
}

function gauge(name: string, help: string, value: NonNullable<Family['value']>): Family {
  return { ...described(name, 'gauge', help), value };
}

function counter(name: string, help: string, value: NonNullable<Family['value']>): Family {
  return { ...described(name, 'counter', help), value };
}

function rows(name: string, help: string, of: NonNullable<Family['rows']>): Family {
  return { ...described(name, 'gauge', help), rows: of };
}

function described(name: string, type: Family['type'], help: string): Omit<Family, 'value' | 'rows'> {
  const family = { name, type, help };
  return { ...family, heading: { text: heading(family, 'text'), openmetrics: heading(family, 'openmetrics') } };
}

function phaseRows({ result }: View): readonly (readonly [string, number])[] {
  const found: [string, number][] = [];
  for (const [phase, labels] of PHASE_LABELS) {
    const took = result.phases[phase];
    if (took !== undefined) found.push([labels, toSeconds(took)]);
  }
  return found;
}

function seconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : toSeconds(ms);
}

function epoch(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000;
}
