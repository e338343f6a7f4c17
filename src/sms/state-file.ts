import { lstat, open, readFile, readlink, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { behind, MOST_LINKS } from './link.ts';

/** A disk that hangs must not keep anybody from an SMS. */
const PATIENCE_MS = 2000;

/** A file that always holds one whole state: the last one, or the one before. */
export class StateFile {
  readonly #file: string;
  readonly #content: () => string;
  /** The write that has not begun yet: whoever asks before it begins shares it. */
  #waiting: Promise<void> | undefined;
  #last: Promise<unknown> = Promise.resolve();
  /** A write hangs: nobody waits for those behind it. */
  #stuck = false;

  /** `content` is asked for each time the file is written. */
  constructor(file: string, content: () => string) {
    this.#file = file;
    this.#content = content;
  }

  /** What the file holds; undefined when there is none. */
  async read(): Promise<string | undefined> {
    try {
      return await within(readFile(this.#file, 'utf8'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** Resolves when what is known now is on the disk. Rejects with the error of the system, or when that takes too long. */
  async write(): Promise<void> {
    this.#waiting ??= this.#next(() => {
      this.#waiting = undefined;
      return replace(this.#file, this.#content());
    });
    const written = this.#waiting;
    // Seen to also when nobody waits for it.
    written.catch(() => undefined);
    if (this.#stuck) throw new Error('an earlier write still hangs');
    await within(written, () => {
      this.#stuck = true;
      const free = () => {
        this.#stuck = false;
      };
      written.then(free, free);
    });
  }

  #next(run: () => Promise<void>): Promise<void> {
    const result = this.#last.then(run);
    this.#last = result.catch(() => undefined);
    return result;
  }
}

/** A crash at any moment leaves the old file or the new one, never a part. Phone numbers are nobody else's business: mode 600. */
async function replace(name: string, text: string): Promise<void> {
  const file = await linked(name);
  const next = `${file}.tmp`;
  await sync(next, 'w', text);
  await rename(next, file);
  await sync(dirname(file), 'r');
}

/** Where a symbolic link leads: put in the place of the link, the file would not lie on the volume that it is to be on. */
async function linked(name: string): Promise<string> {
  let file = name;
  for (let links = 0; await isLink(file); links++) {
    if (links === MOST_LINKS) throw new Error(`${name} is a symbolic link that leads nowhere`);
    file = behind(file, await readlink(file));
  }
  return file;
}

async function isLink(file: string): Promise<boolean> {
  try {
    return (await lstat(file)).isSymbolicLink();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
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

/** The outcome, unless it takes too long: then `late` is told, and this rejects. */
async function within<Result>(outcome: Promise<Result>, late: () => void = () => undefined): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const bound = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      late();
      reject(new Error(`the disk did not answer within ${PATIENCE_MS} ms`));
    }, PATIENCE_MS);
  });
  try {
    return await Promise.race([outcome, bound]);
  } finally {
    clearTimeout(timer);
  }
}
