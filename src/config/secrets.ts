import type { Secret } from '../net/secret.ts';

/** What stands in the place of a secret. */
export const HIDDEN = '<secret>';

const TELLING = /auth|cookie|credential|key|passw|passphrase|pwd|secret|session|signature|token/i;

/** Whether a value under that name, or a text with these words, is nobody else's business. */
export function isTelling(text: string): boolean {
  return TELLING.test(text);
}

/** What two keys say, one with the secret itself and one with the file that has it. An empty one without either. */
export function secretOf(text: string | undefined, file: string | undefined): Secret {
  return file === undefined ? { text: text ?? '' } : { file };
}

/** The key that says it: NAME with the secret hidden, or NAME_file. None for an empty secret. */
export function secretTree(name: string, secret: Secret): Record<string, string> {
  if ('file' in secret) return { [`${name}_file`]: secret.file };
  return secret.text === '' ? {} : { [name]: HIDDEN };
}

/** The URL without the password in it; somebody without one is a token. */
export function urlTree(url: string): string {
  return url.replace(/^([a-z][a-z\d+.-]*:\/\/)([^/?#@]*)@/i, (_, scheme: string, who: string) => {
    const [user = ''] = who.split(':');
    return `${scheme}${who.includes(':') ? `${user}:` : ''}${HIDDEN}@`;
  });
}
