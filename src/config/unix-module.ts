import type { Check } from '../checks/check.ts';
import { socketDialogue } from '../checks/dialogue.ts';
import { present } from './go-values.ts';
import { strict } from './leaves.ts';
import { NEWER } from './newer.ts';
import { level, readPart } from './parts.ts';
import type { Path } from './path.ts';
import type { Report } from './problems.ts';
import { dialling, TALKING, talking, talkingTree, type Way } from './tcp-module.ts';
import type { Tree } from './yaml.ts';

const UNIX = level(strict(TALKING, undefined, NEWER));

/** Every key of `unix`. */
export const UNIX_KEYS: readonly string[] = Object.keys(TALKING);

/** What `unix` of a module says: that of `tcp`, of a socket in the file system. Source: blackbox_exporter, CONFIGURATION.md, <unix_probe>. */
export function readUnix(value: unknown, path: Path, report: Report): Way {
  const unix = readPart(UNIX, present(value) ?? {}, path, report);
  const { use, ...how } = talking(unix, path, report);
  const options = use?.options ?? { steps: [] };
  return { ...dialling({}, 6), ...how, use: Object.freeze({ check: socketDialogue as Check, options }) };
}

/** How `unix` of a module would be written. */
export function unixTree(way: Way): Tree {
  return talkingTree(way);
}
