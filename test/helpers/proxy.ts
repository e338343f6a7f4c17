import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type Socket } from 'node:net';
import { SELF_SIGNED } from './line-server.ts';
import { listenOn } from './peers.ts';

/** What a proxy was asked for: a URL, or host:port by CONNECT. */
type Asked = { readonly method: string; readonly target: string; readonly headers: IncomingHttpHeaders };

export type Proxy = AsyncDisposable & { readonly port: number; readonly asked: readonly Asked[] };

export type ProxyOptions = {
  /** The proxy itself is spoken to in TLS. */
  readonly inTls?: true;
  /** What it answers instead of doing what it is asked for; undefined to do it. */
  readonly answer?: (asked: Asked) => string | undefined;
};

/** A proxy of 127.0.0.1 that goes wherever it is told to. */
export async function proxy({ inTls, answer = () => undefined }: ProxyOptions = {}): Promise<Proxy> {
  const asked: Asked[] = [];
  const open = new Set<Socket>();
  const note = ({ method = '', url: target = '', headers }: IncomingMessage): Asked => {
    const one = { method, target, headers };
    asked.push(one);
    return one;
  };
  const forward = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const one = note(incoming);
    const said = answer(one);
    if (said === undefined) pass(one, incoming, outgoing);
    else incoming.socket.end(said);
  };
  const server = inTls ? createTlsServer(SELF_SIGNED, forward) : createServer(forward);
  server.on('connect', (incoming: IncomingMessage, socket: Socket) => {
    const one = note(incoming);
    const said = answer(one);
    if (said === undefined) tunnel(one, socket, open);
    else socket.end(said);
  });
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket)).on('error', () => {});
  });
  const port = await listenOn(server);
  return {
    port,
    asked,
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function pass({ method, target, headers }: Asked, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const further = request(target, { method, headers: { ...headers, via: '1.1 test' } }, (response) => {
    outgoing.writeHead(response.statusCode ?? 502, response.headers);
    response.pipe(outgoing);
  });
  further.on('error', () => outgoing.writeHead(502).end());
  incoming.pipe(further);
}

function tunnel({ target }: Asked, socket: Socket, open: Set<Socket>): void {
  const { hostname, port } = new URL(`http://${target}`);
  const further = connect(Number(port || 80), hostname.replace(/^\[|\]$/g, ''));
  open.add(further);
  further.on('connect', () => {
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    socket.pipe(further).pipe(socket);
  });
  further.on('error', () => socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')).on('close', () => socket.end());
  socket.on('error', () => further.destroy()).on('close', () => further.destroy());
}
