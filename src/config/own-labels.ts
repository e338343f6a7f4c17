import type { Path } from './path.ts';
import type { Report } from './problems.ts';
import { show } from './wording.ts';

/** The labels that every target of this exporter has, whatever the file says: where the exporter is, if it was told. */
export type OwnLabels = { readonly location?: string };

export function ownLabels(location: string | undefined): OwnLabels {
  return Object.freeze(location === undefined ? {} : { location });
}

/** Complains about labels of the file that the exporter sets itself: which of the two is meant nobody can tell. */
export function refuseOwn(
  written: Readonly<Record<string, string>> | null | undefined,
  own: OwnLabels,
  path: Path,
  report: Report,
): void {
  for (const [name, value] of Object.entries(own))
    if (written !== null && written !== undefined && Object.hasOwn(written, name))
      report({
        path: [...path, name],
        at: 'key',
        message: `is what --${name}=${show(value)} sets for every target: remove it here, or start without --${name}`,
      });
}

/** The labels of a target without those that the exporter has set. */
export function withoutOwn(labels: Readonly<Record<string, string>>, own: OwnLabels): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !Object.hasOwn(own, name)));
}
