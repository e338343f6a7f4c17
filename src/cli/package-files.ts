import { readFileSync } from 'node:fs';

/** The text of a file that comes with the program; src/cli and dist/cli are equally far from them. */
export function packageFile(path: string): string {
  try {
    return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
  } catch (error) {
    const why = `${path} of port-exporter is missing here: it comes with the package of npm and with a clone`;
    throw new Error(why, { cause: error });
  }
}
