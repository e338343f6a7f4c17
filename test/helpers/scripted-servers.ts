import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer as createTlsServer } from 'node:https';
import type { Server } from 'node:net';
import { brotliCompressSync, deflateRawSync, gzipSync } from 'node:zlib';
import { type createAuthority, EXPIRED } from './e2e-certificates.ts';
import type { Stage } from './e2e-stage.ts';
import { listenOn } from './peers.ts';

/** What a path of the scripted web server answers. */
type Page = (request: IncomingMessage, response: ServerResponse) => void;

const TEXT = 'Download the latest version here\n';
const plain =
  (status: number, headers: Readonly<Record<string, string | string[]>> = {}, body: string | Buffer = TEXT): Page =>
  (_, response) => {
    response.writeHead(status, headers);
    response.end(body);
  };
const sized = (body: string | Buffer, headers: Readonly<Record<string, string>> = {}): Page =>
  plain(200, { ...headers, 'content-length': String(Buffer.byteLength(body)) }, body);

const raw =
  (answer: string): Page =>
  (_, response) =>
    void response.socket?.end(answer, 'latin1');
const headed = (lines: string, body: string): Page => raw(`HTTP/1.1 200 OK\r\n${lines}\r\n\r\n${body}`);

/** Every page, by its path. */
const PAGES: Readonly<Record<string, Page>> = {
  '/': sized(TEXT, { 'last-modified': 'Wed, 21 Oct 2015 07:28:00 GMT' }),
  '/404': plain(404),
  '/500': sized('<h1>Could not connect to database</h1>'),
  '/error': (_, response) => response.writeHead(500, { 'content-length': '5' }).end('error'),
  '/204': plain(204, {}, ''),
  '/chunked': (_, response) => {
    response.write('Download the latest ');
    response.write('version here\n');
    response.end();
  },
  '/slow': (_, response) => void setTimeout(() => response.end('late'), 5000).unref(),
  '/half': (_, response) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('half');
    setImmediate(() => response.socket?.end());
  },
  '/redirect': plain(302, { location: '/' }, ''),
  '/redirect-twice': plain(301, { location: '/redirect' }, ''),
  '/loop': plain(302, { location: '/loop' }, ''),
  '/nowhere': plain(302, {}, ''),
  '/gzip': sized(gzipSync(TEXT), { 'content-encoding': 'gzip' }),
  '/br': sized(brotliCompressSync(Buffer.from(TEXT)), { 'content-encoding': 'br' }),
  '/deflate': sized(deflateRawSync(TEXT), { 'content-encoding': 'deflate' }),
  '/headers': plain(200, { 'set-cookie': ['a=1', 'b=2'], 'access-control-allow-origin': '*' }),
  '/json': sized('{"foo":"bar","baz":"qux","count":3}', { 'content-type': 'application/json' }),
  '/set-cookie': plain(302, { location: '/wants-cookie', 'set-cookie': 'session=1; Path=/' }, ''),
  '/wants-cookie': (request, response) => response.writeHead(request.headers.cookie === 'session=1' ? 200 : 403).end(),
  '/basic': (request, response) => response.writeHead(request.headers.authorization === BASIC ? 200 : 401).end(),
  '/bearer': (request, response) =>
    response.writeHead(request.headers.authorization === 'Bearer token' ? 200 : 401).end(),
  '/post': (request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => response.end(`${request.method} ${body}`));
  },
  '/host': (request, response) => response.end(`host ${request.headers.host}`),
  '/agent': (request, response) => response.end(Object.keys(request.headers).sort().join(' ')),
  '/big': sized('x'.repeat(300_000)),
  // Heads that break a rule of HTTP/1, as they go out.
  '/lf': raw(`HTTP/1.1 200 OK\nContent-Length: ${TEXT.length}\n\n${TEXT}`),
  '/length-and-chunks': headed('Content-Length: 1\r\nTransfer-Encoding: chunked', `2\r\nhi\r\n0\r\n\r\n`),
  '/control': headed('A: b\x01c\r\nContent-Length: 2', 'hi'),
  '/folded': headed('A: b\r\n c\r\nContent-Length: 2', 'hi'),
  '/chunk-cut': headed('Transfer-Encoding: chunked', '2\r\nhi\r\n'),
  '/trailer-cut': headed('Transfer-Encoding: chunked', '2\r\nhi\r\n0\r\nA: b'),
  '/lengths-apart': headed('Content-Length: 2\r\nContent-Length: 1', 'hi'),
  '/no-colon': headed('A', 'hi'),
  '/zero': headed('A: b\0c\r\nContent-Length: 2', 'hi'),
  '/twice': headed('Content-Length: 2\r\nContent-Length: 2', 'hi'),
  '/space': headed('X : a\r\nContent-Length: 2', 'hi'),
  '/no-length': headed('Content-Length:', 'hi'),
  '/version': raw('HTTP/7.3 200 OK\r\nContent-Length: 2\r\n\r\nhi'),
  '/http10': raw(`HTTP/1.0 200 OK\r\n\r\n${TEXT}`),
};

/** "user" with the password "pass". */
const BASIC = `Basic ${Buffer.from('user:pass').toString('base64')}`;

const answerPage: RequestListener = (request, response) => {
  const page = PAGES[(request.url ?? '/').replace(/\?.*/, '')] ?? plain(404);
  page(request, response);
};

/** The web server in the clear; the same with a certificate for localhost, with one that has expired, and by HTTP/2. */
export async function webServers(stage: Stage, authority: Awaited<ReturnType<typeof createAuthority>>) {
  const [certificate, expired] = [await authority.issue('localhost'), await authority.issue('localhost', EXPIRED)];
  const keep = async (server: Server) => {
    const port = await listenOn(server);
    stage.keep({
      [Symbol.asyncDispose]: async () => {
        if ('closeAllConnections' in server) (server as ReturnType<typeof createServer>).closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      },
    });
    return port;
  };
  return {
    http: await keep(createServer(answerPage)),
    https: await keep(createTlsServer(certificate, answerPage)),
    expired: await keep(createTlsServer(expired, answerPage)),
    http2: await keep(createSecureServer({ ...certificate, allowHTTP1: true }, answerPage as never)),
  };
}
