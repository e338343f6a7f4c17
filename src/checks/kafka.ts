import { ProbeFailure } from '../core/reason.ts';
import type { Check } from './check.ts';
import { NO_OPTIONS } from './no-options.ts';
import { unexpected } from './talk.ts';

const API_VERSIONS = 18;
/** The broker repeats it: what it answers is then an answer to us. */
const CORRELATION = 0x7065_7870;
const CLIENT_ID = 'port-exporter';

const NO_ERROR = 0;
/** It knows other versions of ApiVersions only, and says so in the form of version 0. */
const UNSUPPORTED_VERSION = 35;
/** What one entry of the list takes: key, oldest and newest version, bytes. */
const ENTRY = 6;
/** A broker of today has some 80 entries, 500 bytes. */
const LONGEST = 16 * 1024;
/** Correlation, error. */
const SHORTEST = 6;

/**
 * Kafka brokers, and whatever speaks their protocol. ApiVersions may be asked before any authentication and is not logged. Source: Apache
 * Kafka, "A Guide To The Kafka Protocol" (ApiVersions request and response version 0), KIP-35.
 */
export const kafka: Check<Record<string, never>> = {
  name: 'kafka',
  ports: [9092],
  summary: 'an ApiVersions request is answered with the list of APIs',
  tls: { direct: true },
  options: NO_OPTIONS,
  async run(talk) {
    talk.send(REQUEST);
    const size = (await talk.read(4)).readInt32BE();
    if (size < SHORTEST || size > LONGEST)
      throw new ProbeFailure('unexpected_response', `expected a response of Kafka, got a length of ${size} bytes`);
    judge(await talk.read(size));
  },
};

const REQUEST = request();

function request(): Buffer {
  const bytes = Buffer.alloc(14 + CLIENT_ID.length);
  bytes.writeInt32BE(bytes.length - 4, 0);
  bytes.writeInt16BE(API_VERSIONS, 4);
  bytes.writeInt16BE(0, 6);
  bytes.writeInt32BE(CORRELATION, 8);
  bytes.writeInt16BE(CLIENT_ID.length, 12);
  bytes.write(CLIENT_ID, 14);
  return bytes;
}

/** Judges a response without its length; it has at least SHORTEST bytes. */
function judge(response: Buffer): void {
  if (response.readInt32BE() !== CORRELATION) throw unexpected('a response of Kafka to this request', response);
  const error = response.readInt16BE(4);
  if (error === UNSUPPORTED_VERSION) return;
  if (error !== NO_ERROR)
    throw new ProbeFailure('service_unavailable', `the broker answers ApiVersions with error ${error}`);
  if (!isList(response.subarray(SHORTEST))) throw unexpected('a list of APIs', response);
}

/** Whether it is a list with entries, and nothing beside it. */
function isList(bytes: Buffer): boolean {
  if (bytes.length < 4) return false;
  const count = bytes.readInt32BE();
  return count > 0 && bytes.length === 4 + count * ENTRY;
}
