import { ProbeFailure } from '../core/reason.ts';
import type { Check } from './check.ts';
import { wantsClientCertificate } from './client-certificate.ts';
import { jsonObject } from './json.ts';
import { NO_OPTIONS } from './no-options.ts';
import { type Talk, unavailable, unexpected } from './talk.ts';

/** INFO names the routes of a cluster, so it may be long; bytes. */
const LONGEST_INFO = 32_768;
/** A server that has no room for us says so right behind INFO: so long that is waited for where nothing else would tell, ms. */
const SECOND_THOUGHT_MS = 50;
/** Lines that may come before PONG: +OK, another INFO, a PING of the server's. */
const MOST_LINES = 10;
const WHO = { verbose: false, pedantic: false, name: 'port-exporter', lang: 'none', version: '0', protocol: 0 };

type Info = Readonly<Record<string, unknown>>;

/**
 * NATS. To a server that wants a password nothing is said: INFO has proved it, and it would log the rest as an error.
 * Source: NATS client protocol.
 */
export const nats: Check<Record<string, never>> = {
  name: 'nats',
  ports: [4222],
  summary: '`INFO` comes unasked, then, unless a password is required, `CONNECT` and `PING` are answered `PONG`',
  tls: { direct: true, starttls: true, unasked: 'offered' },
  options: NO_OPTIONS,
  async run(talk) {
    const info = parseInfo(await talk.line(LONGEST_INFO));
    const version = info['version'];
    if (typeof version === 'string') talk.knows({ version });
    if (info['ldm'] === true) throw unavailable('lame duck mode');
    const wantsTls = info['tls_required'] === true && talk.tls !== 'in tls';
    const changes = wishesTls(talk, info);
    if (changes || wantsTls || info['auth_required'] === true) await secondThought(talk);
    if (changes) await talk.startTls();
    if (info['auth_required'] === true) talk.knows({ state: 'auth_required' });
    else if (wantsTls && !changes) talk.knows({ state: 'tls_required' });
    else await ping(talk);
  },
};

function parseInfo(line: string): Info {
  if (line.startsWith('-ERR')) throw judge(line);
  const info = /^INFO\s+(\{.*\})\s*$/i.exec(line)?.[1];
  const json = info === undefined ? undefined : jsonObject(info);
  if (json === undefined) throw unexpected('INFO', line);
  return json;
}

/** Whether to change to TLS now: where that is wished and the server can. */
function wishesTls(talk: Talk, info: Info): boolean {
  if (talk.tls !== 'wanted' && talk.tls !== 'if offered') return false;
  if (info['tls_required'] === true || info['tls_available'] === true) return true;
  if (talk.tls === 'wanted') throw new ProbeFailure('tls_handshake_failed', 'the server does not offer TLS');
  return false;
}

/** What is no refusal stays unread: to go on in the clear where TLS is to begin is a fault of its own. */
async function secondThought(talk: Talk): Promise<void> {
  const line = await talk.takeWithin(SECOND_THOUGHT_MS, (unread) => {
    const end = unread.indexOf('\n');
    return end < 0 ? undefined : { used: 0, value: unread.toString('utf8', 0, end) };
  });
  if (line?.startsWith('-ERR')) throw judge(line);
}

async function ping(talk: Talk): Promise<void> {
  talk.send(`CONNECT ${JSON.stringify(WHO)}\r\nPING\r\n`);
  try {
    await pong(talk);
  } catch (error) {
    if (!wantsClientCertificate(error)) throw error;
    talk.knows({ state: 'client_certificate_required' });
  }
}

async function pong(talk: Talk): Promise<void> {
  for (let lines = 0; lines < MOST_LINES; lines++) {
    const line = await talk.line(LONGEST_INFO);
    if (line === 'PONG') return;
    if (/^-ERR 'auth/i.test(line)) {
      talk.knows({ state: 'auth_required' });
      return;
    }
    if (line.startsWith('-ERR')) throw judge(line);
    if (!/^(?:\+OK|INFO\s.*|PING)$/i.test(line)) throw unexpected('PONG', line);
  }
  throw unexpected('PONG', `${MOST_LINES} other lines`);
}

function judge(line: string): Error {
  return unavailable(line.slice('-ERR'.length));
}
