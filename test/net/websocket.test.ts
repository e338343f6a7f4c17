import type { Socket } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { type UpgradeRequest, WebSocketConnection } from '../../src/net/websocket.ts';
import { openSocket } from '../helpers/grpc-server.ts';
import { peer } from '../helpers/peers.ts';
import { BINARY, frame, PING, TEXT, upgrading, webSocketPeer } from '../helpers/websocket-peer.ts';

const REQUEST: UpgradeRequest = { authority: 'chat.test:8080', path: '/room?name=1', headers: [] };

async function connected(port: number, inTls = false): Promise<WebSocketConnection> {
  return new WebSocketConnection(await openSocket(port, inTls ? [] : undefined));
}

describe('an upgrade', () => {
  it.each([
    ['plain', false],
    ['in TLS', true],
  ])('%s asks for what it should, and gets it', async (_, inTls) => {
    await using server = await webSocketPeer((websocket) => websocket.send('hello'), { inTls });
    const connection = await connected(server.port, inTls);
    const headers = [
      ['Origin', 'https://shop.test'],
      ['X-Many', 'one'],
      ['X-Many', 'two'],
      ['user-agent', 'somebody'],
    ] as const;
    await expect(connection.upgrade({ ...REQUEST, headers })).resolves.toEqual({ status: 101, isUpgraded: true });
    expect(connection.status).toBe(101);
    expect(server.requests[0]?.url).toBe('/room?name=1');
    expect(server.requests[0]?.headers).toMatchObject({
      host: 'chat.test:8080',
      origin: 'https://shop.test',
      'x-many': 'one, two',
      'user-agent': 'somebody',
      'sec-websocket-version': '13',
    });
    expect(server.requests[0]?.headers).not.toHaveProperty('sec-websocket-extensions');
    expect((await connection.next()).toString()).toBe('hello');
    await connection.leave();
    await vi.waitFor(() => expect(server.closed).toEqual([1000]));
  });

  it('may be asked of a host by another name', async () => {
    await using server = await webSocketPeer();
    const connection = await connected(server.port);
    await connection.upgrade({ ...REQUEST, headers: [['Host', 'other.test']] });
    expect(server.requests[0]?.headers.host).toBe('other.test');
    await connection.leave();
  });

  it('may offer protocols, one of which the server takes', async () => {
    await using server = await webSocketPeer();
    const connection = await connected(server.port);
    const headers = [['Sec-WebSocket-Protocol', 'graphql-ws, soap']] as const;
    await expect(connection.upgrade({ ...REQUEST, headers })).resolves.toMatchObject({ isUpgraded: true });
    expect(server.requests[0]?.headers['sec-websocket-protocol']).toBe('graphql-ws,soap');
    await connection.leave();
  });

  it.each([401, 404, 426, 503])('that is refused with %i says so, and there is nothing to read', async (refuse) => {
    await using server = await webSocketPeer(undefined, { refuse });
    const connection = await connected(server.port);
    await expect(connection.upgrade(REQUEST)).resolves.toEqual({ status: refuse, isUpgraded: false });
    await expect(connection.next()).rejects.toMatchObject({ reason: 'unexpected_response' });
    connection.send('ignored');
    await connection.leave();
  });

  it.each([
    ['a page', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello', 200],
    ['a page without end', 'HTTP/1.1 200 OK\r\n\r\nhello', 200],
    [
      'a redirect, which is not followed',
      'HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n',
      302,
    ],
    ['something before the answer', 'HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n', 403],
  ])('that is answered by %s has the status of the answer', async (_, answer, status) => {
    let ended = false;
    await using server = await peer((socket) => {
      socket.once('data', () => socket.write(answer));
      socket.on('end', () => {
        ended = true;
      });
    });
    const connection = await connected(server.port);
    await expect(connection.upgrade(REQUEST)).resolves.toEqual({ status, isUpgraded: false });
    await connection.leave();
    await vi.waitFor(() => expect(ended).toBe(true));
    expect(server.connections()).toBe(1);
  });
});

describe('messages', () => {
  it('come in order, text and binary, those that came early as well', async () => {
    const said = Buffer.concat([frame(TEXT, 'one'), frame(BINARY, Buffer.of(0, 255)), frame(TEXT, '')]);
    await using server = await peer(upgrading(said));
    const connection = await connected(server.port);
    await connection.upgrade(REQUEST);
    expect([await connection.next(), await connection.next(), await connection.next()]).toEqual([
      Buffer.from('one'),
      Buffer.of(0, 255),
      Buffer.alloc(0),
    ]);
    connection.close();
  });

  it('go back and forth', async () => {
    await using server = await webSocketPeer((websocket) => {
      websocket.on('message', (message) => websocket.send(`${message}, you said`));
    });
    const connection = await connected(server.port);
    await connection.upgrade(REQUEST);
    for (const text of ['hello', 'grüß dich']) {
      connection.send(text);
      expect((await connection.next()).toString()).toBe(`${text}, you said`);
    }
    await connection.leave();
    expect(server.heard).toEqual(['hello', 'grüß dich']);
  });

  it('that nobody takes are not read any further, and none is lost', async () => {
    const COUNT = 1000;
    let sent = 0;
    await using server = await webSocketPeer((websocket) => {
      const more = () => {
        if (sent === COUNT) return;
        sent++;
        websocket.send('x'.repeat(2000), more);
      };
      more();
    });
    const socket = await openSocket(server.port);
    const connection = new WebSocketConnection(socket);
    await connection.upgrade(REQUEST);
    await vi.waitFor(() => expect(socket.isPaused()).toBe(true));
    expect(socket.bytesRead).toBeLessThan(1_000_000);
    for (let i = 0; i < COUNT; i++) expect((await connection.next()).length).toBe(2000);
    await connection.leave();
    await vi.waitFor(() => expect(server.closed).toEqual([1000]));
  });

  it('that came before the goodbye may still be taken', async () => {
    await using server = await webSocketPeer((websocket) => {
      websocket.send('last words');
      websocket.close(1000);
    });
    const socket = await openSocket(server.port);
    const connection = new WebSocketConnection(socket);
    await connection.upgrade(REQUEST);
    await vi.waitFor(() => expect(socket.destroyed).toBe(true));
    expect((await connection.next()).toString()).toBe('last words');
    await expect(connection.next()).rejects.toMatchObject({ reason: 'closed_early' });
  });
});

describe('leaving', () => {
  it('ends the wait for a message and drops what is unread', async () => {
    await using server = await webSocketPeer((websocket) => {
      for (let i = 0; i < 200; i++) websocket.send('x'.repeat(10_000));
    });
    const socket = await openSocket(server.port);
    const connection = new WebSocketConnection(socket);
    await connection.upgrade(REQUEST);
    await vi.waitFor(() => expect(socket.isPaused()).toBe(true));
    await connection.leave();
    await vi.waitFor(() => expect(server.closed).toEqual([1000]));

    await using quiet = await webSocketPeer();
    const other = await connected(quiet.port);
    await other.upgrade(REQUEST);
    const rejected = expect(other.next()).rejects.toMatchObject({ message: 'the talk is over' });
    await other.leave();
    await rejected;
  });

  it.each<[what: string, behave: (socket: Socket) => void]>([
    ['never says goodbye', upgrading()],
    ['talks on for ever', upgrading(Buffer.concat(Array.from({ length: 100 }, () => frame(PING, 'x'))))],
    ['was not even asked', () => {}],
  ])('does not wait for ever for a peer that %s', async (_, behave) => {
    await using server = await peer((socket) => {
      socket.allowHalfOpen = true;
      behave(socket);
    });
    const socket = await openSocket(server.port);
    const connection = new WebSocketConnection(socket);
    if (behave.length === 1) await connection.upgrade(REQUEST);
    await connection.leave(50);
    expect(socket.destroyed).toBe(true);
  });

  it.each([
    ['the connection', (connection: WebSocketConnection) => connection.close()],
    ['its socket', (_: WebSocketConnection, socket: Socket) => socket.destroy()],
  ])('is not needed where somebody closes %s: every wait ends', async (_, close) => {
    await using silent = await peer();
    await using server = await webSocketPeer();
    const sockets = [await openSocket(silent.port), await openSocket(server.port)] as const;
    const [asking, listening] = [new WebSocketConnection(sockets[0]), new WebSocketConnection(sockets[1])];
    await listening.upgrade(REQUEST);
    const waits = [asking.upgrade(REQUEST), listening.next()];
    const rejected = Promise.all(waits.map((wait) => expect(wait).rejects.toMatchObject({ reason: 'closed_early' })));
    setImmediate(() => {
      close(asking, sockets[0]);
      close(listening, sockets[1]);
    });
    await rejected;
    await vi.waitFor(() => expect(sockets.map(({ destroyed }) => destroyed)).toEqual([true, true]));
  });
});
