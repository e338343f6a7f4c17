import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { Deadlines, systemClock } from '../../src/net/clock.ts';
import { Visitor, visit } from '../helpers/checks.ts';
import { listenOn, peer } from '../helpers/peers.ts';
import { testWorld } from '../helpers/world.ts';
import { transcripts } from './transcripts/amqp.ts';

const HEADER = Buffer.from('414d515000000901', 'hex');

/** A frame of class connection with that method. */
function frame(method: number, content: Buffer): Buffer {
  const head = Buffer.from([1, 0, 0, 0, 0, 0, 4 + content.length, 0, 10, 0, method]);
  return Buffer.concat([head, content, Buffer.from([0xce])]);
}

/** Connection.Start with that table of properties. */
function start(table: Buffer): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(table.length);
  return frame(10, Buffer.concat([Buffer.from([0, 9]), size, table, Buffer.alloc(8)]));
}

function text(name: string, value: string): Buffer {
  return Buffer.concat([
    Buffer.from([name.length]),
    Buffer.from(`${name}S\0\0\0`),
    Buffer.from([value.length]),
    Buffer.from(value),
  ]);
}

/** Answers the first bytes that it is told, and counts how often it was told some. */
async function answering(reply: Buffer) {
  const heard: Buffer[] = [];
  const server = await peer((socket) =>
    socket.on('data', (chunk: Buffer) => {
      heard.push(chunk);
      socket.write(reply);
    }),
  );
  return Object.assign(server, { heard });
}

describe('Connection.Start', () => {
  test.each([
    ['product and version', Buffer.concat([text('product', 'LavinMQ'), text('version', '2.1.0')]), 'LavinMQ 2.1.0'],
    ['a version only', text('version', '1.0'), '1.0'],
    ['nothing', Buffer.alloc(0), undefined],
    [
      'other kinds of values before it',
      Buffer.concat([Buffer.from('\x01at\x01\x01bI\0\0\0\x01\x01cV'), text('version', '9')]),
      '9',
    ],
    ['a value of an unknown kind', Buffer.concat([Buffer.from('\x01a?'), text('version', '9')]), undefined],
    ['a text longer than the table', Buffer.from('\x07versionS\xff\xff\xff\xff1.0', 'latin1'), undefined],
  ])('with %s', async (_, table, version) => {
    await using server = await answering(start(table));
    const { failure, service } = await visit(server.address, { service: 'amqp' });
    expect(failure).toBeUndefined();
    expect(service?.version).toBe(version);
    expect(server.heard).toEqual([HEADER]);
  });
});

describe('a server that will not have us', () => {
  test.each([
    ['of another version of the protocol', HEADER, 'unexpected_response', 'bytes 414d515000000901'],
    ['of another kind', Buffer.from('SSH-2.0-OpenSSH_9.2\r\n'), 'unexpected_response', 'SSH-2.0-OpenSSH_9.2'],
    [
      'that closes the connection',
      frame(50, Buffer.concat([Buffer.from([0x01, 0x40, 19]), Buffer.from('CONNECTION_FORCED!!'), Buffer.alloc(4)])),
      'service_unavailable',
      'the service says "CONNECTION_FORCED!!"',
    ],
    ['that goes on with another method', frame(30, Buffer.alloc(8)), 'unexpected_response', 'Connection.Start'],
    [
      'whose frame has no end',
      Buffer.from([1, 0, 0, 0, 0, 0, 6, 0, 10, 0, 10, 0, 9, 0]),
      'unexpected_response',
      'Start',
    ],
    ['whose frame is endless', Buffer.from([1, 0, 0, 0xff, 0xff, 0xff, 0xff]), 'unexpected_response', 'Start'],
    ['whose frame is too short', Buffer.from([1, 0, 0, 0, 0, 0, 2, 0, 10, 0xce]), 'unexpected_response', 'Start'],
  ])('%s', async (_, reply, reason, words) => {
    await using server = await answering(reply);
    const { failure } = await visit(server.address, { service: 'amqp' });
    expect(failure).toMatchObject({ reason, phase: 'handshake', detail: expect.stringContaining(words) });
  });
});

describe('a server that has greeted', () => {
  const [
    {
      turns: [turn],
    } = { turns: [] },
  ] = transcripts;
  const reply = typeof turn === 'function' ? (turn(HEADER) ?? Buffer.alloc(0)) : Buffer.alloc(0);

  test('is only hung up on the next time, and its version is remembered', async () => {
    await using server = await answering(reply);
    const visitor = new Visitor(server.address, { service: 'amqp' });
    for (let i = 0; i < 3; i++) {
      const { failure, service } = await visitor.probe();
      expect(failure).toBeUndefined();
      expect(service).toEqual({ version: 'RabbitMQ 3.10.8' });
    }
    expect(server.heard).toEqual([HEADER]);
  });

  test.each([
    ['greeting', 2],
    ['quiet', 0],
  ])('is asked as often as depth %s says', async (depth, asked) => {
    await using server = await answering(reply);
    const visitor = new Visitor(server.address, { service: 'amqp', options: { depth } });
    expect(await visitor.probes(2)).toEqual({ up: 2 });
    expect(server.heard).toHaveLength(asked);
  });

  test('is asked again after ten minutes', async () => {
    await using server = await answering(reply);
    let later = 0;
    const clock = { ...systemClock, now: () => systemClock.now() + later };
    const world = testWorld({ clock, deadlines: new Deadlines(clock) });
    const visitor = new Visitor(server.address, { service: 'amqp' }, world);
    await visitor.probe();
    later = 599_000;
    await visitor.probe();
    expect(server.heard).toHaveLength(1);
    later = 600_000;
    await visitor.probe();
    expect(server.heard).toHaveLength(2);
  });

  test('is asked again after any failure', async () => {
    let refuses = false;
    const heard: Buffer[] = [];
    await using server = await peer((socket) => {
      if (refuses) socket.end();
      else
        socket.on('data', (chunk: Buffer) => {
          heard.push(chunk);
          socket.write(reply);
        });
    });
    const visitor = new Visitor(server.address, { service: 'amqp' });
    await visitor.probe();
    refuses = true;
    expect((await visitor.probe()).failure).toMatchObject({ reason: 'closed_early', phase: 'handshake' });
    refuses = false;
    expect((await visitor.probe()).failure).toBeUndefined();
    expect(heard).toHaveLength(2);
  });
});

describe('without a word', () => {
  const quiet = { service: 'amqp', options: { depth: 'quiet' }, timeoutMs: 400 };

  test('a server that answers our FIN with RST is up', async () => {
    await using server = await peer((socket) => socket.on('end', () => socket.resetAndDestroy()));
    expect((await visit(server.address, quiet)).failure).toBeUndefined();
  });

  test('a server that hangs does not hang up: timeout', async () => {
    const server = createServer({ allowHalfOpen: true }, (socket) => socket.on('error', () => {}).resume());
    const { failure } = await visit(`127.0.0.1:${await listenOn(server)}`, quiet);
    server.close();
    expect(failure).toMatchObject({ reason: 'timeout', phase: 'handshake' });
  });

  test('a server that speaks first is another one', async () => {
    await using server = await peer((socket) => socket.write('220 ready\r\n'));
    const { failure } = await visit(server.address, quiet);
    expect(failure).toMatchObject({ reason: 'unexpected_response', detail: expect.stringContaining('220 ready') });
  });

  test('a proxy without a server behind it hangs up at once: down', async () => {
    await using server = await peer((socket) => socket.end());
    expect((await visit(server.address, quiet)).failure).toMatchObject({ reason: 'closed_early', phase: 'handshake' });
  });
});

test('a depth that there is not is said so', () => {
  expect(() => new Visitor('127.0.0.1:1', { service: 'amqp', options: { depth: 'deep' } })).toThrow(
    'must be \\"quiet\\" or \\"greeting\\"',
  );
});
