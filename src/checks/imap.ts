import type { Check } from './check.ts';
import { NO_OPTIONS } from './no-options.ts';
import { noteProduct, refusesTls } from './reply-lines.ts';
import { type Talk, unavailable, unexpected } from './talk.ts';

/** Mailbox servers. Source: RFC 9051, sections 7.1 and 6.1.3; STARTTLS: section 6.2.1. */
export const imap: Check<Record<string, never>> = {
  name: 'imap',
  ports: [143],
  summary: 'its greeting is `* OK` or `* PREAUTH`; left with `LOGOUT`',
  tls: { direct: true, starttls: true },
  options: NO_OPTIONS,
  run: greet,
};

/** The same in TLS from the first byte. Source: RFC 8314. */
export const imaps: Check<Record<string, never>> = {
  name: 'imaps',
  ports: [993],
  summary: 'in TLS its greeting is `* OK` or `* PREAUTH`; left with `LOGOUT`',
  tls: { direct: true, unasked: 'direct' },
  options: NO_OPTIONS,
  run: greet,
};

async function greet(talk: Talk): Promise<void> {
  const greeting = await talk.line();
  const [, condition, text = ''] = /^\* (OK|PREAUTH|BYE)(?: (.*))?$/is.exec(greeting) ?? [];
  if (condition === undefined) throw unexpected('a greeting of IMAP', greeting);
  if (condition.toUpperCase() === 'BYE') throw unavailable(greeting);
  talk.farewell = 'p1 LOGOUT\r\n';
  if (condition.toUpperCase() === 'PREAUTH') talk.knows({ state: 'preauthenticated' });
  noteProduct(talk, text);
  if (talk.tls === 'wanted') await upgrade(talk);
}

async function upgrade(talk: Talk): Promise<void> {
  const reply = await command(talk, 'p2', 'STARTTLS');
  if (!/^p2 OK\b/i.test(reply)) throw refusesTls(reply);
  await talk.startTls();
  // What a server makes of the handshake it says afterwards: its answer is the proof, and LOGOUT the shortest question.
  talk.farewell = undefined;
  const goodbye = await command(talk, 'p3', 'LOGOUT');
  if (!/^p3 OK\b/i.test(goodbye)) throw unexpected('p3 OK', goodbye);
}

/** Says a command; its tagged reply. BYE without being asked is the server's end of the talk. */
async function command(talk: Talk, tag: string, words: string): Promise<string> {
  talk.send(`${tag} ${words}\r\n`);
  for (;;) {
    const line = await talk.line();
    if (line.startsWith(`${tag} `)) return line;
    if (words !== 'LOGOUT' && /^\* BYE\b/i.test(line)) throw unavailable(line);
    if (!line.startsWith('* ')) throw unexpected(`a reply to ${words}`, line);
  }
}
