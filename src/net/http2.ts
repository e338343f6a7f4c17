import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
  type OutgoingHttpHeaders,
} from 'node:http2';
import type { Duplex } from 'node:stream';
import { ProbeFailure } from '../core/reason.ts';
import { HttpBody, type HttpListener, type HttpReply, type HttpRequest, hungUp } from './http.ts';
import { codeName } from './http2-codes.ts';
import { limitPieces, onePerTurn } from './pieces.ts';

/** What has a place of its own in HTTP/2, or none. RFC 9113, section 8.2.2. */
const NOT_THERE = /^(?:host|connection|keep-alive|proxy-connection|transfer-encoding|upgrade|content-length)$/;
/** Headers of one answer, as many as HTTP/1 may have here. */
const MOST_HEADERS = 2000;
/** Heads that say that the answer is still to come (1xx). */
const MOST_INTERIM = 100;
const { NGHTTP2_NO_ERROR, NGHTTP2_REFUSED_STREAM, NGHTTP2_ENHANCE_YOUR_CALM } = constants;
/** Asks by HTTP/2, with nothing else in the session. It is closed when the answer has been read. RFC 9113. */
export function ask2(socket: Duplex, request: HttpRequest, listener: HttpListener): Promise<HttpReply> {
  return new Promise((resolve, reject) => {
    const session = connect(`${request.scheme}://${request.authority}`, {
      createConnection: () => socket,
      maxHeaderListPairs: MOST_HEADERS,
      settings: { enablePush: false },
    });
    let complaint: Error | undefined;
    const failed = (error: Error) => {
      complaint ??= error;
      reject(error);
    };
    const over = () => reject(hungUp('before it had answered'));
    session.on('error', (error) => failed(meaningOf(error)));
    session.on('close', over);
    session.on('goaway', (code) => code !== NGHTTP2_NO_ERROR && failed(farewell(code)));
    const stream = send(session, request);
    // The session reads by itself, whatever the socket wants.
    const rest = onePerTurn(socket, () => true);
    limitPieces(stream, rest);
    let interim = 0;
    stream.on('headers', () => {
      rest();
      listener.firstByte();
      interim++;
      if (interim > MOST_INTERIM) stream.destroy(endlessly());
    });
    stream.on('response', (headers) => {
      listener.firstByte();
      const body = new HttpBody(stream, (error) => bodyProblem(stream, complaint ?? error));
      resolve(replyOf(headers, stream, body, request.method));
    });
    stream.on('error', (error) => failed(meaningOf(error, stream)));
    stream.on('close', () => {
      over();
      // Whoever still talks to a stream that is gone would be read, and not be heard, for as long as the connection is open.
      if (stream.readableEnded) session.close();
      else session.destroy();
    });
  });
}

/** What is refused here is what we were told to send: nobody else is at fault. */
function send(session: ClientHttp2Session, request: HttpRequest): ClientHttp2Stream {
  const { method, target, authority, scheme, headers, body } = request;
  const own: OutgoingHttpHeaders = Object.create(null);
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    if (NOT_THERE.test(key)) continue;
    const before = own[key];
    own[key] = before === undefined ? value : ([before, value].flat() as string[]);
  }
  const length = body === undefined ? {} : { 'content-length': body.length };
  const head = { ':method': method, ':path': target, ':authority': authority, ':scheme': scheme };
  try {
    const stream = session.request({ ...head, ...own, ...length }, { endStream: body === undefined });
    if (body !== undefined) stream.end(body);
    return stream;
  } catch (error) {
    session.destroy();
    throw new ProbeFailure('exporter_error', `HTTP/2 has no such request: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function replyOf(
  headers: IncomingHttpHeaders & IncomingHttpStatusHeader,
  stream: ClientHttp2Stream,
  body: HttpBody,
  method: string,
): HttpReply {
  const all = Object.entries(headers).filter(([name]) => !name.startsWith(':'));
  const length = headers['content-length'] ?? '';
  const status = headers[':status'] ?? 0;
  const isEmpty = status === 204 || status === 304 || (stream.endAfterHeaders && method !== 'HEAD');
  return {
    status,
    version: 'HTTP/2.0',
    headers: new Map(all.map(([name, value]) => [name, [value ?? []].flat().map(String)] as const)),
    contentLength: /^\d+$/.test(length) ? Number(length) : isEmpty ? 0 : -1,
    body,
  };
}

/** Why a body has ended too early, if so: Node itself takes what was cancelled for complete. */
function bodyProblem(stream: ClientHttp2Stream, error: unknown): Error | undefined {
  if (error instanceof ProbeFailure && error.reason !== 'closed_early') return error;
  const { code, syscall } = (error ?? {}) as NodeJS.ErrnoException;
  if (syscall !== undefined) return error as Error;
  if (code?.startsWith('ERR_HTTP2_')) return meaningOf(error as Error, stream);
  const isCut = error !== undefined || stream.rstCode !== NGHTTP2_NO_ERROR;
  return isCut ? hungUp('in the middle of its answer', error) : undefined;
}

function refused(what: string, cause?: unknown): ProbeFailure {
  return new ProbeFailure('unexpected_response', `no HTTP/2 answer: ${what}`, { cause });
}

/** The server ends the session, and says why. */
function farewell(code: number): ProbeFailure {
  const why = codeName(code);
  return code === NGHTTP2_ENHANCE_YOUR_CALM
    ? new ProbeFailure('service_unavailable', `the server wants no more requests: ${why}`)
    : refused(`it ended the session with ${why}`);
}

function endlessly(): ProbeFailure {
  return refused(`more than ${MOST_INTERIM} times that one will come`);
}

/** Node reports a hang-up as a reset of no system call. */
function meaningOf(error: NodeJS.ErrnoException, stream?: ClientHttp2Stream): Error {
  if (error instanceof ProbeFailure || error.syscall !== undefined) return error;
  if (error.code === 'ECONNRESET') return hungUp('before it had answered', error);
  if (!error.code?.startsWith('ERR_HTTP2_')) return error;
  if (stream?.rstCode === NGHTTP2_REFUSED_STREAM)
    return new ProbeFailure('service_unavailable', 'the server takes no request any more', { cause: error });
  return refused(error.message, error);
}
