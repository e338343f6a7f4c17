import { show } from './wording.ts';

/** Where in the file something is: keys and positions in lists, from the top. */
export type Path = readonly (string | number)[];

/** groups[0].targets[2].timeout; keys that are no plain words are quoted. */
export function formatPath(path: Path): string {
  return path.map(formatStep).join('').replace(/^\./, '');
}

function formatStep(step: string | number): string {
  if (typeof step === 'number') return `[${step}]`;
  return /^[\w-]{1,100}$/.test(step) ? `.${step}` : `[${show(step)}]`;
}
