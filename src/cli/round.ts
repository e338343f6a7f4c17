import { openFileBudget } from '../net/limits.ts';
import { warmUp } from '../net/warm-up.ts';
import { Fleet } from '../probe/fleet.ts';
import type { Policy } from '../probe/policy.ts';
import type { Target } from '../probe/spec.ts';
import { States } from '../probe/state.ts';
import type { World } from '../probe/world.ts';
import { renderJson } from './json.ts';
import type { Streams } from './streams.ts';
import { renderTable } from './table.ts';
import { lookOf, progressLine } from './terminal.ts';
import { exitCodeOf, tallyOf, verdictOf, withCauses } from './verdict.ts';
import { createWorld } from './world.ts';

/** What a round may take beyond the timeouts of its targets, ms: starting, and one per target. */
const SPARE_MS = 5000;
const EACH_MS = 1;
const LONGEST_MS = 24 * 24 * 3600 * 1000;

/** Probes each target once, prints what was found, and returns the exit code. */
export async function probeAndReport(
  targets: readonly Target[],
  options: { readonly policy: Policy; readonly json: boolean },
  streams: Streams,
  world: World = createWorld(),
): Promise<number> {
  const { now } = world.clock;
  await warmUp(world.dialer);
  readCertificates(targets, world);
  const progress = progressLine(streams, targets.length);
  const startedAt = now();
  const { results } = await new Fleet(world, new States()).round(targets, {
    windowMs: windowMs(targets),
    policy: options.policy,
    onProgress: progress.show,
  });
  progress.clear();
  const verdicts = withCauses(results.map((result, i) => verdictOf(targets[i] as Target, result)));
  const tally = tallyOf(verdicts, now() - startedAt);
  const text = options.json ? renderJson(verdicts, tally) : renderTable(verdicts, tally, lookOf(streams));
  streams.stdout.write(text);
  return exitCodeOf(tally);
}

/** Before any clock runs: it takes the exporter some time, which is no target's. What is wrong with them the probes will tell. */
function readCertificates(targets: readonly Target[], { authorities }: World): void {
  for (const { spec } of targets) {
    try {
      if (spec.tls !== undefined) authorities.context(spec.tls);
    } catch {
      // Said by the probe.
    }
  }
}

/** Long enough for each target to have its whole timeout, in as many waves as the limit of open files makes of them. */
function windowMs(targets: readonly Target[]): number {
  const longest = targets.reduce((most, { spec }) => Math.max(most, spec.timeoutMs), 0);
  const waves = Math.ceil(targets.length / openFileBudget());
  return Math.min(LONGEST_MS, waves * longest + targets.length * EACH_MS + SPARE_MS);
}
