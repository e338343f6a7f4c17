import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { Connections } from '../../src/http/connections.ts';
import { type Listening, listen } from '../../src/http/server.ts';

const REQUEST = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

/** A client, and whether it has been cut off. */
type Client = { readonly socket: Socket; readonly isGone: () => boolean; readonly heard: () => string };

async function client(server: Listening, says = '', localAddress = '127.0.0.1'): Promise<Client> {
  const socket = connect({ port: server.port, host: '127.0.0.1', localAddress });
  let [isGone, heard] = [false, ''];
  socket.on('data', (chunk) => {
    heard += chunk;
  });
  socket
    .on('error', () => undefined)
    .on('close', () => {
      isGone = true;
    });
  await once(socket, 'connect');
  if (says !== '') socket.write(says);
  return { socket, isGone: () => isGone, heard: () => heard };
}

/** A server for three connections that answers when it is told to. */
async function serving() {
  const crowded = vi.fn();
  const waiting: (() => void)[] = [];
  const server = await listen(
    (_, response) => waiting.push(() => response.end('ok')),
    { host: '127.0.0.1', port: 0 },
    { connections: new Connections(3, crowded) },
  );
  return {
    server,
    crowded,
    /** Waits until so many requests are being answered. */
    asked: (count: number) => vi.waitFor(() => expect(waiting).toHaveLength(count)),
    answer: () => {
      for (const end of waiting.splice(0)) end();
    },
    [Symbol.asyncDispose]: () => server.close(0),
  };
}

/** Waits until exactly these are gone. */
async function gone(clients: readonly Client[], expected: readonly boolean[]): Promise<void> {
  await vi.waitFor(() => expect(clients.map(({ isGone }) => isGone())).toEqual(expected));
}

describe('when there are too many connections', () => {
  it('the one that never said a word for longest makes room', async () => {
    await using set = await serving();
    const clients: Client[] = [];
    for (let i = 0; i < 5; i++) clients.push(await client(set.server));
    await gone(clients, [true, true, false, false, false]);
    expect(set.crowded).toHaveBeenCalledTimes(2);
  });

  it('half a request is as good as none', async () => {
    await using set = await serving();
    const clients = [await client(set.server, 'GET / HTTP/1.1\r\nHost: x\r\n')];
    for (let i = 0; i < 3; i++) clients.push(await client(set.server));
    await gone(clients, [true, false, false, false]);
  });

  it('whoever is being answered stays, and counts as the last when it is', async () => {
    await using set = await serving();
    const first = await client(set.server, REQUEST);
    await set.asked(1);
    const others = [await client(set.server), await client(set.server), await client(set.server)];
    await gone([first, ...others], [false, true, false, false]);
    set.answer();
    await vi.waitFor(() => expect(first.heard()).toContain('200 OK'));
    const more = [await client(set.server)];
    await gone([first, ...others, ...more], [false, true, true, false, false]);
    first.socket.write(REQUEST);
    await set.asked(1);
    set.answer();
    await vi.waitFor(() => expect(first.heard().split('200 OK')).toHaveLength(3));
  });

  it('a newcomer is refused where all others are being answered', async () => {
    await using set = await serving();
    const busy = [
      await client(set.server, REQUEST),
      await client(set.server, REQUEST),
      await client(set.server, REQUEST),
    ];
    await set.asked(3);
    const late = await client(set.server, REQUEST);
    await gone([...busy, late], [false, false, false, true]);
    set.answer();
    for (const { heard } of busy) await vi.waitFor(() => expect(heard()).toContain('200 OK'));
  });

  it('a newcomer from elsewhere is taken where one client has all of them', async () => {
    await using set = await serving();
    const greedy: Client[] = [];
    for (let i = 0; i < 3; i++) greedy.push(await client(set.server, REQUEST));
    await set.asked(3);
    const other = await client(set.server, REQUEST, '127.0.0.2');
    await gone([...greedy, other], [true, false, false, false]);
    const third = await client(set.server, REQUEST, '127.0.0.3');
    await gone([...greedy, other, third], [true, true, false, false, false]);
    await set.asked(5);
    set.answer();
    for (const { heard } of [other, third]) await vi.waitFor(() => expect(heard()).toContain('200 OK'));
  });

  it('requests sent in one go are one connection that is being answered until the last', async () => {
    await using set = await serving();
    const eager = await client(set.server, REQUEST + REQUEST);
    await set.asked(1);
    const others: Client[] = [];
    for (let i = 0; i < 4; i++) others.push(await client(set.server));
    await gone([eager, ...others], [false, true, true, false, false]);
    set.answer();
    await set.asked(1);
    set.answer();
    await vi.waitFor(() => expect(eager.heard().split('200 OK')).toHaveLength(3));
  });

  it('connections that end by themselves make room too', async () => {
    await using set = await serving();
    const first = await client(set.server);
    for (let i = 0; i < 10; i++) {
      const brief = await client(set.server);
      brief.socket.end();
      await gone([brief], [true]);
    }
    expect(first.isGone()).toBe(false);
    expect(set.crowded).not.toHaveBeenCalled();
  });
});

describe('requests sent in one go', () => {
  it('are answered one after the other', async () => {
    await using set = await serving();
    const eager = await client(set.server, REQUEST.repeat(9));
    for (let answered = 1; answered <= 9; answered++) {
      await set.asked(1);
      set.answer();
      await vi.waitFor(() => expect(eager.heard().split('200 OK')).toHaveLength(answered + 1));
    }
  });

  it('are too many at ten, or at ten thousand: the connection is closed, and nothing is done for it', async () => {
    for (const count of [10, 10_000]) {
      await using set = await serving();
      const greedy = await client(set.server, REQUEST.repeat(count));
      await gone([greedy], [true]);
      await set.asked(1);
      expect(greedy.heard()).toBe('');
      const other = await client(set.server, REQUEST);
      await set.asked(2);
      set.answer();
      await vi.waitFor(() => expect(other.heard()).toContain('200 OK'));
    }
  });

  it('are not answered after an answer that ends the connection', async () => {
    const handler = vi.fn((_, response: ServerResponse) => response.setHeader('Connection', 'close').end('ok'));
    const server = await listen(handler, { host: '127.0.0.1', port: 0 }, { connections: new Connections(3) });
    const eager = await client(server, REQUEST.repeat(3));
    await gone([eager], [true]);
    expect(eager.heard().split('200 OK')).toHaveLength(2);
    expect(handler).toHaveBeenCalledTimes(1);
    await server.close(0);
  });

  it('are not answered when the client has gone', async () => {
    await using set = await serving();
    const eager = await client(set.server, REQUEST + REQUEST);
    await set.asked(1);
    eager.socket.destroy();
    await gone([eager], [true]);
    const other = await client(set.server, REQUEST);
    await set.asked(2);
    set.answer();
    await vi.waitFor(() => expect(other.heard()).toContain('200 OK'));
    await set.asked(0);
  });
});

describe('a request', () => {
  it.each([
    ['of more than 16 kB of headers', `GET / HTTP/1.1\r\nHost: x\r\n${`X: ${'x'.repeat(1000)}\r\n`.repeat(20)}`, '431'],
    ['with a path that long', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\n\r\n`, '431'],
    ['that is not HTTP', 'nonsense\r\n\r\n', '400'],
  ])('%s is refused, and the connection closed', async (_, text, status) => {
    await using set = await serving();
    const asking = await client(set.server, text);
    await gone([asking], [true]);
    expect(asking.heard()).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  });
});
