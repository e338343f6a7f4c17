import { ProbeFailure } from '../core/reason.ts';
import type { Reader } from '../net/channel.ts';
import type { Check } from './check.ts';
import { NO_OPTIONS } from './no-options.ts';
import { type Talk, unexpected } from './talk.ts';

/** CONNECT of MQTT 3.1.1: a clean session, 10 s to keep alive, and no client id: one that two of us shared would throw the other out. */
const CONNECT = Buffer.from('100c00044d5154540402000a0000', 'hex');
const DISCONNECT = Buffer.from('e000', 'hex');
const CONNACK = 0x20;
/** The longest CONNACK that is read: brokers that only know MQTT 5 have properties in it, bytes. */
const LONGEST_CONNACK = 127;

/** What a broker says that lives, but does not want us. */
const STATES: Readonly<Record<number, string>> = {
  1: 'version_refused',
  2: 'client_id_refused',
  4: 'auth_required',
  5: 'auth_required',
  [0x84]: 'version_refused',
  [0x85]: 'client_id_refused',
  [0x86]: 'auth_required',
  [0x87]: 'auth_required',
};

/** What it says that cannot serve. */
const REFUSALS: Readonly<Record<number, string>> = {
  3: 'server unavailable',
  [0x88]: 'server unavailable',
  [0x89]: 'server busy',
  [0x8a]: 'banned',
  [0x97]: 'quota exceeded',
  [0x9c]: 'use another server',
  [0x9d]: 'server moved',
  [0x9f]: 'connection rate exceeded',
};

/**
 * Brokers of MQTT: Mosquitto, EMQX, RabbitMQ's plugin and others. Source: MQTT 3.1.1, 3.1, 3.2 and 3.14; reason codes from 0x80 on: MQTT 5,
 * 3.2.2.2, which brokers may answer that know no other version.
 */
export const mqtt: Check<Record<string, never>> = {
  name: 'mqtt',
  ports: [1883],
  summary: '`CONNECT` without a client id, in a clean session, is answered by `CONNACK`; then `DISCONNECT`',
  tls: { direct: true },
  options: NO_OPTIONS,
  run,
};

/** The same in TLS. */
export const mqtts: Check<Record<string, never>> = {
  ...mqtt,
  name: 'mqtts',
  ports: [8883],
  tls: { direct: true, unasked: 'direct' },
};

async function run(talk: Talk): Promise<void> {
  talk.send(CONNECT);
  const code = await talk.take(parseConnack);
  if (code === 0) {
    talk.farewell = DISCONNECT;
    return;
  }
  const state = STATES[code];
  if (state === undefined) throw new ProbeFailure('service_unavailable', `CONNACK ${code}: ${REFUSALS[code]}`);
  talk.knows({ state });
}

/** Reads CONNACK: its return code. */
const parseConnack: Reader<number> = (unread) => {
  const [type = CONNACK, length = 2] = unread;
  if (type !== CONNACK || length < 2 || length > LONGEST_CONNACK) throw unexpected('CONNACK', unread);
  const [, , flags, code] = unread;
  if (flags === undefined || code === undefined || unread.length < 2 + length) return undefined;
  const isKnown = code === 0 || code in STATES || code in REFUSALS;
  if (flags > 1 || !isKnown) throw unexpected('CONNACK', unread);
  return { used: 2 + length, value: code };
};
