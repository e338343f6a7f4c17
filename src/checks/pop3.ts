import type { Check } from './check.ts';
import { NO_OPTIONS } from './no-options.ts';
import { noteProduct, refusesTls } from './reply-lines.ts';
import { type Talk, unavailable, unexpected } from './talk.ts';

const QUIT = 'QUIT\r\n';

/** Post offices. Source: RFC 1939; STLS: RFC 2595, section 4. */
export const pop3: Check<Record<string, never>> = {
  name: 'pop3',
  ports: [110],
  summary: 'its greeting is `+OK`; left with `QUIT`',
  tls: { direct: true, starttls: true },
  options: NO_OPTIONS,
  run: greet,
};

/** The same in TLS from the first byte. Source: RFC 8314. */
export const pop3s: Check<Record<string, never>> = {
  name: 'pop3s',
  ports: [995],
  summary: 'in TLS its greeting is `+OK`; left with `QUIT`',
  tls: { direct: true, unasked: 'direct' },
  options: NO_OPTIONS,
  run: greet,
};

async function greet(talk: Talk): Promise<void> {
  const greeting = await talk.line();
  if (/^-ERR\b/i.test(greeting)) throw unavailable(greeting);
  if (!isOk(greeting)) throw unexpected('a greeting of POP3', greeting);
  talk.farewell = QUIT;
  noteProduct(talk, greeting);
  if (talk.tls === 'wanted') await upgrade(talk);
}

async function upgrade(talk: Talk): Promise<void> {
  talk.send('STLS\r\n');
  const reply = await talk.line();
  if (!isOk(reply)) throw refusesTls(reply);
  await talk.startTls();
  // What a server makes of the handshake it says afterwards: its answer is the proof, and QUIT the shortest question.
  talk.farewell = undefined;
  talk.send(QUIT);
  const goodbye = await talk.line();
  if (!isOk(goodbye)) throw unexpected('+OK to QUIT', goodbye);
}

function isOk(line: string): boolean {
  return /^\+OK(?: |$)/i.test(line);
}
