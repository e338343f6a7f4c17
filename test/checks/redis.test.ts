import { expect, test } from 'vitest';
import { visit } from '../helpers/checks.ts';
import { peer } from '../helpers/peers.ts';

test('a server that is loading its data is unavailable, in its own words', async () => {
  await using server = await peer((socket) => socket.on('data', () => socket.write('-LOADING Redis is loading\r\n')));
  const { failure, phases } = await visit(server.address, { service: 'redis' });
  expect(failure).toEqual({
    reason: 'service_unavailable',
    phase: 'handshake',
    detail: 'the service says "LOADING Redis is loading"',
  });
  expect(phases.handshake).toBeUndefined();
});

test('a silent server times out in the handshake', async () => {
  await using server = await peer();
  const { failure } = await visit(server.address, { service: 'redis', timeoutMs: 300 });
  expect(failure).toMatchObject({ reason: 'timeout', phase: 'handshake' });
});
