import { readFileSync } from 'node:fs';
import { ProbeFailure } from '../core/reason.ts';
import { readFailure } from './pem.ts';

/** A password or token: in a file, whose content may change, or as it is. */
export type Secret = { readonly file: string } | { readonly text: string };

/** Longer ones are no passwords, bytes. */
const LONGEST = 64 * 1024;

/**
 * What a secret is now, without white space around it. Throws ProbeFailure (exporter_error) when its file cannot be read, is empty, or has
 * more than a line: it becomes part of a header. The message names the file, never what is in it.
 */
export function readSecret(secret: Secret, what: string): string {
  const text = 'text' in secret ? secret.text : readFile(secret.file, what);
  if ('file' in secret && text === '') throw new ProbeFailure('exporter_error', `${what} ${secret.file} is empty`);
  if (/[\p{Cc}]/u.test(text))
    throw new ProbeFailure(
      'exporter_error',
      `${what} ${'file' in secret ? `${secret.file} ` : ''}must be one line of text`,
    );
  return text;
}

function readFile(file: string, what: string): string {
  try {
    const text = readFileSync(file, 'utf8');
    if (text.length > LONGEST) throw new Error(`it is larger than ${LONGEST} bytes`);
    return text.trim();
  } catch (error) {
    throw new ProbeFailure('exporter_error', `cannot read ${what} ${file}: ${readFailure(error)}`, { cause: error });
  }
}
