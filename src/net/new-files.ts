import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, link, lstat, mkdir, open, rmdir, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/** A file to be made. `secret`: only this user may read it, and the directory it is in is this user's alone. */
export type NewFile = { readonly path: string; readonly text: string; readonly secret?: true };

/** The files were not made. The message says why, a line for each thing that is in the way. */
export class NewFilesProblem extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'NewFilesProblem';
  }
}

/** Answers of file systems that have no links. */
const NO_LINKS = new Set(['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EXDEV']);

/**
 * Makes all the files, with the directories they are in, or none: nothing that is there is ever replaced, not even what appears meanwhile.
 * Throws a NewFilesProblem. `directory`: what relative paths start from.
 */
export async function makeFiles(directory: string, files: readonly NewFile[]): Promise<void> {
  const wanted = files.map((file) => ({ ...file, path: resolve(directory, file.path) }));
  await refuseExisting(wanted);
  const undo: (() => Promise<unknown>)[] = [];
  const temporary: string[] = [];
  try {
    for (const { path, secret } of wanted) await makeDirectory(dirname(path), secret === true, undo);
    for (const file of wanted) temporary.push(await writeAside(file));
    for (const [i, { path }] of wanted.entries()) {
      await publish(temporary[i] ?? '', path);
      undo.push(() => unlink(path));
    }
  } catch (error) {
    await Promise.all(temporary.splice(0).map(remove));
    for (const step of undo.toReversed()) await step().catch(() => undefined);
    throw problemOf(error);
  } finally {
    await Promise.all(temporary.map(remove));
  }
}

async function refuseExisting(files: readonly NewFile[]): Promise<void> {
  const existing: string[] = [];
  for (const { path } of files) if (await exists(path)) existing.push(`${path} exists already: it is not replaced`);
  if (existing.length > 0) throw new NewFilesProblem(existing.join('\n'));
}

/** Also where it is a link that leads nowhere. */
async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw problemOf(error);
  }
}

/** Makes a directory and those above it that are missing; `undo` gets how each of them is removed again. */
async function makeDirectory(
  path: string,
  secret: boolean,
  undo: (() => Promise<unknown>)[],
  // Where even so it cannot be found, as in /proc, it never will be.
  aboveIsThere = false,
): Promise<void> {
  try {
    await mkdir(path, secret ? 0o700 : 0o777);
    undo.push(() => rmdir(path));
  } catch (error) {
    if (codeOf(error) === 'ENOENT' && !aboveIsThere && dirname(path) !== path) {
      await makeDirectory(dirname(path), false, undo);
      await makeDirectory(path, secret, undo, true);
    } else if (codeOf(error) !== 'EEXIST') throw error;
    else if (secret) await refuseOpen(path);
  }
}

async function refuseOpen(path: string): Promise<void> {
  const stats = await lstat(path);
  if (!stats.isDirectory() || (stats.mode & 0o077) !== 0)
    throw new NewFilesProblem(`${path} is to hold secrets, and others may look into it: chmod 700 ${path}`);
}

/** Writes the file under another name beside its own. */
async function writeAside({ path, text, secret }: NewFile): Promise<string> {
  const aside = join(dirname(path), `.${randomBytes(8).toString('hex')}.tmp`);
  try {
    const file = await open(aside, 'wx', secret ? 0o600 : 0o666);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    await remove(aside);
    throw problemOf(error, path);
  }
  return aside;
}

/** Gives the file its name, unless that is taken: a rename would replace what is there. */
async function publish(aside: string, path: string): Promise<void> {
  try {
    await link(aside, path);
  } catch (error) {
    if (!NO_LINKS.has(codeOf(error))) throw error;
    await copyFile(aside, path, constants.COPYFILE_EXCL);
  }
}

async function remove(path: string): Promise<void> {
  await unlink(path).catch(() => undefined);
}

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'cannot be made: nothing can be made in the directory it is in',
  EEXIST: 'exists already: it is not replaced',
  EACCES: 'cannot be made: this user may not write there',
  EPERM: 'cannot be made: this user may not write there',
  EROFS: 'cannot be made: the file system is read-only',
  ENOSPC: 'cannot be made: the disk is full',
  ENOTDIR: 'cannot be made: something on the way to it is no directory',
  ENAMETOOLONG: 'cannot be made: the name is too long',
};

/** `of`: the file that it is about, where the error itself names another one or none. */
function problemOf(error: unknown, of?: string): NewFilesProblem {
  if (error instanceof NewFilesProblem) return error;
  const { path, dest } = error as NodeJS.ErrnoException & { dest?: string };
  const why = WHY[codeOf(error)] ?? `cannot be made: ${codeOf(error)}`;
  return new NewFilesProblem(`${of ?? dest ?? path ?? 'a file'} ${why}`, { cause: error });
}

function codeOf(error: unknown): string {
  return String((error as NodeJS.ErrnoException).code);
}
