import { expect, test } from 'vitest';
import { visit } from '../helpers/checks.ts';
import { peer } from '../helpers/peers.ts';

test.each([
  ['@RSYNCD: 31.0\n', undefined, 'protocol 31.0'],
  ['@RSYNCD: 30\n', undefined, 'protocol 30'],
  ['@ERROR: max connections (2) reached -- try again later\n', 'service_unavailable', undefined],
  ['@RSYNCD: EXIT\n', 'unexpected_response', undefined],
  ['220 ready\r\n', 'unexpected_response', undefined],
])('a greeting %j is %s', async (greeting, reason, version) => {
  await using server = await peer((socket) => socket.end(greeting));
  const { failure, service } = await visit(server.address, { service: 'rsync' });
  expect(failure?.reason).toBe(reason);
  expect(service?.version).toBe(version);
});
