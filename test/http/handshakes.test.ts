import { EventEmitter, once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { Handshakes } from '../../src/http/handshakes.ts';
import { listenOn } from '../helpers/peers.ts';

/** A listener whose connections wait for their handshake. */
async function starting() {
  const started: Socket[] = [];
  const handshakes = new Handshakes((raw) => started.push(raw));
  const accepted: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (raw) => {
    accepted.push(raw.on('error', () => undefined));
    handshakes.add(raw);
  });
  const port = await listenOn(server);
  return {
    started,
    accepted,
    client: async (says: string) => {
      const socket = connect(port, '127.0.0.1');
      await once(socket, 'connect');
      if (says !== '') socket.write(says);
      return socket.on('error', () => undefined);
    },
    [Symbol.asyncDispose]: async () => {
      for (const raw of accepted) raw.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('a handshake', () => {
  it('begins when the client has said something', async () => {
    await using set = await starting();
    await set.client('');
    await set.client('hello');
    await vi.waitFor(() => expect(set.started).toEqual([set.accepted[1]]));
    expect(set.started[0]?.read()).toEqual(Buffer.from('hello'));
  });

  it('does not begin when the client leaves without a word', async () => {
    await using set = await starting();
    (await set.client('')).end();
    await vi.waitFor(() => expect(set.accepted[0]?.destroyed).toBe(true));
    expect(set.started).toEqual([]);
  });
});

/** As much of a connection as is needed, so that many can say something in the same moment. */
class Spoken extends EventEmitter {
  readonly readableLength = 5;
  readonly remoteAddress: string;
  destroyed = false;

  constructor(remoteAddress: string) {
    super();
    this.remoteAddress = remoteAddress;
  }

  setTimeout(): void {}

  destroy(): void {
    this.destroyed = true;
  }
}

/** Clients at these addresses that all speak in the same moment; whose handshakes begin in each turn of the loop. */
async function turnsOf(addresses: readonly string[], before: (all: readonly Spoken[]) => void = () => undefined) {
  let started: string[] = [];
  const handshakes = new Handshakes((raw) => started.push(raw.remoteAddress ?? ''));
  const all = addresses.map((address) => new Spoken(address));
  for (const raw of all) handshakes.add(raw as unknown as Socket);
  for (const raw of all) raw.emit('readable');
  before(all);
  const turns: string[][] = [];
  for (let turn = 0; turn < addresses.length + 1; turn++) {
    await nextTurn();
    turns.push(started);
    started = [];
  }
  return { all, turns: turns.filter((begun) => begun.length > 0) };
}

describe('many handshakes', () => {
  it('begin two in each turn of the loop, one client after the other', async () => {
    const { turns } = await turnsOf(['10.0.0.1', '10.0.0.1', '10.0.0.1', '10.0.0.1', '10.0.0.2']);
    expect(turns).toEqual([['10.0.0.1', '10.0.0.2'], ['10.0.0.1', '10.0.0.1'], ['10.0.0.1']]);
  });

  it('pass over clients that have left meanwhile', async () => {
    const { turns } = await turnsOf(['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'], ([first, second]) => {
      first?.destroy();
      second?.destroy();
    });
    expect(turns).toEqual([['10.0.0.3', '10.0.0.4']]);
  });

  it('are too many at a thousand: whoever wants most of them loses some', async () => {
    const { all, turns } = await turnsOf([...Array<string>(1100).fill('10.0.0.1'), '10.0.0.2']);
    expect(all.filter(({ destroyed }) => destroyed)).toHaveLength(101);
    expect(turns[0]).toEqual(['10.0.0.1', '10.0.0.2']);
  });
});
