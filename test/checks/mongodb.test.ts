import { describe, expect, test } from 'vitest';
import { readBson } from '../../src/checks/bson.ts';
import { type BsonValue, bson, opMsg } from '../helpers/bson-document.ts';
import { visit } from '../helpers/checks.ts';
import { type Peer, peer } from '../helpers/peers.ts';

const OK = { ok: { double: 1 } } satisfies Record<string, BsonValue>;
const MEMBER = { setName: 'rs0', isWritablePrimary: false, secondary: false } satisfies Record<string, BsonValue>;

/** A stand-in: MongoDB is in no Debian. It answers each request with the next of these, as the manual describes. */
function mongodb(...replies: readonly Buffer[]): Promise<Peer> {
  return peer((socket) => {
    let count = 0;
    socket.on('data', () => socket.write(replies[count++] ?? ''));
  });
}

async function greeted(...replies: readonly Buffer[]) {
  await using server = await mongodb(...replies);
  const { failure, service } = await visit(server.address, { service: 'mongodb' });
  return { failure, service };
}

describe('a server that serves is up, and says what it is', () => {
  test.each<[string, Record<string, BsonValue>]>([
    ['standalone', { isWritablePrimary: true, ...OK }],
    ['standalone', { ismaster: true, ok: { int: 1 } }],
    ['primary', { ...MEMBER, isWritablePrimary: true, ...OK }],
    ['secondary', { ...MEMBER, secondary: true, ok: { long: 1 } }],
    ['arbiter', { ...MEMBER, arbiterOnly: true, ok: true }],
    ['mongos', { isWritablePrimary: true, msg: 'isdbgrid', ...OK }],
    ['auth_required', { ok: { double: 0 }, code: { int: 13 }, errmsg: 'command hello requires authentication' }],
  ])('%s', async (state, reply) => {
    expect(await greeted(opMsg(bson(reply)))).toEqual({ failure: undefined, service: { state } });
  });
});

describe('a server that says itself that it is not able is unavailable', () => {
  const QUIESCE = 'The server is in quiesce mode and will shut down';
  const NO_CONFIG = 'Does not have a valid replica set config';
  test.each<[string, Record<string, BsonValue>]>([
    [`the service says "${QUIESCE}"`, { ok: { double: 0 }, code: { int: 91 }, errmsg: QUIESCE }],
    [
      'the service says "interrupted at shutdown"',
      { ok: { double: 0 }, code: { int: 11600 }, errmsg: 'interrupted at shutdown' },
    ],
    ['the service says "error 11602"', { ok: { double: 0 }, code: { int: 11602 } }],
    [`the service says "${NO_CONFIG}"`, { isWritablePrimary: false, secondary: false, info: NO_CONFIG, ...OK }],
    ['neither primary nor secondary of replica set "rs0": starting up or recovering', { ...MEMBER, ...OK }],
    ['neither primary nor secondary: starting up or recovering', { ismaster: false, secondary: false, ...OK }],
  ])('%s', async (detail, reply) => {
    const { failure } = await greeted(opMsg(bson(reply)));
    expect(failure).toEqual({ reason: 'service_unavailable', phase: 'handshake', detail });
  });
});

test('an old server is asked by the old name', async () => {
  const unknown = bson({ ok: { double: 0 }, code: { int: 59 }, errmsg: "no such command: 'hello'" });
  const reply = bson({ ismaster: true, setName: 'rs0', ...OK });
  expect(await greeted(opMsg(unknown), opMsg(reply, 2))).toEqual({
    failure: undefined,
    service: { state: 'primary' },
  });
  const { failure } = await greeted(opMsg(unknown), opMsg(unknown, 2));
  expect(failure).toMatchObject({ reason: 'service_unavailable', detail: /no such command/ });
});

test('a checksum at the end is not part of the document', async () => {
  const document = bson({ isWritablePrimary: true, ...OK });
  const message = Buffer.concat([opMsg(document, 1, { flags: 1 }), Buffer.from('abcd')]);
  message.writeInt32LE(message.length);
  expect(await greeted(message)).toEqual({ failure: undefined, service: { state: 'standalone' } });
});

describe('anything else is not MongoDB', () => {
  const document = bson({ isWritablePrimary: true, ...OK });
  const long = opMsg(document);
  long.writeInt32LE(1_000_000);
  const short = opMsg(document);
  short.writeInt32LE(21);
  test.each<[string, Buffer]>([
    ['the answer to another request', opMsg(document, 7)],
    ['another opcode', opMsg(document, 1, { opcode: 2004 })],
    ['flags that nobody knows', opMsg(document, 1, { flags: 4 })],
    ['more to come than was asked for', opMsg(document, 1, { flags: 2 })],
    ['a section that is no document', opMsg(document, 1, { kind: 1 })],
    ['a length beyond all measure', long],
    ['a length that leaves no room', short],
    ['a document without content', opMsg(bson({}))],
    ['a document that says no more than ok', opMsg(bson(OK))],
    ['an error without a number', opMsg(bson({ ok: { double: 0 }, errmsg: 'no' }))],
    ['a broken document', opMsg(document.subarray(0, -1))],
    ['HTTP', Buffer.from('HTTP/1.0 400 Bad Request\r\n\r\n')],
  ])('%s', async (_, reply) => {
    const { failure } = await greeted(reply);
    expect(failure).toMatchObject({ reason: 'unexpected_response', phase: 'handshake' });
  });
});

test('a server that hangs up when spoken to in the clear has closed early', async () => {
  await using server = await peer((socket) => socket.on('data', () => socket.end()));
  const { failure } = await visit(server.address, { service: 'mongodb' });
  expect(failure).toMatchObject({ reason: 'closed_early', phase: 'handshake' });
});

describe('a document', () => {
  const element = (type: number, bytes: string) => {
    const body = Buffer.from(`00000000${type.toString(16).padStart(2, '0')}6100${bytes}00`, 'hex');
    body.writeInt32LE(body.length);
    return body;
  };

  test('is read with every type that BSON has', () => {
    const known: readonly [number, string, unknown][] = [
      [1, '000000000000f83f', 1.5],
      [2, '02000000620000', undefined],
      [2, '020000006200', 'b'],
      [3, '0500000000', undefined],
      [4, '0500000000', undefined],
      [5, '0100000000ff', undefined],
      [6, '', undefined],
      [7, '000102030405060708090a0b', undefined],
      [8, '01', true],
      [9, '0000000000000000', undefined],
      [10, '', undefined],
      [11, '61006900', undefined],
      [12, '020000006200000102030405060708090a0b', undefined],
      [13, '020000006200', 'b'],
      [14, '020000006200', 'b'],
      [15, '10000000020000006200050000000000', undefined],
      [16, 'ffffffff', -1],
      [17, '0000000000000000', undefined],
      [18, '0200000000000000', 2],
      [19, '00000000000000000000000000000000', undefined],
      [127, '', undefined],
      [255, '', undefined],
    ];
    const read = known.map(([type, bytes]) => readBson(element(type, bytes)));
    expect(read.map((fields) => fields?.get('a'))).toEqual(known.map(([, , value]) => value));
    const wrong = known.flatMap(([type, bytes], i) => (read[i]?.has('a') ? [] : [`${type} ${bytes}`]));
    expect(wrong).toEqual(['2 02000000620000']);
  });

  test.each([
    ['a type that nobody knows', element(20, '')],
    ['a text beyond its end', element(2, 'ff0000006200')],
    ['a text of negative length', element(2, 'ffffffff6200')],
    ['a text without an end', element(2, '020000006262')],
    ['neither true nor false', element(8, '02')],
    ['a nested document beyond its end', element(3, '0600000000')],
    ['a nested document that is too short', element(3, '0400000000')],
    ['a pattern with one text', element(11, '6100')],
    ['half a number', element(1, '0000')],
    ['half a date', element(9, '0000')],
    ['less than its length', Buffer.from('0600000000', 'hex')],
    ['no bytes', Buffer.alloc(0)],
  ])('is none with %s', (_, bytes) => {
    expect(readBson(bytes)).toBeUndefined();
  });

  test('however deep it is, is read in no time', () => {
    let deep = bson({});
    for (let i = 0; i < 5000; i++) {
      const size = Buffer.alloc(4);
      size.writeInt32LE(deep.length + 8);
      deep = Buffer.concat([size, Buffer.from('036100', 'hex'), deep, Buffer.from([0])]);
    }
    expect(readBson(deep)?.has('a')).toBe(true);
  });
});
