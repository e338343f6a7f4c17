import { z } from 'zod';
import { formatEndpoint } from '../core/endpoint.ts';
import { ProbeFailure } from '../core/reason.ts';
import type { CheckSample, ProbeResult } from '../core/result.ts';
import { readSecret, type Secret } from '../net/secret.ts';
import { WebSocketConnection } from '../net/websocket.ts';
import type { Check } from './check.ts';
import type { DialogueStep } from './dialogue.ts';
import type { Pattern } from './dialogue-pattern.ts';
import { authorization } from './http-auth.ts';
import type { HttpAuth } from './http-options.ts';
import { quote, type Talk, unexpected, words } from './talk.ts';
import { Work } from './work.ts';

/** What is sent with the upgrade, and what is said in messages then. */
export type WebsocketOptions = {
  readonly headers: readonly (readonly [name: string, value: Secret])[];
  readonly auth?: HttpAuth;
  readonly steps: readonly DialogueStep[];
};

/** The families that a WebSocket has samples of, as blackbox_exporter has them. Source: prober/websocket.go. */
const FAMILIES = {
  status: 'probe_websocket_status_code',
  upgraded: 'probe_websocket_connection_upgraded',
  regex: 'probe_websocket_failed_due_to_regex',
} as const;

const SWITCHED = 101;
/** What all messages together may cost that patterns are held against: as much as the lines of a TCP dialogue. */
const MOST_WORK = 10_000_000;
/** What a message is by itself. */
const MESSAGE_WORK = 500;

const WEBSOCKET = {
  form: 'url',
  families: [
    { name: FAMILIES.status, help: 'The status of the answer to the upgrade to WebSocket; 0 without one.' },
    { name: FAMILIES.upgraded, help: 'Whether the connection was upgraded to WebSocket.' },
    { name: FAMILIES.regex, help: 'Whether the probe failed because a message did not match.' },
  ],
  report,
  // WebSocket is a matter of HTTP/1.1; over HTTP/2 it would be another one (RFC 8441), which servers rarely speak.
  applicationProtocols: () => ['http/1.1'],
  run: speak,
} as const satisfies Partial<Check<WebsocketOptions>>;

const NOTHING_TO_SAY: WebsocketOptions = { headers: [], steps: [] };
const SUMMARY = 'the upgrade to WebSocket is answered with 101, and left with a close frame';

/** A WebSocket server. Source: RFC 6455. */
export const ws: Check<WebsocketOptions> = {
  ...WEBSOCKET,
  name: 'ws',
  ports: [80],
  sharesPorts: true,
  summary: SUMMARY,
  tls: { direct: true },
  schemes: [{ name: 'ws', port: 80, inTls: false }],
  options: z.strictObject({}).transform(() => NOTHING_TO_SAY),
  optionNames: [],
  written: () => ({}),
};

/** The same in TLS. */
export const wss: Check<WebsocketOptions> = {
  ...ws,
  name: 'wss',
  ports: [443],
  summary: `in TLS ${SUMMARY}`,
  tls: { direct: true, unasked: 'direct' },
  schemes: [{ name: 'wss', port: 443, inTls: true }],
};

/** A WebSocket, and a dialogue in its messages. Source: blackbox_exporter, CONFIGURATION.md, <websocket_probe>. */
export const websocket: Check<WebsocketOptions> = {
  ...WEBSOCKET,
  name: 'websocket',
  ports: [],
  summary: 'the upgrade to WebSocket, then what `query_response` says',
  tls: { direct: true },
  schemes: [
    { name: 'ws', port: 80, inTls: false },
    { name: 'wss', port: 443, inTls: true },
  ],
  // Made by whoever reads the configuration, never written under `options:`.
  options: z.custom<WebsocketOptions>((value) => typeof value === 'object' && value !== null && 'steps' in value),
};

async function speak(talk: Talk, { headers, auth, steps }: WebsocketOptions): Promise<void> {
  const { socket } = talk.lend();
  const connection = new WebSocketConnection(socket);
  talk.goodbye = () => connection.leave();
  try {
    await upgrade(talk, connection, headers, auth);
  } finally {
    if (connection.status !== undefined) talk.sample(FAMILIES.status, connection.status);
  }
  talk.sample(FAMILIES.upgraded, 1);
  const work = new Work(MOST_WORK);
  for (const { expect, send } of steps) {
    const message = expect === undefined ? undefined : await connection.next();
    // What judging it takes is not the peer's time.
    talk.arrival();
    if (message !== undefined && expect !== undefined) judge(talk, message, expect, work);
    if (typeof send === 'string') connection.send(filledIn(send, message, expect, work));
    else if (send !== undefined) connection.send(send.toString('utf8'));
  }
}

async function upgrade(
  talk: Talk,
  connection: WebSocketConnection,
  headers: WebsocketOptions['headers'],
  auth: HttpAuth | undefined,
): Promise<void> {
  const own = headers.map(([name, value]) => [name, readSecret(value, `the header ${name}`)] as const);
  const who = await authorization(talk, auth);
  const all = who === undefined ? own : [...own, ['Authorization', who] as const];
  const authority = formatEndpoint(talk.endpoint).replace(/%[^\]]*/, '');
  const { status, isUpgraded } = await connection.upgrade({ authority, path: talk.resource ?? '/', headers: all });
  if (!isUpgraded) throw new ProbeFailure('http_status', `the upgrade is answered ${status}; expected ${SWITCHED}`);
}

function judge(talk: Talk, message: Buffer, expect: Pattern | Buffer, work: Work): void {
  work.spend(MESSAGE_WORK);
  if (Buffer.isBuffer(expect) ? message.equals(expect) : expect.isIn(message, work)) return;
  talk.sample(FAMILIES.regex, 1);
  const wanted = Buffer.isBuffer(expect)
    ? quote(expect)
    : `a message that matches ${JSON.stringify(words(expect.source))}`;
  throw unexpected(wanted, message);
}

/** Groups are looked for only where something refers to them: that takes a hundred times as long in a message of a megabyte. */
function filledIn(text: string, message: Buffer | undefined, expect: DialogueStep['expect'], work: Work): string {
  if (message === undefined || expect === undefined || Buffer.isBuffer(expect) || !text.includes('$')) return text;
  work.spend((message.length + 1) * expect.cost);
  return expect.find(message)?.expand(text).toString('utf8') ?? text;
}

/** Every sample, 0 for what is not known. */
function report({ samples = [] }: ProbeResult): readonly CheckSample[] {
  return Object.values(FAMILIES).map(
    (name) => samples.find((one) => one.name === name) ?? { name, labels: {}, value: 0 },
  );
}
