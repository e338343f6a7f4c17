import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
  type OutgoingHttpHeaders,
} from 'node:http2';
import type { Duplex } from 'node:stream';
import { ProbeFailure } from '../core/reason.ts';
import type { HttpListener, HttpReply, HttpRequest } from './http.ts';

/** What has a place of its own in HTTP/2, or none. RFC 9113, section 8.2.2. */
const NOT_THERE = /^(?:host|connection|keep-alive|proxy-connection|transfer-encoding|upgrade|content-length)$/;

/** Asks by HTTP/2, with nothing else in the session. It is closed when the answer has been read. RFC 9113. */
export function ask2(socket: Duplex, request: HttpRequest, listener: HttpListener): Promise<HttpReply> {
  return new Promise((resolve, reject) => {
    const session = connect(`${request.scheme}://${request.authority}`, {
      createConnection: () => socket,
      settings: { enablePush: false },
    });
    const failed = (error: Error) => reject(meaningOf(error));
    session.on('error', failed);
    session.on('close', () => reject(hungUp()));
    session.on('goaway', (code) => code !== 0 && failed(refused(`it ended the session with code ${code}`)));
    const stream = send(session, request, failed);
    stream?.on('response', (headers) => {
      listener.firstByte();
      resolve(replyOf(headers, stream, request.method));
    });
    stream?.on('error', failed);
    stream?.on('close', () => {
      failed(hungUp());
      session.close();
    });
  });
}

function send(
  session: ClientHttp2Session,
  { method, target, authority, scheme, headers, body }: HttpRequest,
  failed: (error: Error) => void,
): ClientHttp2Stream | undefined {
  const own: OutgoingHttpHeaders = {};
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
    failed(error as Error);
    session.destroy();
    return undefined;
  }
}

function replyOf(
  headers: IncomingHttpHeaders & IncomingHttpStatusHeader,
  stream: ClientHttp2Stream,
  method: string,
): HttpReply {
  const all = Object.entries(headers).filter(([name]) => !name.startsWith(':'));
  const length = headers['content-length'] ?? '';
  const isEmpty = stream.readableEnded || (stream.endAfterHeaders && method !== 'HEAD');
  return {
    status: headers[':status'] ?? 0,
    version: 'HTTP/2.0',
    headers: new Map(all.map(([name, value]) => [name, [value ?? []].flat().map(String)] as const)),
    contentLength: /^\d+$/.test(length) ? Number(length) : isEmpty ? 0 : -1,
    body: stream,
  };
}

function hungUp(): ProbeFailure {
  return new ProbeFailure('closed_early', 'the server hung up before it had answered');
}

function refused(what: string): ProbeFailure {
  return new ProbeFailure('unexpected_response', `no HTTP/2 answer: ${what}`);
}

function meaningOf(error: NodeJS.ErrnoException): Error {
  if (error instanceof ProbeFailure || error.syscall !== undefined) return error;
  if (error.code?.startsWith('ERR_HTTP2_')) {
    const failure = refused(error.message);
    failure.cause = error;
    return failure;
  }
  return error.code === 'ECONNRESET' ? hungUp() : error;
}
