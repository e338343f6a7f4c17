import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory that is gone when it is disposed. */
export async function temporaryDirectory() {
  const path = await mkdtemp(join(tmpdir(), 'port-exporter-'));
  return {
    path,
    /** Writes a file into it and returns where it is. */
    file: async (name: string, text: string) => {
      const file = join(path, name);
      await writeFile(file, text);
      return file;
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}
