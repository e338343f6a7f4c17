import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { expect, test, vi } from 'vitest';
import { type IpAddress, parseIp } from '../../src/core/ip.ts';
import { systemClock } from '../../src/net/clock.ts';
import { Datagrams } from '../../src/net/datagrams.ts';
import { Dialer } from '../../src/net/dialer.ts';

type Server = AsyncDisposable & { readonly port: number; readonly heard: string[]; readonly socket: Socket };

/** A socket that notes what comes and answers as told. */
async function server(answer: (text: string) => readonly string[] = () => [], host = '127.0.0.1'): Promise<Server> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  const heard: string[] = [];
  socket.on('message', (message, from) => {
    heard.push(message.toString());
    for (const reply of answer(message.toString())) socket.send(reply, from.port, from.address);
  });
  socket.bind(0, host);
  await once(socket, 'listening');
  return {
    port: socket.address().port,
    heard,
    socket,
    [Symbol.asyncDispose]: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

function ip(text: string): IpAddress {
  const address = parseIp(text);
  if (address === undefined) throw new Error(text);
  return address;
}

const LOOPBACK = ip('127.0.0.1');
const everything = (unread: Buffer) =>
  unread.length === 0 ? undefined : { used: unread.length, value: unread.toString() };

test('each datagram is offered alone, and what the reader makes nothing of is forgotten', async () => {
  await using peer = await server(() => ['stray', '', 'right one', 'late']);
  const offered: string[] = [];
  const datagrams = new Datagrams({ address: LOOPBACK, port: peer.port }, () => {});
  datagrams.send(Buffer.from('ask'));
  const value = await datagrams.take((unread) => {
    offered.push(unread.toString());
    return unread.toString().startsWith('right') ? { used: unread.length, value: 'found' } : undefined;
  });
  expect(value).toBe('found');
  expect(offered.filter((text) => text !== '')).toEqual(['stray', 'right one']);
  datagrams.close();
});

test('what is sent before the socket is ready goes out in order', async () => {
  await using peer = await server();
  const datagrams = new Datagrams({ address: LOOPBACK, port: peer.port }, () => {});
  for (const text of ['one', 'two', 'three']) datagrams.send(Buffer.from(text));
  await vi.waitFor(() => expect(peer.heard).toEqual(['one', 'two', 'three']));
  datagrams.close();
});

test('no answer in time is undefined, and a later one still counts', async () => {
  await using peer = await server((text) => (text === 'again' ? ['yes'] : []));
  const datagrams = new Datagrams({ address: LOOPBACK, port: peer.port }, () => {});
  datagrams.send(Buffer.from('once'));
  expect(await datagrams.takeWithin(30, everything)).toBeUndefined();
  datagrams.send(Buffer.from('again'));
  expect(await datagrams.takeWithin(5000, everything)).toBe('yes');
  datagrams.close();
});

test('somebody else’s datagrams do not get through', async () => {
  let ours: { readonly port: number; readonly address: string } | undefined;
  await using peer = await server();
  await using stranger = await server();
  peer.socket.on('message', (_message, from) => {
    ours = from;
  });
  const datagrams = new Datagrams({ address: LOOPBACK, port: peer.port }, () => {});
  datagrams.send(Buffer.from('hello'));
  await vi.waitFor(() => expect(ours).toBeDefined());
  stranger.socket.send('forged', ours?.port ?? 0, '127.0.0.1', () => {
    peer.socket.send('real', ours?.port ?? 0, '127.0.0.1');
  });
  expect(await datagrams.take(everything)).toBe('real');
  datagrams.close();
});

test('that nobody listens is told by the ICMP answer, for good', async () => {
  const { port } = await closed();
  const datagrams = new Datagrams({ address: LOOPBACK, port }, () => {});
  datagrams.send(Buffer.from('hello'));
  await expect(datagrams.take(everything)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  datagrams.send(Buffer.from('hello?'));
  await expect(datagrams.takeWithin(1000, everything)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  datagrams.close();
});

test('it talks by IPv6 too', async () => {
  await using peer = await server((text) => [text.toUpperCase()], '::1');
  const datagrams = new Datagrams({ address: ip('::1'), port: peer.port }, () => {});
  datagrams.send(Buffer.from('hello'));
  expect(await datagrams.take(everything)).toBe('HELLO');
  datagrams.close();
});

test('an address that cannot be talked to rejects with what the kernel says', async () => {
  const datagrams = new Datagrams({ address: ip('255.255.255.255'), port: 9 }, () => {});
  datagrams.send(Buffer.from('hello'));
  await expect(datagrams.take(everything)).rejects.toMatchObject({ code: 'EACCES' });
  datagrams.close();
});

test('closed before it is ready it sends nothing, rejects, and is over exactly once', async () => {
  await using peer = await server();
  const over = vi.fn();
  const datagrams = new Datagrams({ address: LOOPBACK, port: peer.port }, over);
  datagrams.send(Buffer.from('never'));
  const taken = datagrams.take(everything);
  datagrams.close();
  datagrams.close();
  datagrams.send(Buffer.from('nor this'));
  await expect(taken).rejects.toThrow('the talk is over');
  await vi.waitFor(() => expect(over).toHaveBeenCalled());
  // A round trip of another one: whatever the first had sent would be here by now.
  const other = new Datagrams({ address: LOOPBACK, port: peer.port }, () => {});
  other.send(Buffer.from('other'));
  await vi.waitFor(() => expect(peer.heard).toEqual(['other']));
  other.close();
  expect(over).toHaveBeenCalledTimes(1);
});

test('whenever it is closed nothing of it is left', async () => {
  const dialer = new Dialer(systemClock);
  await using peer = await server(() => ['yes']);
  const { port } = await closed();
  const talks = Array.from({ length: 60 }, async (_, i) => {
    const datagrams = dialer.datagrams({ address: LOOPBACK, port: i % 3 === 0 ? port : peer.port });
    datagrams.send(Buffer.from('hello'));
    if (i % 2 === 0) await datagrams.take(everything).catch(() => undefined);
    datagrams.close();
  });
  await Promise.all(talks);
  await expect.poll(() => dialer.inFlight).toBe(0);
});

/** A port where nobody listens: somebody did a moment ago. */
async function closed(): Promise<{ readonly port: number }> {
  await using peer = await server();
  return { port: peer.port };
}
