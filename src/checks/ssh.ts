import { ProbeFailure } from '../core/reason.ts';
import type { Reader } from '../net/channel.ts';
import type { Check } from './check.ts';
import { NO_OPTIONS } from './no-options.ts';
import { quote, type Talk, unavailable, unexpected, words } from './talk.ts';

/** No hyphen and no space: they would end the name. RFC 4253, section 4.2. */
const OUR_ID = 'SSH-2.0-port_exporter\r\n';
/** How many lines a server may say before its identification: as many as OpenSSH's client puts up with. */
const MOST_LINES = 1024;
/** How long a server that has said another line may take for the next one, ms. Unless it is an SSH server it waits for us now. */
const NEXT_LINE_MS = 2000;
/** RFC 4253, section 6.1. */
const LONGEST_PACKET = 35_000;
const DISCONNECT = 1;
const IGNORE = 2;
const DEBUG = 4;
const KEXINIT = 20;
/** Type, cookie, ten empty lists, a flag and a reserved number. RFC 4253, section 7.1. */
const SHORTEST_KEXINIT = 1 + 16 + 10 * 4 + 1 + 4;

/**
 * SSH. A visit ends with FIN after the server's offer: OpenSSH logs one line then, but two after SSH_MSG_DISCONNECT and two for a
 * connect alone. Since 9.8 it refuses an address that visits about once a second or more without logging in.
 * Source: RFC 4253; sshd_config(5), PerSourcePenalties and MaxStartups.
 */
export const ssh: Check<Record<string, never>> = {
  name: 'ssh',
  ports: [22],
  summary: 'after both identifications (`SSH-2.0-...`) the server offers its key exchange (`SSH_MSG_KEXINIT`)',
  tls: {},
  options: NO_OPTIONS,
  punishesSilence: true,
  mostPerSecond: 0.5,
  run: greet,
};

/** A part of SSH that begins after the login: without credentials there is nothing more to see than SSH. */
export const sftp: Check<Record<string, never>> = { ...ssh, name: 'sftp', ports: [] };

async function greet(talk: Talk): Promise<void> {
  const id = await identification(talk);
  const version = /^SSH-(?:2\.0|1\.99)-(.+)$/.exec(id)?.[1];
  if (version === undefined) throw unexpected('SSH-2.0-...', id);
  talk.knows({ version });
  talk.send(OUR_ID);
  for (;;) {
    const payload = await talk.take(readPacket);
    const [type] = payload;
    if (type === KEXINIT && payload.length >= SHORTEST_KEXINIT) return;
    if (type === DISCONNECT) throw unavailable(disconnectWords(payload));
    if (type !== IGNORE && type !== DEBUG) throw unexpected('SSH_MSG_KEXINIT', payload);
  }
}

/** The line that begins with SSH-; a server may say others before it, and OpenSSH says so why it hangs up. */
async function identification(talk: Talk): Promise<string> {
  let last = await talk.line();
  for (let i = 1; !last.startsWith('SSH-'); i++) {
    const refusal = refused(last);
    if (refusal !== undefined) throw refusal;
    if (i === MOST_LINES) throw unexpected('SSH-2.0-...', last);
    last = await nextLine(talk, last);
  }
  return last;
}

function refused(line: string): Error | undefined {
  if (line.startsWith('Exceeded MaxStartups')) return unavailable(line);
  if (!line.startsWith('Not allowed at this time')) return undefined;
  const hint = 'it penalises this address, see PerSourcePenaltyExemptList in sshd_config(5)';
  return new ProbeFailure('service_unavailable', `the service says ${quote(line)}: ${hint}`);
}

/** What follows a line that was not the one expected. When nothing does, that line is what the server has to say. */
async function nextLine(talk: Talk, last: string): Promise<string> {
  const reader: Reader<string> = (unread) => {
    const end = unread.indexOf(0x0a);
    return end < 0 ? undefined : { used: end + 1, value: unread.toString('utf8', 0, end).replace(/\r$/, '') };
  };
  const next = await talk.takeWithin(NEXT_LINE_MS, reader).catch((error: unknown) => {
    throw error instanceof ProbeFailure && error.reason === 'closed_early' ? unexpected('SSH-2.0-...', last) : error;
  });
  if (next === undefined) throw unexpected('SSH-2.0-...', last);
  return next;
}

/** The payload of one packet as it is before any key exchange: no encryption, no MAC. RFC 4253, section 6. */
function readPacket(unread: Buffer): { readonly used: number; readonly value: Buffer } | undefined {
  if (unread.length < 5) return undefined;
  const length = unread.readUInt32BE(0);
  const padding = unread.readUInt8(4);
  if (length > LONGEST_PACKET || length < padding + 2) throw unexpected('an SSH packet', unread);
  const used = 4 + length;
  return unread.length < used ? undefined : { used, value: unread.subarray(5, used - padding) };
}

/** The server's words in SSH_MSG_DISCONNECT: a reason code, then text. RFC 4253, section 11.1. */
function disconnectWords(payload: Buffer): string {
  if (payload.length < 9) return 'disconnect';
  const code = payload.readUInt32BE(1);
  const text = payload.subarray(9, 9 + payload.readUInt32BE(5));
  return `disconnect ${code}: ${words(text)}`;
}
