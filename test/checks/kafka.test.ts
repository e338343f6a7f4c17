import { expect, test } from 'vitest';
import { visit } from '../helpers/checks.ts';
import { peer } from '../helpers/peers.ts';

/** Length, correlation, error, and the count of a list, as in "A Guide To The Kafka Protocol". */
function response({ size, correlation = 0x7065_7870, error = 0, count = 1, entries = 6 }: Shape): Buffer {
  const bytes = Buffer.alloc(14 + entries);
  bytes.writeInt32BE(size ?? bytes.length - 4);
  bytes.writeInt32BE(correlation, 4);
  bytes.writeInt16BE(error, 8);
  bytes.writeInt32BE(count, 10);
  return bytes;
}

type Shape = {
  readonly size?: number;
  readonly correlation?: number;
  readonly error?: number;
  readonly count?: number;
  readonly entries?: number;
};

/** A stand-in: Kafka is in no Debian. */
async function greeted(reply: Buffer) {
  await using server = await peer((socket) => socket.on('data', () => socket.write(reply)));
  return (await visit(server.address, { service: 'kafka' })).failure;
}

test.each<[string, Shape]>([
  ['lists its APIs', {}],
  ['lists 80 of them', { count: 80, entries: 480 }],
  ['knows other versions of ApiVersions only', { error: 35 }],
  ['knows other versions only and lists nothing', { error: 35, count: 0, entries: 0 }],
])('a broker that %s is up', async (_, shape) => {
  expect(await greeted(response(shape))).toBeUndefined();
});

test('a broker that answers with an error is unavailable', async () => {
  expect(await greeted(response({ error: -1 }))).toEqual({
    reason: 'service_unavailable',
    phase: 'handshake',
    detail: 'the broker answers ApiVersions with error -1',
  });
});

test.each<[string, Buffer]>([
  ['an answer to somebody else', response({ correlation: 1 })],
  ['an empty list', response({ count: 0, entries: 0 })],
  ['a list that is shorter than it says', response({ count: 2 })],
  ['a list of less than nothing', response({ count: -1 })],
  ['a count beyond all measure', response({ count: 0x7fff_ffff })],
  ['an answer that ends after the error', response({ size: 6 })],
  ['a length beyond all measure', response({ size: 1_000_000 })],
  ['a length below zero', response({ size: -1 })],
  ['a length that leaves no room', response({ size: 4 })],
  ['HTTP', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
])('%s is not Kafka', async (_, reply) => {
  expect(await greeted(reply)).toMatchObject({ reason: 'unexpected_response', phase: 'handshake' });
});

test('an echo is not Kafka', async () => {
  await using server = await peer((socket) => socket.on('data', (bytes) => socket.write(bytes)));
  const { failure } = await visit(server.address, { service: 'kafka' });
  expect(failure).toMatchObject({ reason: 'unexpected_response', phase: 'handshake' });
});

test('a broker that has too many connections of this address hangs up', async () => {
  await using server = await peer((socket) => socket.end());
  const { failure } = await visit(server.address, { service: 'kafka' });
  expect(failure).toMatchObject({ reason: 'closed_early', phase: 'handshake' });
});
