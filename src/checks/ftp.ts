import type { Check } from './check.ts';
import { NO_OPTIONS } from './no-options.ts';
import { greetingText, noteProduct, readReply, refusesTls } from './reply-lines.ts';
import { type Talk, unavailable } from './talk.ts';

const QUIT = 'QUIT\r\n';

/** File servers. Source: RFC 959; AUTH TLS: RFC 4217. */
export const ftp: Check<Record<string, never>> = {
  name: 'ftp',
  ports: [21],
  summary: 'its greeting ends with a line `220`; left with `QUIT`, with starttls after `AUTH TLS`',
  tls: { direct: true, starttls: true },
  options: NO_OPTIONS,
  async run(talk) {
    const greeting = await readReply(talk, 'FTP');
    // 421 closes the connection, and so do servers that refuse with another code: they are left without a word.
    const text = greetingText(greeting, 'FTP', 'SMTP');
    talk.farewell = QUIT;
    noteProduct(talk, text);
    if (talk.tls === 'wanted') await upgrade(talk);
  },
};

async function upgrade(talk: Talk): Promise<void> {
  talk.send('AUTH TLS\r\n');
  const reply = await readReply(talk, 'FTP');
  if (reply.code === 421) throw unavailable(reply.text);
  if (reply.code !== 234) throw refusesTls(reply.text);
  await talk.startTls();
  // What a server makes of the handshake it says afterwards: its answer is the proof, and QUIT the shortest question.
  talk.farewell = undefined;
  talk.send(QUIT);
  const goodbye = await readReply(talk, 'FTP');
  if (goodbye.code >= 400) throw unavailable(goodbye.text);
}
