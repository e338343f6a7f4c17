import { once } from 'node:events';
import {
  createSecureServer,
  createServer,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { expect } from 'vitest';
import { GrpcConnection, type GrpcRequest } from '../../src/net/grpc-connection.ts';
import type { GrpcAnswer } from '../../src/net/grpc-message.ts';
import { SELF_SIGNED } from './line-server.ts';

export type GrpcServer = AsyncDisposable & {
  readonly port: number;
  readonly heard: { readonly headers: IncomingHttpHeaders; readonly body: Buffer }[];
  /** How each connection has ended: the code of GOAWAY, or an error's code. */
  readonly ended: (number | string)[];
};

export type GrpcReply = {
  readonly headers?: OutgoingHttpHeaders;
  /** As it goes out, its prefix included. */
  readonly body?: Buffer;
  /** Without them the headers are all, or the body ends the stream. */
  readonly trailers?: OutgoingHttpHeaders;
};

const HEAD = { ':status': 200, 'content-type': 'application/grpc' };

type Certificate = { readonly cert: Buffer; readonly key: Buffer };

/** A server on 127.0.0.1 that answers every call the same. */
export async function grpcServer(reply: GrpcReply, inTls: boolean | Certificate = false): Promise<GrpcServer> {
  const server = inTls ? createSecureServer(inTls === true ? SELF_SIGNED : inTls) : createServer();
  const heard: { headers: IncomingHttpHeaders; body: Buffer }[] = [];
  const ended: (number | string)[] = [];
  const sockets = new Set<Socket>();
  server.on(inTls ? 'secureConnection' : 'connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', ({ code }: NodeJS.ErrnoException) => ended.push(code ?? 'error'));
  });
  server.on('session', (session) => session.on('goaway', (code) => ended.push(code)).on('error', () => {}));
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on('error', () => {}).on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      heard.push({ headers, body: Buffer.concat(chunks) });
      answer(stream, reply);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    heard,
    ended,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(stream: ServerHttp2Stream, { headers, body, trailers }: GrpcReply): void {
  const head = { ...HEAD, ...headers };
  if (body === undefined && trailers === undefined) {
    stream.respond(head, { endStream: true });
    return;
  }
  stream.respond(head, { waitForTrailers: trailers !== undefined });
  if (trailers !== undefined) stream.on('wantTrailers', () => stream.sendTrailers(trailers));
  stream.end(body);
}

/** A message with its prefix. */
export function prefixed(message: Uint8Array, compressed = 0): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt8(compressed);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** An open connection; in TLS with these protocols offered in ALPN, whatever the certificate. */
export async function openSocket(port: number, alpn?: readonly string[]): Promise<Socket> {
  const where = { port, host: '127.0.0.1' };
  const socket =
    alpn === undefined
      ? connect(where)
      : connectTls({ ...where, ALPNProtocols: [...alpn], rejectUnauthorized: false, servername: 'localhost' });
  await once(socket, alpn === undefined ? 'connect' : 'secureConnect');
  return socket;
}

export const GRPC_REQUEST: GrpcRequest = {
  authority: 'db.test:50051',
  path: '/pkg.Service/Method',
  message: Buffer.from('hello'),
};

/** Calls once over a connection of its own, and leaves. */
export async function callOnce(
  port: number,
  { alpn, ...request }: Partial<GrpcRequest> & { readonly alpn?: readonly string[] } = {},
): Promise<GrpcAnswer> {
  const socket = await openSocket(port, alpn);
  const connection = new GrpcConnection(socket);
  try {
    return await connection.call({ ...GRPC_REQUEST, ...request });
  } finally {
    await connection.leave();
    expect(socket.destroyed).toBe(true);
  }
}
