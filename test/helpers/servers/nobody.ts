import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Stage } from '../e2e-stage.ts';

const NOBODY = 65_534;
const IS_ROOT = process.getuid?.() === 0;

/** What puts a command line into the hands of nobody, where we are root: servers that refuse to be root, or change user by themselves. */
export const AS_NOBODY: readonly string[] = IS_ROOT
  ? ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups']
  : [];

/** A directory that a server run by nobody may write to. */
export class NobodysDirectory {
  readonly path: string;

  constructor(stage: Stage, name: string) {
    this.path = mkdtempSync(join(tmpdir(), `port-exporter-e2e-${name}-`));
    stage.onEnd(() => rmSync(this.path, { recursive: true, force: true }));
    if (IS_ROOT) chownSync(this.path, NOBODY, NOBODY);
  }

  /** Writes a file that only the server may read, and gives its full name. */
  write(name: string, content: string | Buffer): string {
    const file = join(this.path, name);
    writeFileSync(file, content, { mode: 0o600 });
    if (IS_ROOT) chownSync(file, NOBODY, NOBODY);
    return file;
  }
}
