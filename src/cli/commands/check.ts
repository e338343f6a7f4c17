import { suggestion } from '../../config/nearest.ts';
import type { Target } from '../../probe/spec.ts';
import { EXIT_USAGE } from '../command.ts';
import { show } from '../flag.ts';
import type { CheckSettings } from '../flags.ts';
import { loadOnce } from '../load-once.ts';
import { probeAndReport } from '../round.ts';
import type { Streams } from '../streams.ts';
import { visible } from '../text.ts';

/** Probes every configured target once. */
export async function check(settings: CheckSettings, streams: Streams): Promise<number> {
  const complain = (lines: readonly string[]) => {
    for (const line of lines) streams.stderr.write(`${visible(line)}\n`);
  };
  const { config, problems } = await loadOnce(settings['config.file']);
  if (config === undefined) {
    complain(problems);
    return EXIT_USAGE;
  }
  complain(config.warnings.map((warning) => `warning: ${warning}`));
  const unknown = unknownNames(config.targets, settings);
  if (unknown.length > 0) {
    complain(unknown);
    return EXIT_USAGE;
  }
  const targets = select(config.targets, settings);
  if (config.targets.length === 0) complain([`${settings['config.file']} has no targets: nothing was probed`]);
  else if (targets.length === 0) {
    complain(['--group and --target: none of these targets is in one of these groups, so there is nothing to probe']);
    return EXIT_USAGE;
  }
  return probeAndReport(targets, { policy: config.policy, json: settings.json }, streams);
}

/** One line for each --group and --target that names nothing. */
function unknownNames(targets: readonly Target[], { group, target }: CheckSettings): string[] {
  const groups = new Set(targets.map((known) => known.group));
  const names = new Set(targets.flatMap(({ name, address }) => [name, address]));
  return [
    ...group.filter((wanted) => !groups.has(wanted)).map((wanted) => unknown('group', wanted, groups)),
    ...target.filter((wanted) => !names.has(wanted)).map((wanted) => unknown('target', wanted, names)),
  ];
}

function unknown(kind: 'group' | 'target', wanted: string, known: ReadonlySet<string>): string {
  return `--${kind}: no ${kind} is called ${show(wanted)}${suggestion(wanted, known)}`;
}

/** Each flag narrows the choice; several of one kind add up. */
function select(targets: readonly Target[], { group, target }: CheckSettings): readonly Target[] {
  return targets.filter(
    (one) =>
      (group.length === 0 || group.includes(one.group)) &&
      (target.length === 0 || target.includes(one.name) || target.includes(one.address)),
  );
}
