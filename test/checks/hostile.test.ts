import type { Socket } from 'node:net';
import { dirname, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { runWell } from '../helpers/e2e-program.ts';
import { endless } from '../helpers/hostile-peers.ts';
import { peer } from '../helpers/peers.ts';

/** The built program; E2E_MAIN names another build of it. */
const BUILT = dirname(dirname(process.env['E2E_MAIN'] ?? resolve('dist/cli/main.js')));
const CONNECTIONS = 50;
const TIMEOUT_MS = 1500;
const KB = 1024;
/** What one connection may hold: 64 kB that nobody has read, and as much again for the socket, the talk and the result. */
const MOST_HELD = CONNECTIONS * (64 + 64) * KB;
/** The same of HTTP, whose head may have 256 kB, and whose body goes through buffers of Node.js. */
const MOST_HELD_BY_HTTP = CONNECTIONS * (2 * 256 + 64) * KB;
/** What it may leave behind each time, the noise of a heap included. */
const MOST_LEFT = CONNECTIONS * 8 * KB;

function drip(socket: Socket): void {
  const timer = setInterval(() => socket.write('a'), 10);
  socket.on('close', () => clearInterval(timer));
}

/** Begins to answer by HTTP, and never comes to an end. */
function answering(start: string): (socket: Socket) => void {
  return (socket) => void socket.once('data', () => socket.write(start, () => void endless(0x61, 64 * KB)(socket)));
}

/** One that reads a line and one that reads to the end, which keeps all that it may. */
test.each([
  ['as fast as it can, to redis', 'redis', endless(0x61, 64 * KB), 'unexpected_response'],
  ['as fast as it can, to zookeeper', 'zookeeper', endless(0x61, 64 * KB), 'unexpected_response'],
  ['a byte at a time as fast as it can, to zookeeper', 'zookeeper', endless(0x61, 1), undefined],
  ['a byte each 10 ms, to zookeeper', 'zookeeper', drip, 'timeout'],
  ['in a header, to http', 'http', answering('HTTP/1.1 200 OK\r\nA: '), 'unexpected_response'],
  ['in a body, to http', 'http', answering('HTTP/1.1 200 OK\r\n\r\n'), undefined],
])(
  'a peer that never stops talking, %s, takes no more than its time and a few kB',
  async (_, service, how, reason) => {
    await using server = await peer(how);
    const args = [BUILT, service, `${server.port}`, `${CONNECTIONS}`, `${TIMEOUT_MS}`];
    const said = await runWell([process.execPath, '--expose-gc', 'test/e2e/programs/probes.mjs', ...args]);
    const { outcomes, longestMs, peak, left } = JSON.parse(said) as Record<string, number> & { outcomes: string[] };
    if (reason === undefined) expect(['timeout', 'unexpected_response']).toEqual(expect.arrayContaining(outcomes));
    else expect(outcomes).toEqual([reason]);
    expect(longestMs).toBeLessThan(TIMEOUT_MS + 1000);
    expect(peak).toBeLessThan(service === 'http' ? MOST_HELD_BY_HTTP : MOST_HELD);
    expect(left).toBeLessThan(MOST_LEFT);
  },
  30_000,
);
