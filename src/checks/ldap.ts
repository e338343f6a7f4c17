import { ProbeFailure } from '../core/reason.ts';
import type { Check } from './check.ts';
import {
  contentOf,
  type Element,
  ENUMERATED,
  element,
  INTEGER,
  numberOf,
  OCTETS,
  readElement,
  readElements,
  SEQUENCE,
  SET,
} from './ldap-ber.ts';
import { NO_OPTIONS } from './no-options.ts';
import { type Talk, unavailable, unexpected, words } from './talk.ts';

const SEARCH = 0x63;
const ENTRY = 0x64;
const DONE = 0x65;
const REFERENCE = 0x73;
const EXTENDED = 0x77;
const EXTENDED_RESPONSE = 0x78;
const INTERMEDIATE = 0x79;
const STARTTLS_ID = 1;
const SEARCH_ID = 2;

/** The names of RFC 4511, appendix A, of the results that a search without a bind may get. */
const RESULTS: Readonly<Record<number, string>> = {
  1: 'operationsError',
  2: 'protocolError',
  3: 'timeLimitExceeded',
  8: 'strongerAuthRequired',
  11: 'adminLimitExceeded',
  13: 'confidentialityRequired',
  32: 'noSuchObject',
  48: 'inappropriateAuthentication',
  50: 'insufficientAccessRights',
  51: 'busy',
  52: 'unavailable',
  53: 'unwillingToPerform',
  80: 'other',
};
/** Able, but not for strangers. A root DSE that strangers may not see is denied to be there (32). */
const LOCKED = new Set([8, 13, 32, 48, 50, 53]);
const UNABLE = new Set([3, 11, 51, 52, 80]);

/** "Tell me of yourself", asked without a bind: base "", scope base, filter (objectClass=*). RFC 4512, section 5.1. */
const ASK_ROOT = message(
  SEARCH_ID,
  element(
    SEARCH,
    element(OCTETS),
    element(ENUMERATED, Buffer.of(0)),
    element(ENUMERATED, Buffer.of(0)),
    element(INTEGER, Buffer.of(0)),
    element(INTEGER, Buffer.of(0)),
    element(0x01, Buffer.of(0)),
    element(0x87, 'objectClass'),
    element(SEQUENCE, ...['supportedLDAPVersion', 'vendorName', 'vendorVersion'].map((name) => element(OCTETS, name))),
  ),
);
const ASK_TLS = message(STARTTLS_ID, element(EXTENDED, element(0x80, '1.3.6.1.4.1.1466.20037')));
const UNBIND = message(3, element(0x42));

/** LDAP. Source: RFC 4511 (protocol, StartTLS in section 4.14), RFC 4512, section 5.1 (root DSE), RFC 3045 (vendor names). */
export const ldap: Check<Record<string, never>> = {
  name: 'ldap',
  ports: [389],
  summary: 'a search of the root DSE without a bind is answered with a result, that a bind is required included',
  tls: { direct: true, starttls: true },
  options: NO_OPTIONS,
  run: askOfItself,
};

/** LDAP in TLS from the first byte. */
export const ldaps: Check<Record<string, never>> = {
  ...ldap,
  name: 'ldaps',
  ports: [636],
  tls: { direct: true, unasked: 'direct' },
};

async function askOfItself(talk: Talk): Promise<void> {
  if (talk.tls === 'wanted' || talk.tls === 'if offered') await startTls(talk);
  talk.send(ASK_ROOT);
  for (;;) {
    const { tag, content } = await answer(talk, SEARCH_ID);
    if (tag === DONE) {
      judge(talk, readResult(content));
      return;
    }
    if (tag === ENTRY) talk.knows(versionOf(readEntry(content)));
    else if (tag !== REFERENCE && tag !== INTERMEDIATE) throw unexpected('the root DSE', content);
  }
}

async function startTls(talk: Talk): Promise<void> {
  talk.send(ASK_TLS);
  const { tag, content } = await answer(talk, STARTTLS_ID);
  if (tag !== EXTENDED_RESPONSE) throw unexpected('an answer to StartTLS', content);
  const result = readResult(content);
  if (result.code === 0) await talk.startTls();
  else if (result.code === 51 || result.code === 52) throw unavailable(result.text);
  else if (talk.tls === 'wanted')
    throw new ProbeFailure('tls_handshake_failed', `the server refuses StartTLS: ${words(result.text)}`);
}

function judge(talk: Talk, { code, text }: Result): void {
  if (LOCKED.has(code)) talk.knows({ state: 'auth_required' });
  else if (code !== 0) throw UNABLE.has(code) ? unavailable(text) : unexpected('success', text);
}

/** The next message to that request of ours. One of id 0 is said unasked: the notice of disconnection. RFC 4511, section 4.4.1. */
async function answer(talk: Talk, expected: number): Promise<Element> {
  const [id, operation] = await talk.take(readMessage);
  talk.farewell = UNBIND;
  if (id === 0 && operation.tag === EXTENDED_RESPONSE) throw unavailable(readResult(operation.content).text);
  if (id !== expected) throw unexpected(`an answer to message ${expected}`, `one to message ${id}`);
  return operation;
}

function message(id: number, operation: Buffer): Buffer {
  return element(SEQUENCE, element(INTEGER, Buffer.of(id)), operation);
}

function readMessage(
  unread: Buffer,
): { readonly used: number; readonly value: readonly [number, Element] } | undefined {
  if (unread.length > 0 && unread[0] !== SEQUENCE) throw unexpected('an LDAP message', unread);
  const whole = readElement(unread);
  if (whole === undefined) return undefined;
  const [id, operation] = readElements(whole.value.content);
  if (operation === undefined) throw unexpected('an LDAP message', unread);
  return { used: whole.used, value: [numberOf(id, INTEGER), operation] };
}

/** `text`: the result's name, number and what the server says of it. */
type Result = { readonly code: number; readonly text: string };

/** RFC 4511, section 4.1.9. */
function readResult(content: Buffer): Result {
  const [result, matched, diagnostic] = readElements(content);
  const code = numberOf(result, ENUMERATED);
  contentOf(matched, OCTETS);
  const said = contentOf(diagnostic, OCTETS).toString();
  const name = `${RESULTS[code] ?? 'result'} (${code})`;
  return { code, text: said === '' ? name : `${name}: ${said}` };
}

/** The attributes of an entry, names in lower case. RFC 4511, section 4.5.2. */
function readEntry(content: Buffer): ReadonlyMap<string, readonly string[]> {
  const [name, attributes] = readElements(content);
  contentOf(name, OCTETS);
  const found = readElements(contentOf(attributes, SEQUENCE)).map((attribute) => {
    const [type, values] = readElements(contentOf(attribute, SEQUENCE));
    const texts = readElements(contentOf(values, SET)).map((value) => contentOf(value, OCTETS).toString());
    return [contentOf(type, OCTETS).toString().toLowerCase(), texts] as const;
  });
  return new Map(found);
}

/** The vendor's words where the server has some, else the newest protocol that it speaks. */
function versionOf(entry: ReadonlyMap<string, readonly string[]>): { version?: string } {
  const vendor = ['vendorname', 'vendorversion'].flatMap((name) => entry.get(name)?.slice(0, 1) ?? []);
  if (vendor.length > 0) return { version: vendor.join(' ') };
  const protocol = entry.get('supportedldapversion')?.toSorted().at(-1);
  return protocol === undefined ? {} : { version: `LDAPv${protocol}` };
}
