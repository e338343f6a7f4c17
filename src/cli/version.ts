import { packageFile } from './package-files.ts';

/** The version in package.json. */
export function version(): string {
  return (JSON.parse(packageFile('package.json')) as { version: string }).version;
}
