import { formatDuration } from '../core/duration.ts';
import type { CheckUse, Target } from '../probe/spec.ts';
import { few } from './wording.ts';

/** What works but is not wise, or would be held against this machine by the servers that are probed. One sentence for all targets that it is true of. */
export function checkWarnings(targets: readonly Target[]): string[] {
  const dialogues = targets.flatMap((target) =>
    target.spec.use === undefined || target.spec.expect === 'closed' ? [] : [{ target, use: target.spec.use }],
  );
  return [...adviceOf(dialogues), ...tooOften(dialogues)];
}

type Dialogue = { readonly target: Target; readonly use: CheckUse };

function adviceOf(dialogues: readonly Dialogue[]): string[] {
  const said = new Map<string, string[]>();
  for (const { target, use } of dialogues) {
    const given = use.check.advice?.(use.options, target.spec.timeoutMs);
    if (given === undefined) continue;
    const advice = use.courtesy ? `${given} (of a target with service: ${use.check.name})` : given;
    const names = said.get(advice) ?? [];
    names.push(target.name);
    said.set(advice, names);
  }
  return Array.from(said, ([advice, names]) => `${few(names)}: ${advice}`);
}

/** Servers that count visits count those of all targets on their address. */
function tooOften(dialogues: readonly Dialogue[]): string[] {
  const byAddress = new Map<string, Dialogue[]>();
  for (const one of dialogues) {
    if (one.use.check.mostPerSecond === undefined) continue;
    const same = byAddress.get(one.target.address) ?? [];
    same.push(one);
    byAddress.set(one.target.address, same);
  }
  return Array.from(byAddress.values()).flatMap((same) => {
    const perSecond = same.reduce((sum, { target }) => sum + 1000 / target.intervalMs, 0);
    const most = Math.min(...same.map(({ use }) => use.check.mostPerSecond ?? Number.POSITIVE_INFINITY));
    if (perSecond <= most) return [];
    const every = formatDuration(Math.ceil((1000 * same.length) / most));
    const who = few(same.map(({ target }) => target.name));
    return [
      `${who}: ${same[0]?.use.check.name} servers refuse or log who comes that often: an interval of ${every} or longer is safe`,
    ];
  });
}
