import { type ClientRequest, type IncomingMessage, request as openRequest } from 'node:http';
import { type Duplex, Readable } from 'node:stream';
import { ProbeFailure } from '../core/reason.ts';
import type { HttpListener, HttpReply, HttpRequest } from './http.ts';

/** All headers of an answer together, bytes: cookies alone may come to several times what Node takes unasked. */
const LONGEST_HEAD = 256 * 1024;

/** Asks by HTTP/1.1; the server is asked to hang up afterwards. RFC 9112. */
export function ask1(socket: Duplex, request: HttpRequest, listener: HttpListener): Promise<HttpReply> {
  return new Promise((resolve, reject) => {
    const sent = send(socket, request);
    socket.prependOnceListener('data', () => listener.firstByte());
    const answered = (response: IncomingMessage, body: Readable) => resolve(replyOf(response, body, request.method));
    sent.on('response', (response) => answered(response, response));
    // 101 that nobody has asked for, and what a proxy says to CONNECT: the socket is ours again.
    sent.on('upgrade', (response) => answered(response, Readable.from([])));
    sent.on('connect', (response) => answered(response, Readable.from([])));
    sent.on('error', (error: NodeJS.ErrnoException) => reject(meaningOf(error)));
    sent.on('close', () => reject(new ProbeFailure('closed_early', 'the server hung up before it had answered')));
  });
}

function send(socket: Duplex, { method, target, authority, headers, body }: HttpRequest): ClientRequest {
  const own = headers.filter(([name]) => !/^(?:host|connection|content-length|transfer-encoding)$/i.test(name));
  const length = body === undefined ? [] : [['Content-Length', String(body.length)] as const];
  const closing = method === 'CONNECT' ? [] : [['Connection', 'close'] as const];
  const all = [['Host', authority] as const, ...own, ...length, ...closing];
  const sent = openRequest({
    createConnection: () => socket,
    method,
    path: target,
    // As a list they go out as they are, and nothing is added.
    headers: all.flat(),
    maxHeaderSize: LONGEST_HEAD,
  });
  sent.end(body);
  return sent;
}

function replyOf(response: IncomingMessage, body: Readable, method: string): HttpReply {
  const headers = new Map(
    Object.entries(response.headersDistinct).map(([name, values = []]) => [name, values] as const),
  );
  const status = response.statusCode ?? 0;
  return {
    status,
    version: `HTTP/${response.httpVersion}`,
    headers,
    contentLength: lengthOf(headers, status, method),
    body,
  };
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
  if (code.startsWith('HPE_'))
    return new ProbeFailure('unexpected_response', `no HTTP answer: ${wordsOf(error)}`, { cause: error });
  if (code === 'ECONNRESET' && syscall === undefined)
    return new ProbeFailure('closed_early', 'the server hung up before it had answered', { cause: error });
  return error;
}

/** "Parse Error: Expected HTTP/" without what its every message begins with. */
function wordsOf({ message }: Error): string {
  return message.replace(/^Parse Error:? */, '').slice(0, 200) || 'it cannot be read';
}
