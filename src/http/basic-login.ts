import type { Login } from './passwords.ts';

/** User and password of an Authorization header; undefined where it is something else. Source: RFC 7617. */
export function basicLogin(header: string | undefined): Login | undefined {
  const [, base64] = /^basic +([\w+/]*={0,2})$/i.exec(header ?? '') ?? [];
  if (base64 === undefined) return undefined;
  const text = decode(Buffer.from(base64, 'base64'));
  const at = text.indexOf(':');
  return at < 0 ? undefined : { user: text.slice(0, at), password: text.slice(at + 1) };
}

/** UTF-8, as we ask for; some clients send Latin-1, which is hardly ever valid UTF-8 where the two differ. */
function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return bytes.toString('latin1');
  }
}
