import { expect, test } from 'vitest';
import { visit } from '../helpers/checks.ts';
import { peer } from '../helpers/peers.ts';

/** A frame by its head without the length, as in native_protocol_v4.spec. */
function frame(head: string, body: Buffer, size = body.length): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(size);
  return Buffer.concat([Buffer.from(head, 'hex'), length, body]);
}

function error(code: number, text: string, head = '8400000000'): Buffer {
  const body = Buffer.alloc(6);
  body.writeUInt32BE(code);
  body.writeUInt16BE(text.length, 4);
  return frame(head, Buffer.concat([body, Buffer.from(text)]));
}

const CQL = Buffer.concat([Buffer.from([0, 1, 0, 11]), Buffer.from('CQL_VERSION'), Buffer.from([0, 1, 0, 5])]);
const SUPPORTED = Buffer.concat([CQL, Buffer.from('3.4.6')]);

/** A stand-in: Cassandra is in no Debian. */
async function greeted(reply: Buffer) {
  await using server = await peer((socket) => socket.on('data', () => socket.write(reply)));
  const { failure, service } = await visit(server.address, { service: 'cassandra' });
  return { failure, service };
}

test('a node that says what it supports is up, with its version of CQL', async () => {
  expect(await greeted(frame('8400000006', SUPPORTED))).toEqual({
    failure: undefined,
    service: { version: '3.4.6' },
  });
});

test.each([
  ['a newer', '8500000000'],
  ['an older', '8300000000'],
  ['an ancient', '82000000'],
])('a node that speaks %s protocol only is up', async (_, head) => {
  const reply = error(0x000a, 'Invalid or unsupported protocol version: 4', head);
  expect(await greeted(reply)).toEqual({ failure: undefined, service: undefined });
});

test('a node that wants a password is up', async () => {
  expect(await greeted(error(0x0100, 'who are you'))).toEqual({
    failure: undefined,
    service: { state: 'auth_required' },
  });
});

test.each([
  [0x0000, 'java.lang.NullPointerException'],
  [0x1001, 'Server is in overloaded state'],
  [0x1002, 'Cannot read from a bootstrapping node'],
])('error %i says that the node is not able', async (code, words) => {
  expect((await greeted(error(code, words))).failure).toEqual({
    reason: 'service_unavailable',
    phase: 'handshake',
    detail: `the service says "${words}"`,
  });
});

test('any other error is not what OPTIONS is answered with', async () => {
  expect((await greeted(error(0x2000, 'line 1:0 no viable alternative'))).failure).toEqual({
    reason: 'unexpected_response',
    phase: 'handshake',
    detail: 'OPTIONS is answered with error 0x2000 "line 1:0 no viable alternative"',
  });
});

test.each<[string, Buffer]>([
  ['a protocol error about something else', error(0x000a, 'Unexpected message')],
  ['an error without text', frame('8400000000', Buffer.from([0, 0, 0, 0]))],
  ['an error with more than its text', frame('8400000000', Buffer.from([0, 0, 0, 0, 0, 0, 1]))],
  ['another answer', frame('8400000002', Buffer.alloc(0))],
  ['an answer to somebody else', frame('8400010006', SUPPORTED)],
  ['an answer in another version', frame('8500000006', SUPPORTED)],
  ['a request', frame('0400000006', SUPPORTED)],
  ['compression that was not asked for', frame('8401000006', SUPPORTED)],
  ['a length beyond all measure', frame('8400000006', SUPPORTED, 0xffff_ffff)],
  ['nothing supported', frame('8400000006', Buffer.from([0, 0]))],
  ['no list', frame('8400000006', Buffer.alloc(0))],
  ['a list that ends early', frame('8400000006', CQL)],
  ['a list with something behind it', frame('8400000006', Buffer.concat([SUPPORTED, Buffer.from([0])]))],
  ['a list that is longer than it says', frame('8400000006', Buffer.from([0xff, 0xff, 0xff, 0xff]))],
  ['SSH', Buffer.from('SSH-2.0-OpenSSH_9.2p1\r\n')],
])('%s is not Cassandra', async (_, reply) => {
  expect((await greeted(reply)).failure).toMatchObject({ reason: 'unexpected_response', phase: 'handshake' });
});
