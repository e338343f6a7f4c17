import { ProbeFailure } from '../core/reason.ts';
import { quote, type Talk, unavailable, unexpected } from './talk.ts';

/** A reply of SMTP or FTP: its code, 100 to 599, and all of its lines as one text, code included. */
export type Reply = { readonly code: number; readonly text: string };

const CODED_LINE = /^([1-5]\d\d)(?:([ -])|$)/;
/** A name that a release number or a note in brackets may follow. What servers greet with besides (dates, ids) differs from probe to probe. */
const PRODUCT =
  /\b(?:Postfix|Exim|Sendmail|OpenSMTPD|Haraka|Dovecot|Cyrus (?:IMAP|POP3)|Courier-IMAP|vsFTPd|ProFTPD|Pure-FTPd|FileZilla Server|Microsoft FTP Service)\b(?: v?\d[\w+~-]*(?:[./][\w+~-]+)*)?(?: \([\w./+~ -]{1,40}\))?/i;

/**
 * Reads one reply, however many lines it has. Of FTP the last line is the one with the first one's code (RFC 959, section 4.2), and what
 * is between them is free. Of SMTP each line has a code, and the last one's counts: Postfix's postscreen begins `220-` and may end `521`.
 */
export async function readReply(talk: Talk, protocol: 'SMTP' | 'FTP'): Promise<Reply> {
  const lines = [await talk.line()];
  let [code, mark] = head(lines[0] as string, protocol);
  const opened = code;
  while (mark === '-') {
    const line = await talk.line();
    lines.push(line);
    if (protocol === 'SMTP') [code, mark] = head(line, protocol);
    else if (line === opened || line.startsWith(`${opened} `)) break;
  }
  return { code: Number(code), text: lines.join(' ') };
}

/**
 * The text of a greeting that takes clients; fails with the server's own words on any other. SMTP and FTP greet alike: text that names
 * the `other` one and not this one is the other one's.
 */
export function greetingText({ code, text }: Reply, protocol: 'SMTP' | 'FTP', other: string): string {
  if (code >= 400 || code === 120) throw unavailable(text);
  if (code !== 220 || (text.includes(other) && !text.includes(protocol)))
    throw unexpected(`a greeting of ${protocol}`, text);
  return text;
}

/** Notes program and release where the greeting names them, in its own words. */
export function noteProduct(talk: Talk, greeting: string): void {
  const version = PRODUCT.exec(greeting)?.[0];
  if (version !== undefined) talk.knows({ version });
}

/** The server was asked to change to TLS and does not, for a reason in its own words. */
export function refusesTls(said: string): ProbeFailure {
  return new ProbeFailure('tls_handshake_failed', `the service does not change to TLS: it says ${quote(said)}`);
}

/** The code, and "-" where more lines follow. */
function head(line: string, protocol: string): readonly [string, string] {
  const [, code, mark = ' '] = CODED_LINE.exec(line) ?? [];
  if (code === undefined) throw unexpected(`a reply of ${protocol}`, line);
  return [code, mark];
}
