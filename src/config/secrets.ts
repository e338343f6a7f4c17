import { HIDDEN } from '../core/hidden.ts';
import type { Secret } from '../net/secret.ts';

/** What two keys say, one with the secret itself and one with the file that has it. An empty one without either. */
export function secretOf(text: string | undefined, file: string | undefined): Secret {
  return file === undefined ? { text: text ?? '' } : { file };
}

/** The key that says it: NAME with the secret hidden, or NAME_file. None for an empty secret. */
export function secretTree(name: string, secret: Secret): Record<string, string> {
  if ('file' in secret) return { [`${name}_file`]: secret.file };
  return secret.text === '' ? {} : { [name]: HIDDEN };
}
