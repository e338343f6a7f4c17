import { formatEndpoint } from '../core/endpoint.ts';
import type { Reader } from '../net/channel.ts';
import { type Talk, unexpected } from './talk.ts';

/** The answer to a request; names of headers in lower case. */
export type HttpAnswer = {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
};

type Head = Omit<HttpAnswer, 'body'>;

const LONGEST_HEAD = 16_384;
const LONGEST_BODY = 32_768;
const LONGEST_CHUNK_LINE = 256;
const END_OF_HEAD = '\r\n\r\n';
/** Heads that say that the answer is still to come (1xx). */
const MOST_INTERIM = 10;
const SWITCHED = 101;

/**
 * Asks for `path` and reads the whole answer; the server is asked to hang up then. Throws `unexpected_response` for whatever is not HTTP/1
 * or is longer than 16 kB of headers or 32 kB of body. Source: RFC 9112.
 */
export async function httpGet(talk: Talk, path: string): Promise<HttpAnswer> {
  const host = formatEndpoint(talk.endpoint);
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}`,
    'User-Agent: port-exporter',
    'Accept: application/json, */*',
    'Connection: close',
  ];
  talk.send(`${lines.join('\r\n')}${END_OF_HEAD}`);
  const head = await finalHead(talk);
  const body = await readBody(talk, head);
  return { ...head, body: body.toString('utf8') };
}

/** The head of the answer itself. Nobody has asked for another protocol: 101 is none. RFC 9110, section 15.2. */
async function finalHead(talk: Talk): Promise<Head> {
  for (let interim = 0; ; interim++) {
    const head = await talk.take(parseHead);
    if (head.status >= 200) return head;
    if (head.status === SWITCHED) throw unexpected('an HTTP answer', String(head.status));
    if (interim === MOST_INTERIM)
      throw unexpected(`an answer behind ${MOST_INTERIM} that announce it`, String(head.status));
  }
}

/** Reads status line and headers. Fails as soon as the first bytes are not "HTTP/1.". */
export const parseHead: Reader<Head> = (unread) => {
  const start = unread.subarray(0, 7).toString('latin1');
  if (!'HTTP/1.'.startsWith(start)) throw unexpected('HTTP', unread);
  const end = unread.indexOf(END_OF_HEAD);
  if (end > LONGEST_HEAD || (end < 0 && unread.length > LONGEST_HEAD))
    throw unexpected(`HTTP headers of at most ${LONGEST_HEAD} bytes`, unread);
  if (end < 0) return undefined;
  const [statusLine = '', ...lines] = unread.toString('latin1', 0, end).split('\r\n');
  const status = /^HTTP\/1\.[01] ([1-5]\d\d)(?: |$)/.exec(statusLine)?.[1];
  if (status === undefined) throw unexpected('an HTTP status', statusLine);
  return { used: end + END_OF_HEAD.length, value: { status: Number(status), headers: readHeaders(lines) } };
};

/** Headers that come several times are joined, as RFC 9110, 5.3, has it. */
function readHeaders(lines: readonly string[]): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+):(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) throw unexpected('an HTTP header', line);
    const key = name.toLowerCase();
    const before = headers.get(key);
    headers.set(key, before === undefined ? value.trim() : `${before}, ${value.trim()}`);
  }
  return headers;
}

async function readBody(talk: Talk, { status, headers }: Head): Promise<Buffer> {
  if (status === 204 || status === 304) return Buffer.alloc(0);
  const coding = headers.get('transfer-encoding');
  if (coding !== undefined) {
    if (coding.toLowerCase() !== 'chunked') throw unexpected('transfer-encoding: chunked', coding);
    return await readChunks(talk);
  }
  const length = headers.get('content-length');
  if (length === undefined) return checked(await talk.toEnd());
  if (!/^\d{1,9}$/.test(length) || Number(length) > LONGEST_BODY)
    throw unexpected(`a content-length of at most ${LONGEST_BODY}`, length);
  return await talk.read(Number(length));
}

function checked(body: Buffer): Buffer {
  if (body.length > LONGEST_BODY) throw unexpected(`a body of at most ${LONGEST_BODY} bytes`, body);
  return body;
}

/** Reads a chunked body to its last chunk. Trailers are left unread: the server hangs up behind them. */
async function readChunks(talk: Talk): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let total = 0;
  for (;;) {
    const chunk = await talk.take((unread) => parseChunk(unread, LONGEST_BODY - total));
    if (chunk.length === 0) return Buffer.concat(chunks);
    total += chunk.length;
    chunks.push(chunk);
  }
}

/** Reads one chunk of at most `longest` bytes; the last one is empty. */
export function parseChunk(
  unread: Buffer,
  longest: number,
): { readonly used: number; readonly value: Buffer } | undefined {
  const lineEnd = unread.subarray(0, LONGEST_CHUNK_LINE).indexOf('\r\n');
  if (lineEnd < 0 && unread.length < LONGEST_CHUNK_LINE) return undefined;
  const line = unread.toString('latin1', 0, Math.max(0, lineEnd));
  const digits = /^([\da-f]{1,8})[ \t]*(?:;.*)?$/i.exec(line)?.[1];
  if (digits === undefined) throw unexpected('the size of a chunk', unread);
  const from = lineEnd + 2;
  const size = Number.parseInt(digits, 16);
  if (size > longest) throw unexpected(`a body of at most ${LONGEST_BODY} bytes`, unread);
  if (size === 0) return { used: from, value: unread.subarray(from, from) };
  const end = from + size;
  if (unread.length < end + 2) return undefined;
  if (unread.toString('latin1', end, end + 2) !== '\r\n') throw unexpected('the end of a chunk', unread.subarray(end));
  return { used: end + 2, value: unread.subarray(from, end) };
}
