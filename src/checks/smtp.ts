import { z } from 'zod';
import { ProbeFailure } from '../core/reason.ts';
import type { Check } from './check.ts';
import { greetingText, noteProduct, type Reply, readReply, refusesTls } from './reply-lines.ts';
import { quote, type Talk, unavailable, unexpected } from './talk.ts';

/** `ehlo_name`: what to call ourselves where the server is told, a host name or an address literal. */
type SmtpOptions = { readonly ehlo_name?: string | undefined };

/**
 * RFC 5321 wants the client's host name. A monitor's is seldom one that the mail server can look up, and somebody else's would be a lie
 * that filters look for; a name under .invalid is nobody's (RFC 2606). Names are judged when mail is sent, which no probe does.
 */
const NOBODY = 'port-exporter.invalid';
const EHLO_NAME = /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[a-z0-9.:]+\])$/i;
const EHLO_FORM = 'must be a host name such as monitor.example.com, or an address in brackets such as [192.0.2.1]';
/** How servers of other protocols answer commands they do not know, or want a login for. */
const OF_OTHERS: ReadonlySet<number> = new Set([500, 502, 503, 530]);

const OPTIONS: z.ZodType<SmtpOptions> = z.strictObject({
  ehlo_name: z
    .string({ error: EHLO_FORM })
    .max(255, { error: `${EHLO_FORM}, at most 255 characters long` })
    .regex(EHLO_NAME, { error: ({ input }) => `${EHLO_FORM}, not ${quote(String(input))}` })
    .optional(),
});

/** Mail servers. Source: RFC 5321; STARTTLS: RFC 3207. */
export const smtp: Check<SmtpOptions> = {
  name: 'smtp',
  ports: [25, 587],
  summary: 'its greeting ends with a line `220`, confirmed by `EHLO` where it does not name SMTP; left with `QUIT`',
  tls: { direct: true, starttls: true },
  options: OPTIONS,
  // A client that hangs up without QUIT is a line more in the log, and the one that fail2ban's filters against floods look for.
  punishesSilence: true,
  run: greet,
};

/** The same in TLS from the first byte. Source: RFC 8314. */
export const smtps: Check<SmtpOptions> = {
  name: 'smtps',
  ports: [465],
  summary:
    'in TLS its greeting ends with a line `220`, confirmed by `EHLO` where it does not name SMTP; left with `QUIT`',
  tls: { direct: true, unasked: 'direct' },
  options: OPTIONS,
  punishesSilence: true,
  run: greet,
};

/** Not a word before the greeting is over: Postfix's postscreen ends the talk of clients that speak too early. */
async function greet(talk: Talk, { ehlo_name = NOBODY }: SmtpOptions): Promise<void> {
  const greeting = await readReply(talk, 'SMTP');
  // RFC 5321, section 3.1: a server that refuses waits for QUIT all the same; only after 421 it has hung up.
  if (greeting.code !== 421) talk.farewell = 'QUIT\r\n';
  const text = greetingText(greeting, 'SMTP', 'FTP');
  noteProduct(talk, text);
  if (talk.tls === 'wanted') await upgrade(talk, ehlo_name);
  else if (!text.includes('SMTP')) await introduce(talk, ehlo_name);
}

async function upgrade(talk: Talk, name: string): Promise<void> {
  const abilities = await introduce(talk, name);
  if (!/\b250[ -]STARTTLS\b/i.test(abilities))
    throw new ProbeFailure('tls_handshake_failed', 'the service does not offer STARTTLS');
  const reply = await ask(talk, 'STARTTLS');
  if (reply.code !== 220) throw refusesTls(reply.text);
  await talk.startTls();
  // What a server makes of the handshake it says afterwards: its answer is the proof, and QUIT the shortest question.
  talk.farewell = undefined;
  const goodbye = await ask(talk, 'QUIT');
  if (goodbye.code >= 400) throw unavailable(goodbye.text);
}

/**
 * Says who we are, which only a mail server understands: also the proof where the greeting does not name SMTP, as it could be FTP's. What
 * the server can; nothing where it is so old that it knows only HELO (RFC 5321, section 3.2).
 */
async function introduce(talk: Talk, name: string): Promise<string> {
  let reply = await ask(talk, `EHLO ${name}`);
  if (reply.code === 500 || reply.code === 502) reply = await ask(talk, `HELO ${name}`);
  const { code, text } = reply;
  if (code === 250) return text;
  throw code >= 400 && !OF_OTHERS.has(code) ? unavailable(text) : unexpected('250 to EHLO', text);
}

async function ask(talk: Talk, command: string): Promise<Reply> {
  talk.send(`${command}\r\n`);
  return await readReply(talk, 'SMTP');
}
