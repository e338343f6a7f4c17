import { readFileSync } from 'node:fs';

/** A secret that stands in a file. */
export type Secret = {
  readonly file: string;
  /** What the file holds now, so that a new secret needs no restart. Throws a SecretProblem. */
  readonly read: () => string;
};

/** The file of a secret cannot be used. The message names the file, never what is in it. */
export class SecretProblem extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SecretProblem';
  }
}

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  ENOTDIR: 'it does not exist',
  EACCES: 'this user may not do that',
  EPERM: 'this user may not do that',
  EROFS: 'the file system is read-only',
  EISDIR: 'it is a directory',
};

/** Why the system refused something about a file, in words. */
export function fileTrouble(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return WHY[code ?? ''] ?? code ?? message;
}

/** The secret in that file: its text without white space, line breaks or a byte order mark around it. */
export function secretIn(file: string): Secret {
  return { file, read: () => readSecret(file) };
}

function readSecret(file: string): string {
  let secret: string;
  try {
    secret = readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new SecretProblem(`the secret in ${file} cannot be read: ${fileTrouble(error)}`);
  }
  if (secret === '') throw new SecretProblem(`the secret in ${file} is empty`);
  // It becomes part of a header, or is compared with one.
  if (/[\p{Cc}]/u.test(secret)) throw new SecretProblem(`the secret in ${file} must be one line of text`);
  return secret;
}
