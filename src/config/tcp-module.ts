import type { z } from 'zod';
import type { Check } from '../checks/check.ts';
import { type DialogueOptions, type DialogueStep, dialogue } from '../checks/dialogue.ts';
import { parseIp } from '../core/ip.ts';
import type { CheckUse, FamilyPreference, Module, TlsSpec } from '../probe/spec.ts';
import { planTls } from '../probe/tls-plan.ts';
import { goFlag, orNone, present } from './go-values.ts';
import { choice, strict, text } from './leaves.ts';
import { NEWER } from './newer.ts';
import { level, readPart } from './parts.ts';
import type { Path } from './path.ts';
import type { Report } from './problems.ts';
import { QUERY_RESPONSE, stepTree } from './query-response.ts';
import { TLS_CONFIG, tlsConfigTree, writtenOf } from './tls-config.ts';
import { show } from './wording.ts';
import type { Tree } from './yaml.ts';

/** Which address a module dials, in the file's words. */
export const FAMILY = {
  preferred_ip_protocol: orNone(choice(['ip4', 'ip6'])),
  ip_protocol_fallback: goFlag().optional(),
};

/** The same, and from where. */
export const DIALLING = { ...FAMILY, source_ip_address: orNone(sourceIp()) };

/** What a module says once it is connected. */
export const TALKING = {
  query_response: QUERY_RESPONSE.optional(),
  tls: goFlag().optional(),
  tls_config: TLS_CONFIG.optional(),
};

type Dialling = z.output<z.ZodObject<typeof DIALLING>>;

const TCP_SHAPE = { ...DIALLING, ...TALKING };
const TCP = level(strict(TCP_SHAPE, undefined, NEWER));

/** Every key of `tcp`. */
export const TCP_KEYS: readonly string[] = Object.keys(TCP_SHAPE);

/** What a module is beyond its name and timeout. */
export type Way = Omit<Module, 'name' | 'timeoutMs'>;

function sourceIp() {
  return text('an IP address').refine((written) => parseIp(written) !== undefined, {
    error: ({ input }) => `must be an IP address of this machine, not ${show(input)}`,
  });
}

/** What `tcp` of a module says. Its keys and defaults are blackbox_exporter's: CONFIGURATION.md, <tcp_probe>. */
export function readTcp(value: unknown, path: Path, report: Report): Way {
  const tcp = readPart(TCP, present(value) ?? {}, path, report);
  // Prefers IPv6 unless told otherwise, as there.
  return { ...dialling(tcp, 6), ...talking(tcp, path, report) };
}

type Talking = Partial<z.output<z.ZodObject<typeof TALKING>>>;

/** What is said, and whether in TLS. */
export function talking(written: Talking, path: Path, report: Report): Pick<Way, 'use' | 'tls'> {
  const steps = written.query_response ?? [];
  checkUpgrades(steps, written.tls === true, [...path, 'query_response'], report);
  const tls = tlsOf(written, steps);
  return { ...(steps.length > 0 && { use: useOf(steps) }), ...(tls && { tls }) };
}

function useOf(steps: readonly DialogueStep[]): CheckUse {
  return Object.freeze({ check: dialogue as Check, options: Object.freeze({ steps: Object.freeze(steps) }) });
}

/** TLS is spoken once. */
function checkUpgrades(steps: readonly DialogueStep[], inTls: boolean, path: Path, report: Report): void {
  const upgrades = steps.flatMap(({ starttls }, i) => (starttls ? [i] : []));
  const [unfit] = inTls ? upgrades : upgrades.slice(1);
  if (unfit === undefined) return;
  const why = inTls
    ? 'does not go with tls: true, which is TLS from the first byte'
    : 'is the second one: TLS is spoken once';
  report({ path: [...path, unfit, 'starttls'], message: why });
}

function tlsOf({ tls, tls_config: config }: Talking, steps: readonly DialogueStep[]): TlsSpec | undefined {
  const upgrades = steps.some(({ starttls }) => starttls);
  if (!tls && !upgrades) return undefined;
  const plan = planTls(dialogue, { ...writtenOf(config ?? {}), ...(upgrades && { how: 'starttls' }) });
  return plan.ok ? plan.value : undefined;
}

/** Whom to dial and from where. */
export function dialling(
  { preferred_ip_protocol: written, ip_protocol_fallback: fallback, source_ip_address: from }: Partial<Dialling>,
  unasked: 4 | 6,
): Pick<Way, 'family' | 'sourceIp'> {
  const prefer = written === undefined ? unasked : written === 'ip4' ? 4 : 6;
  const family: FamilyPreference = Object.freeze({ prefer, fallback: fallback !== false });
  return { family, ...(from !== undefined && { sourceIp: from }) };
}

/** The same in the file's words. */
export function diallingTree({ family, sourceIp: from }: Way): Record<string, Tree> {
  return {
    preferred_ip_protocol: `ip${family.prefer}`,
    ip_protocol_fallback: family.fallback,
    ...(from !== undefined && { source_ip_address: from }),
  };
}

/** How `tcp` of a module would be written. */
export function tcpTree(way: Way): Tree {
  return { ...diallingTree(way), ...talkingTree(way) };
}

/** What it says, as it would be written. */
export function talkingTree(way: Way): Record<string, Tree> {
  const { steps = [] } = (way.use?.options ?? {}) as Partial<DialogueOptions>;
  return {
    ...(steps.length > 0 && { query_response: steps.map(stepTree) }),
    tls: way.tls?.how === 'direct',
    ...tlsConfigTree(way.tls),
  };
}
