import { chmod, lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeFiles, type NewFile, NewFilesProblem } from '../../src/net/new-files.ts';
import { temporaryDirectory } from '../cli/temporary.ts';

const FILES: readonly NewFile[] = [
  { path: 'a.yml', text: 'a' },
  { path: 'deep/er/b.yml', text: 'b' },
  { path: 'secrets/token', text: 'c', secret: true },
];

async function refusal(directory: string, files: readonly NewFile[] = FILES): Promise<string> {
  const error = await makeFiles(directory, files).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(NewFilesProblem);
  return (error as Error).message;
}

/** Everything below a directory, by name. */
async function listed(directory: string): Promise<string[]> {
  return (await readdir(directory, { recursive: true })).toSorted();
}

async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8);
}

describe('makeFiles', () => {
  test('makes them all with their directories, and nothing beside them', async () => {
    await using directory = await temporaryDirectory();
    const root = join(directory.path, 'new', 'place');
    await makeFiles(root, FILES);
    expect(await listed(root)).toEqual(['a.yml', 'deep', 'deep/er', 'deep/er/b.yml', 'secrets', 'secrets/token']);
    expect(await readFile(join(root, 'deep/er/b.yml'), 'utf8')).toBe('b');
  });

  test('lets nobody else see a secret, or the directory that it is in', async () => {
    await using directory = await temporaryDirectory();
    await makeFiles(directory.path, FILES);
    expect(await modeOf(join(directory.path, 'secrets'))).toBe('700');
    expect(await modeOf(join(directory.path, 'secrets/token'))).toBe('600');
    expect(await modeOf(join(directory.path, 'a.yml'))).toMatch(/^6/);
  });

  test('adds to a directory that has other files', async () => {
    await using directory = await temporaryDirectory();
    await directory.file('mine', 'mine');
    await makeFiles(directory.path, FILES);
    expect(await listed(directory.path)).toContain('mine');
  });

  test('replaces nothing: names every file that is in the way, and makes none', async () => {
    await using directory = await temporaryDirectory();
    await directory.file('a.yml', 'mine');
    await mkdir(join(directory.path, 'secrets'), 0o700);
    await symlink('/nowhere', join(directory.path, 'secrets/token'));
    const before = await listed(directory.path);
    expect(await refusal(directory.path)).toBe(
      `${directory.path}/a.yml exists already: it is not replaced\n` +
        `${directory.path}/secrets/token exists already: it is not replaced`,
    );
    expect(await listed(directory.path)).toEqual(before);
    expect(await readFile(join(directory.path, 'a.yml'), 'utf8')).toBe('mine');
    expect((await lstat(join(directory.path, 'secrets/token'))).isSymbolicLink()).toBe(true);
  });

  test('makes nothing where one of them cannot be made', async () => {
    await using directory = await temporaryDirectory();
    await directory.file('deep', 'a file where a directory is needed');
    const message = await refusal(directory.path);
    expect(message).toBe(`${directory.path}/deep/er/b.yml cannot be made: something on the way to it is no directory`);
    expect(await listed(directory.path)).toEqual(['deep']);
  });

  test('leaves nothing behind of names that are given twice: the second one is there already', async () => {
    await using directory = await temporaryDirectory();
    const twice = [...FILES, { path: './a.yml', text: 'again' }];
    expect(await refusal(join(directory.path, 'x'), twice)).toBe(
      `${directory.path}/x/a.yml exists already: it is not replaced`,
    );
    expect(await listed(directory.path)).toEqual([]);
  });

  test.each([['0755'], ['0701'], ['0770']])('puts no secret into a directory with mode %s', async (mode) => {
    await using directory = await temporaryDirectory();
    const secrets = join(directory.path, 'secrets');
    await mkdir(secrets);
    await chmod(secrets, Number.parseInt(mode, 8));
    expect(await refusal(directory.path)).toBe(
      `${secrets} is to hold secrets, and others may look into it: chmod 700 ${secrets}`,
    );
    expect(await listed(directory.path)).toEqual(['secrets']);
  });

  test('puts no secret behind a link that somebody else may have made', async () => {
    await using directory = await temporaryDirectory();
    await using elsewhere = await temporaryDirectory();
    await symlink(elsewhere.path, join(directory.path, 'secrets'));
    expect(await refusal(directory.path)).toContain('is to hold secrets');
    expect(await listed(elsewhere.path)).toEqual([]);
  });

  test.each([
    ['a name that is too long', 'x'.repeat(300), /cannot be made: the name is too long$/],
    ['a directory as a file', '.', /exists already/],
  ])('says what is wrong with %s', async (_what, path, message) => {
    await using directory = await temporaryDirectory();
    expect(await refusal(directory.path, [{ path, text: '' }])).toMatch(message);
    expect(await listed(directory.path)).toEqual([]);
  });

  test('wins or loses as a whole when two make the same at once', async () => {
    await using directory = await temporaryDirectory();
    const attempts = Array.from({ length: 8 }, (_, i) =>
      makeFiles(
        directory.path,
        FILES.map((file) => ({ ...file, text: String(i) })),
      ),
    );
    const outcomes = await Promise.allSettled(attempts);
    const won = outcomes.filter(({ status }) => status === 'fulfilled').length;
    expect(won).toBeLessThanOrEqual(1);
    const files = (await listed(directory.path)).filter((name) => !['deep', 'deep/er', 'secrets'].includes(name));
    expect(files).toEqual(won === 1 ? ['a.yml', 'deep/er/b.yml', 'secrets/token'] : []);
    const texts = await Promise.all(files.map((name) => readFile(join(directory.path, name), 'utf8')));
    expect(new Set(texts).size).toBe(won);
  });

  test('makes files where their directory is written to by others meanwhile', async () => {
    await using directory = await temporaryDirectory();
    await writeFile(join(directory.path, '.abc.tmp'), 'somebody else');
    await makeFiles(directory.path, FILES);
    expect(await readFile(join(directory.path, '.abc.tmp'), 'utf8')).toBe('somebody else');
  });
});

test('where nothing can be made although it seems to be there, that is said, and it ends', async () => {
  await using directory = await temporaryDirectory();
  const dangling = join(directory.path, 'dangling');
  await symlink(join(directory.path, 'nowhere'), dangling);
  expect(await refusal(dangling)).toContain('cannot be made: nothing can be made in the directory it is in');
});

test.runIf(process.platform === 'linux')('nor is anything made in /proc', async () => {
  expect(await refusal('/proc/port-exporter')).toContain('cannot be made');
});
