import { expect, test } from 'vitest';
import { memcached } from '../../src/checks/memcached.ts';
import { visit } from '../helpers/checks.ts';
import { peer } from '../helpers/peers.ts';

/** A server that says this as soon as it is told anything, and notes what it was told. */
async function server(reply: Buffer | string) {
  const heard: string[] = [];
  const listener = await peer((socket) => {
    socket.on('data', (bytes) => {
      heard.push(bytes.toString('latin1'));
      if (heard.length === 1) socket.write(reply);
      else socket.end();
    });
  });
  return Object.assign(listener, { heard });
}

/** A binary response with that status. */
function response(status: number, body: string, length = body.length): Buffer {
  const head = Buffer.from(`810b${'00'.repeat(22)}`, 'hex');
  head.writeUInt16BE(status, 6);
  head.writeUInt32BE(length, 8);
  return Buffer.concat([head, Buffer.from(body)]);
}

test.each([
  ['ERROR Too many open connections\r\n', 'service_unavailable', 'the service says "ERROR Too many open connections"'],
  ['SERVER_ERROR out of memory\r\n', 'service_unavailable', 'the service says "SERVER_ERROR out of memory"'],
  ['ERROR\r\n', 'unexpected_response', 'expected VERSION, got "ERROR"'],
  ['VERSION \r\n', 'unexpected_response', 'expected VERSION, got "VERSION"'],
  [
    "-ERR unknown command 'version'\r\n",
    'unexpected_response',
    `expected VERSION, got "-ERR unknown command 'version'"`,
  ],
])('the answer %j is %s', async (reply, reason, detail) => {
  await using memcachedPeer = await server(reply);
  const { failure } = await visit(memcachedPeer.address, { service: 'memcached' });
  expect(failure).toEqual({ reason, phase: 'handshake', detail });
});

test.each([
  [response(0x85, 'Busy'), 'service_unavailable', 'the service says "Busy"'],
  [response(0x81, 'Unknown command'), 'unexpected_response', 'expected a version, got "Unknown command"'],
  [response(0, '', 0x7fffffff), 'unexpected_response', expect.stringContaining('expected a binary response')],
  ['ERROR\r\n', 'unexpected_response', 'expected a binary response, got "ERROR"'],
])('in binary the answer %j is %s', async (reply, reason, detail) => {
  await using memcachedPeer = await server(reply);
  const { failure } = await visit(memcachedPeer.address, { service: 'memcached', options: { protocol: 'binary' } });
  expect(failure).toEqual({ reason, phase: 'handshake', detail });
});

test('in binary a server that wants a password is up', async () => {
  await using memcachedPeer = await server(response(0x20, 'Auth failure.'));
  const how = { service: 'memcached', options: { protocol: 'binary' } };
  const { failure, service } = await visit(memcachedPeer.address, how);
  expect({ failure, service }).toEqual({ service: { state: 'auth_required' } });
});

test('one that answered is told goodbye; one that is locked would not understand it', async () => {
  await using open = await server('VERSION 1.6.18\r\n');
  await visit(open.address, { service: 'memcached' });
  expect(open.heard).toEqual(['version\r\n', 'quit\r\n']);
  await using locked = await server('CLIENT_ERROR unauthenticated\r\n');
  await visit(locked.address, { service: 'memcached' });
  expect(locked.heard).toEqual(['version\r\n']);
});

test('an option must be one that there is', () => {
  const read = memcached.options.safeParse({ protocol: 'meta' });
  expect(read.error?.issues.map(({ message }) => message)).toEqual(['must be ascii or binary, not "meta"']);
});
