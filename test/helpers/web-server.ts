import { readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { createSecureServer } from 'node:http2';
import type { Socket } from 'node:net';
import { SELF_SIGNED } from './line-server.ts';
import { listenOn } from './peers.ts';

/** What a path is answered with: a body, a status with or without headers and a body, or whatever it does. */
export type Page =
  | string
  | number
  | readonly [status: number, headers: Readonly<Record<string, string | readonly string[]>>, body?: string | Buffer]
  | ((request: IncomingMessage, response: ServerResponse) => void);

/** One request that was heard. */
type Heard = {
  readonly method: string;
  readonly path: string;
  readonly version: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};

export type WebServer = AsyncDisposable & {
  readonly port: number;
  /** Of 127.0.0.1; in TLS of localhost, which the certificates are for. */
  readonly url: string;
  readonly heard: readonly Heard[];
};

const FIXTURES = new URL('../fixtures/tls/', import.meta.url);
/** For localhost, signed by itself, and over since 2021. */
const EXPIRED = {
  cert: readFileSync(new URL('expired.crt', FIXTURES)),
  key: readFileSync(new URL('expired.key', FIXTURES)),
};

/** A web server of 127.0.0.1 that answers each path as it is told, and others with 404. `tls`: in TLS, by HTTP/2 where that is wished. */
export async function webServer(
  pages: Readonly<Record<string, Page>>,
  tls?: 'self-signed' | 'expired',
): Promise<WebServer> {
  const heard: Heard[] = [];
  const open = new Set<Socket>();
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    request.on('error', () => {}).on('data', (bytes: Buffer) => chunks.push(bytes));
    request.on('end', () => {
      const { method = '', url: path = '', headers, httpVersion: version } = request;
      heard.push({ method, path, version, headers, body: Buffer.concat(chunks).toString() });
      serve(pages[path.replace(/\?.*/, '')] ?? 404, request, response);
    });
  };
  const server =
    tls === undefined
      ? createServer(answer)
      : createSecureServer(
          { ...(tls === 'expired' ? EXPIRED : SELF_SIGNED), allowHTTP1: true },
          answer as unknown as Parameters<typeof createSecureServer>[1],
        );
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket)).on('error', () => {});
  });
  const port = await listenOn(server);
  return {
    port,
    url: tls === undefined ? `http://127.0.0.1:${port}` : `https://localhost:${port}`,
    heard,
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function serve(page: Page, request: IncomingMessage, response: ServerResponse): void {
  response.on('error', () => {});
  if (typeof page === 'function') page(request, response);
  else if (typeof page === 'string') response.end(page);
  else if (typeof page === 'number') response.writeHead(page).end();
  else {
    const [status, headers, body] = page;
    response.writeHead(status, headers as Record<string, string | string[]>).end(body);
  }
}

/** Sends elsewhere. */
export function redirect(location: string, status = 302): Page {
  return [status, { location }, 'elsewhere'];
}
