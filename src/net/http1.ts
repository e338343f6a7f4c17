import { type ClientRequest, type IncomingMessage, request as openRequest } from 'node:http';
import { type Duplex, Readable } from 'node:stream';
import { ProbeFailure } from '../core/reason.ts';
import { HttpBody, type HttpListener, type HttpReply, type HttpRequest, hungUp } from './http.ts';
import { limitPieces, onePerTurn } from './pieces.ts';

/** All headers of an answer together, bytes: cookies alone may come to several times what Node takes unasked. */
const LONGEST_HEAD = 256 * 1024;
/** Heads that say that the answer is still to come (1xx). */
const MOST_INTERIM = 100;
/** What is said of the connection is ours to say. */
const OURS = /^(?:host|connection|content-length|transfer-encoding)$/i;
/** The parser takes any other two digits, too, when it is not strict. */
const VERSION = /^(?:0\.9|1\.[01]|2\.0)$/;

/** Asks by HTTP/1.1; the server is asked to hang up afterwards. RFC 9112. */
export function ask1(socket: Duplex, request: HttpRequest, listener: HttpListener): Promise<HttpReply> {
  return new Promise((resolve, reject) => {
    const { method, target: path } = request;
    const sent = openRequest({
      createConnection: () => socket,
      method,
      path,
      setHost: false,
      maxHeaderSize: LONGEST_HEAD,
      // Lines that end in LF, folded headers, a length beside chunks: servers say so, and browsers and blackbox_exporter understand. What a
      // strict parser guards from is an answer that is taken for two: there is only one on this connection.
      insecureHTTPParser: true,
    });
    // What it has complained of first is the cause of all that follows.
    let complaint: Error | undefined;
    let interim = 0;
    const answered = (response: IncomingMessage, source: Readable) => {
      const head = headOf(response, request.method);
      // Where the connection says where the body ends, its end may be a fault: Node takes both alike.
      const problem = (error: unknown) => (error === undefined && !head.isToEnd ? undefined : (complaint ?? error));
      const body = new HttpBody(source, (error) => bodyProblem(problem(error)));
      resolve({ ...head.reply, body });
    };
    const refuse = (error: Error) => {
      complaint ??= error;
      reject(meaningOf(error));
    };
    socket.prependOnceListener('data', () => listener.firstByte());
    const rest = onePerTurn(socket);
    sent.on('information', () => {
      rest();
      interim++;
      if (interim > MOST_INTERIM) sent.destroy(noAnswer(`more than ${MOST_INTERIM} times that one will come`));
    });
    sent.on('response', (response) => {
      const { httpVersion } = response;
      limitPieces(response, rest);
      if (VERSION.test(httpVersion)) answered(response, response);
      else sent.destroy(noAnswer(`there is no HTTP/${httpVersion}`));
    });
    // 101 that nobody has asked for, and what a proxy says to CONNECT: the socket is ours again, with what has come behind the head.
    sent.on('upgrade', (response) => {
      socket.resume();
      answered(response, Readable.from([]));
    });
    sent.on('connect', (response, _, behind) => {
      socket.pause();
      if (behind.length > 0) socket.unshift(behind);
      answered(response, Readable.from([]));
    });
    sent.on('error', refuse);
    sent.on('close', () => reject(hungUp('before it had answered')));
    send(sent, request);
  });
}

function send(sent: ClientRequest, { method, authority, headers, body }: HttpRequest): void {
  sent.setHeader('Host', authority);
  for (const [name, value] of headers) if (!OURS.test(name)) sent.appendHeader(name, value);
  if (body !== undefined) sent.setHeader('Content-Length', body.length);
  // A proxy is to keep the connection for us.
  if (method === 'CONNECT') sent.removeHeader('Connection');
  else sent.setHeader('Connection', 'close');
  sent.end(body);
}

function headOf(response: IncomingMessage, method: string) {
  const headers = headersOf(response.rawHeaders);
  const status = response.statusCode ?? 0;
  const contentLength = lengthOf(headers, status, method);
  const reply = { status, version: `HTTP/${response.httpVersion}`, headers, contentLength };
  return { reply, isToEnd: contentLength < 0 && !headers.has('transfer-encoding') };
}

/** Not by Node's own mapping of them: a server may call a header __proto__. */
function headersOf(raw: readonly string[]): HttpReply['headers'] {
  const headers = new Map<string, string[]>();
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = (raw[i] ?? '').toLowerCase();
    const values = headers.get(name);
    if (values === undefined) headers.set(name, [raw[i + 1] ?? '']);
    else values.push(raw[i + 1] ?? '');
  }
  return headers;
}

function lengthOf(headers: HttpReply['headers'], status: number, method: string): number {
  if (status === 204 || (status < 200 && method !== 'CONNECT')) return 0;
  if (headers.has('transfer-encoding')) return -1;
  const [length = ''] = headers.get('content-length') ?? [];
  return /^\d+$/.test(length) ? Number(length) : status === 304 ? 0 : -1;
}

/** Node's parser has codes of its own, and reports a hang-up as a reset of no system call. */
function meaningOf(error: NodeJS.ErrnoException): Error {
  const { code = '', syscall } = error;
  if (code.startsWith('HPE_')) return noAnswer(wordsOf(error), error);
  return code === 'ECONNRESET' && syscall === undefined ? hungUp('before it had answered', error) : error;
}

function bodyProblem(error: unknown): Error | undefined {
  if (error === undefined) return undefined;
  const { code = '', syscall } = error as NodeJS.ErrnoException;
  if (code.startsWith('HPE_'))
    return new ProbeFailure('unexpected_response', `the body is no HTTP: ${wordsOf(error as Error)}`, { cause: error });
  const isHangUp = code === 'ERR_STREAM_PREMATURE_CLOSE' || (code === 'ECONNRESET' && syscall === undefined);
  return isHangUp ? hungUp('in the middle of its answer', error) : (error as Error);
}

function noAnswer(why: string, cause?: Error): ProbeFailure {
  return new ProbeFailure('unexpected_response', `no HTTP answer: ${why}`, { cause });
}

/** "Parse Error: Expected HTTP/" without what its every message begins with. */
function wordsOf({ message }: Error): string {
  return message.replace(/^Parse Error:? */, '').slice(0, 200) || 'it cannot be read';
}
