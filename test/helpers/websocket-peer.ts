import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { SELF_SIGNED } from './line-server.ts';

/** What clients hold the answer against. RFC 6455, section 1.3. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

export type WebSocketPeer = AsyncDisposable & {
  readonly port: number;
  readonly requests: IncomingMessage[];
  /** What clients have closed with. */
  readonly closed: number[];
  /** What clients have said. */
  readonly heard: string[];
};

export type WebSocketPeerOptions = {
  readonly inTls?: boolean;
  /** Refuses with this status. */
  readonly refuse?: number;
};

/** A well-behaved server on 127.0.0.1. */
export async function webSocketPeer(
  onConnection: (websocket: WebSocket) => void = () => {},
  { inTls = false, refuse }: WebSocketPeerOptions = {},
): Promise<WebSocketPeer> {
  const server = inTls ? createHttpsServer(SELF_SIGNED) : createHttpServer();
  const requests: IncomingMessage[] = [];
  const closed: number[] = [];
  const heard: string[] = [];
  const websockets = new WebSocketServer({
    server,
    verifyClient: ({ req }, decide) => {
      requests.push(req);
      if (refuse === undefined) decide(true);
      else decide(false, refuse, 'not you');
    },
  });
  websockets.on('connection', (websocket) => {
    websocket.on('close', (code) => closed.push(code)).on('error', () => {});
    websocket.on('message', (message) => heard.push(String(message)));
    onConnection(websocket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    closed,
    heard,
    [Symbol.asyncDispose]: async () => {
      for (const client of websockets.clients) client.terminate();
      websockets.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Agrees to the upgrade as it should be, and says these bytes after it; or says something else instead, which `upgrade` makes of the key. */
export function upgrading(
  after: Buffer | string = '',
  upgrade = (accept: string) => `Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n`,
): (socket: Socket) => void {
  return (socket) => {
    let request = '';
    socket.on('data', (chunk) => {
      if (request.includes('\r\n\r\n')) return;
      request += chunk.toString('latin1');
      if (!request.includes('\r\n\r\n')) return;
      const key = /^sec-websocket-key: (.*)\r$/im.exec(request)?.[1] ?? '';
      const accept = createHash('sha1')
        .update(key + GUID)
        .digest('base64');
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${upgrade(accept)}\r\n`);
      socket.write(after);
    });
  };
}

/** A frame of a server; `head` is its first byte: FIN, reserved bits, opcode. */
export function frame(head: number, payload: Buffer | string, length = payload.length): Buffer {
  const bytes = Buffer.from(payload);
  const size = length < 126 ? Buffer.of(length) : Buffer.of(127, 0, 0, 0, 0, 0, 0, 0, 0);
  if (size.length > 1) size.writeUInt32BE(length, 5);
  return Buffer.concat([Buffer.of(head), size, bytes]);
}

export const TEXT = 0x81;
export const BINARY = 0x82;
export const CLOSE = 0x88;
export const PING = 0x89;
/** The first part of a text, and one of its middle. */
export const BEGINNING = 0x01;
export const MIDDLE = 0x00;
