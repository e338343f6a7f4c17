import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A file that always holds one whole state: the last one, or the one before. */
export class StateFile {
  readonly #file: string;
  readonly #content: () => string;
  /** The write that has not begun yet: whoever asks before it begins shares it. */
  #waiting: Promise<void> | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** `content` is asked for each time the file is written. */
  constructor(file: string, content: () => string) {
    this.#file = file;
    this.#content = content;
  }

  /** What the file holds; undefined when there is none. */
  async read(): Promise<string | undefined> {
    try {
      return await readFile(this.#file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** Resolves when what is known now is on the disk. Rejects with the error of the system. */
  write(): Promise<void> {
    this.#waiting ??= this.#next(() => {
      this.#waiting = undefined;
      return replace(this.#file, this.#content());
    });
    return this.#waiting;
  }

  #next(run: () => Promise<void>): Promise<void> {
    const result = this.#last.then(run);
    this.#last = result.catch(() => undefined);
    return result;
  }
}

/** A crash at any moment leaves the old file or the new one, never a part. Phone numbers are nobody else's business: mode 600. */
async function replace(file: string, text: string): Promise<void> {
  const next = `${file}.tmp`;
  await sync(next, 'w', text);
  await rename(next, file);
  await sync(dirname(file), 'r');
}

async function sync(path: string, flags: string, text?: string): Promise<void> {
  const handle = await open(path, flags, 0o600);
  try {
    if (text !== undefined) await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
