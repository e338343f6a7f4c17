import { addressTree } from '../core/hidden.ts';
import type { Path } from './path.ts';
import type { Report } from './problems.ts';
import type { Entry } from './targets.ts';
import { show } from './wording.ts';

/** Names must tell targets apart: a target without one is called by its address. */
export function checkNames(entries: readonly Entry[], report: Report): void {
  const first = new Map<string, Entry>();
  for (const entry of entries) {
    if (entry.name === '') continue;
    const other = first.get(entry.name);
    if (other === undefined) first.set(entry.name, entry);
    else report({ path: place(entry), see: place(other), message: complaint(entry, other) });
  }
}

function complaint(entry: Entry, other: Entry): string {
  // What is no right address may have a password in it.
  const name = show(entry.target === undefined ? addressTree(entry.name) : entry.name);
  if (unnamed(entry) && unnamed(other))
    return `${name} is listed twice: remove one, or give one of them a name of its own`;
  return `${name} is the name of another target too: choose a name of its own`;
}

function unnamed(entry: Entry): boolean {
  return entry.target?.address === entry.name;
}

function place(entry: Entry): Path {
  return unnamed(entry) ? entry.path : [...entry.path, 'name'];
}
