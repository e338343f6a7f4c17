import { lstatSync, readlinkSync } from 'node:fs';
import { dirname, isAbsolute } from 'node:path';

/** As many as Linux follows. */
export const MOST_LINKS = 40;

/** What a symbolic link names. Not normalized: only the system knows where `..` leads when directories are links too. */
export function behind(link: string, target: string): string {
  return isAbsolute(target) ? target : `${dirname(link)}/${target}`;
}

/** Where the symbolic link leads, also when nothing is there yet, for which realpath() has no answer; any other file is its own answer. */
export function linkedSync(name: string): string {
  let file = name;
  for (let links = 0; links < MOST_LINKS && lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink(); links++)
    file = behind(file, readlinkSync(file));
  return file;
}
