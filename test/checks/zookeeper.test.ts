import { expect, test } from 'vitest';
import { visit } from '../helpers/checks.ts';
import { peer } from '../helpers/peers.ts';

const VERSION = 'Zookeeper version: 3.9.2-e454e8c7283100c7caec6dcae2bc82aaecb63023, built on 2024-02-12 20:59 UTC';
const COUNTERS = 'Latency min/avg/max: 0/0.0/0\nReceived: 1\nSent: 0\nConnections: 1\nOutstanding: 0\nZxid: 0x0';

/** Answers `srvr` and hangs up, as ZooKeeper does. */
async function greeted(answer: string, service = 'zookeeper') {
  const told: string[] = [];
  await using server = await peer((socket) => {
    socket.on('data', (bytes) => {
      told.push(bytes.toString());
      socket.end(answer);
    });
  });
  const result = await visit(server.address, { service });
  expect(told).toEqual(['srvr']);
  return { failure: result.failure, service: result.service };
}

test.each([
  ['leader', 'leader'],
  ['follower', 'follower'],
  ['observer', 'observer'],
  ['standalone', 'standalone'],
  ['read-only', 'read_only'],
])('a server in mode %s is up, and says so', async (mode, state) => {
  const answer = `${VERSION}\n${COUNTERS}\nMode: ${mode}\nNode count: 5\n`;
  expect(await greeted(answer)).toEqual({
    failure: undefined,
    service: { version: '3.9.2-e454e8c7283100c7caec6dcae2bc82aaecb63023', state },
  });
});

test('a server that does not list the word is up', async () => {
  const answer = 'srvr is not executed because it is not in the whitelist.\n';
  expect(await greeted(answer)).toEqual({ failure: undefined, service: undefined });
});

test('a server without a quorum is unavailable, in its own words', async () => {
  const { failure } = await greeted('This ZooKeeper instance is not currently serving requests\n');
  expect(failure).toEqual({
    reason: 'service_unavailable',
    phase: 'handshake',
    detail: 'the service says "This ZooKeeper instance is not currently serving requests"',
  });
});

test('a server that hangs up without a word may have too many connections of this address', async () => {
  const { failure } = await greeted('');
  expect(failure).toMatchObject({ reason: 'closed_early', phase: 'handshake', detail: /maxClientCnxns/ });
});

test('an answer without the mode is not enough, what is known of it is kept', async () => {
  const { failure, service } = await greeted(`${VERSION}\n${COUNTERS}\nMode: lea`);
  expect(failure).toMatchObject({ reason: 'unexpected_response', phase: 'handshake' });
  expect(service).toEqual({ version: '3.9.2-e454e8c7283100c7caec6dcae2bc82aaecb63023' });
});

test.each([
  ['HTTP', 'HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n\r\n'],
  ['a mode of something else', 'Welcome\nMode: leader\n'],
  ['the word again', 'srvr'],
])('%s is not ZooKeeper', async (_, answer) => {
  expect((await greeted(answer)).failure).toMatchObject({ reason: 'unexpected_response' });
});
