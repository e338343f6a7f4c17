import { counted } from '../core/counted.ts';
import type { Problem } from './config.ts';
import { formatPath, type Path } from './path.ts';

/** Line and column, counted from 1. */
export type Place = { readonly line: number; readonly column: number };

/** Finds what a path points at, or its nearest parent that is in the text. */
export type Locate = (path: Path, at: 'key' | 'value') => Place;

/** A problem before it has a place. The message may be a function: suggestions are worked out only for what is shown. */
export type Finding = {
  readonly path: Path;
  readonly message: string | (() => string);
  /** Whether the key itself is wrong; its value otherwise. */
  readonly at?: 'key';
  /** Another place that the message speaks of: named with its line at the end. */
  readonly see?: Path;
  /** Known already where the path cannot say it. */
  readonly place?: Place;
};

export type Report = (finding: Finding) => void;

/** Takes a sentence about what works but is probably not meant. */
export type Warn = (warning: string) => void;

/** More than anybody reads at once. */
const SHOWN = 100;

/** Findings as problems in the order of the file; past the first hundred only their number. */
export function toProblems(file: string, findings: readonly Finding[], locate: Locate): Problem[] {
  const placed = findings
    .map((finding) => ({ finding, place: finding.place ?? locate(finding.path, finding.at ?? 'value') }))
    .sort((a, b) => a.place.line - b.place.line || a.place.column - b.place.column);
  const problems = placed.slice(0, SHOWN).map(({ finding, place }) => {
    return { file, ...place, path: formatPath(finding.path), message: sentence(finding, locate) };
  });
  const next = placed[SHOWN];
  if (next !== undefined) problems.push({ file, ...next.place, path: '', message: more(placed.length - SHOWN) });
  return problems;
}

function sentence({ message, see }: Finding, locate: Locate): string {
  const text = typeof message === 'string' ? message : message();
  return see === undefined ? text : `${text} (the other is ${formatPath(see)} on line ${locate(see, 'value').line})`;
}

function more(count: number): string {
  return `${counted(count, 'more problem')} from here on: repair the ones above first`;
}
