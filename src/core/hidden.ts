/** What stands in the place of a secret. */
export const HIDDEN = '<secret>';

const TELLING =
  /auth|cookie|credential|key|passw|passphrase|passcode|pwd|secret|session|signature|token|(?<![a-z])(?:otp|pass|pin)(?![a-z])/i;

/** Whether a value under that name, or a text with these words, is nobody else's business. */
export function isTelling(text: string): boolean {
  return TELLING.test(text);
}

/** The URL without the password in it; somebody without one is a token. */
export function urlTree(url: string): string {
  return url.replace(
    /^([a-z][a-z\d+.-]*:\/\/)([^/?#]*)@/i,
    (_, scheme: string, who: string) => `${scheme}${whoTree(who)}@`,
  );
}

/** The same of what is no right address: all that stands before its last @ may belong to the password. */
export function addressTree(text: string): string {
  return text.replace(
    /^([a-z][a-z\d+.-]*:\/\/)?(.+)@/is,
    (_, scheme: string | undefined, who: string) => `${scheme ?? ''}${whoTree(who)}@`,
  );
}

function whoTree(who: string): string {
  const [user = ''] = who.split(':');
  return `${who.includes(':') ? `${user}:` : ''}${HIDDEN}`;
}
