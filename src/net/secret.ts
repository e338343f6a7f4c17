import { readFileSync, statSync } from 'node:fs';
import { ProbeFailure } from '../core/reason.ts';
import { readFailure } from './pem.ts';

/** A password or token: in a file, whose content may change, or as it is. `isSecret`: it was written as one. */
export type Secret = { readonly file: string } | { readonly text: string; readonly isSecret?: true };

/** Longer ones are no passwords, bytes. */
const LONGEST = 64 * 1024;
/** What a request sends is read anew for each, bytes. */
const LARGEST_BODY = 10 * 1024 * 1024;

/**
 * What a secret is now, without white space around it. Throws ProbeFailure (exporter_error) when its file cannot be read, is empty, or has
 * more than a line: it becomes part of a header. The message names the file, never what is in it.
 */
export function readSecret(secret: Secret, what: string): string {
  const text = 'text' in secret ? secret.text : bytesOf(secret.file, what, LONGEST).toString('utf8').trim();
  if ('file' in secret && text === '') throw new ProbeFailure('exporter_error', `${what} ${secret.file} is empty`);
  if (/[\p{Cc}]/u.test(text))
    throw new ProbeFailure(
      'exporter_error',
      `${what} ${'file' in secret ? `${secret.file} ` : ''}must be one line of text`,
    );
  return text;
}

/** The bytes of a text, or of a file as it is now. Throws ProbeFailure (exporter_error) when it cannot be read. */
export function readWhole(source: Secret, what: string): Buffer {
  return 'text' in source ? Buffer.from(source.text) : bytesOf(source.file, what, LARGEST_BODY);
}

function bytesOf(file: string, what: string, most: number): Buffer {
  try {
    const stats = statSync(file);
    // A pipe would make everybody wait for whoever writes to it.
    if (!stats.isFile()) throw new Error(stats.isDirectory() ? 'it is a directory' : 'it is no file');
    if (stats.size > most) throw new Error(`it is larger than ${most} bytes`);
    return readFileSync(file);
  } catch (error) {
    throw new ProbeFailure('exporter_error', `cannot read ${what} ${file}: ${readFailure(error)}`, { cause: error });
  }
}
