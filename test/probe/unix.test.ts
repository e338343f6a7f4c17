import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ProbeResult } from '../../src/core/result.ts';
import { type Visit, visit } from '../helpers/checks.ts';
import { SELF_SIGNED, trusting } from '../helpers/line-server.ts';
import { allowing } from '../helpers/policies.ts';

let directory = '';

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'port-exporter-unix-'));
  chmodSync(directory, 0o755);
});
afterAll(() => rmSync(directory, { recursive: true }));

function told({ failure }: ProbeResult): string {
  return failure === undefined ? 'up' : `${failure.reason} in ${failure.phase}`;
}

const look = (name: string, how: Visit = {}) =>
  visit(`unix://${join(directory, name)}`, { policy: allowing('/**'), ...how }, trusting());

async function listening(name: string, onConnection: (socket: Socket) => unknown, tls = false) {
  const accept = (socket: Socket) => onConnection(socket.on('error', () => {}).resume());
  const server = tls ? createTlsServer(SELF_SIGNED, accept) : createServer(accept);
  await new Promise<void>((resolve) => server.listen(join(directory, name), resolve));
  return { [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())) };
}

describe('a Unix socket', () => {
  test('that listens is up, with the time of the connect and without an address', async () => {
    await using _ = await listening('up.sock', (socket) => socket.end());
    const result = await look('up.sock');
    expect(told(result)).toBe('up');
    expect(result.phases).toEqual({ connect: expect.any(Number) });
    expect(result.phases.connect).toBeGreaterThan(0);
    expect(result.durationMs).toBe(result.phases.connect);
    expect(result).not.toHaveProperty('address');
  });

  test('may be reached by a link', async () => {
    await using _ = await listening('there.sock', (socket) => socket.end());
    symlinkSync(join(directory, 'there.sock'), join(directory, 'link.sock'));
    expect(told(await look('link.sock'))).toBe('up');
  });

  test.each<[string, () => unknown]>([
    ['is not there', () => {}],
    ['is a file', () => writeFileSync(join(directory, 'file.sock'), '')],
    ['is a directory', () => mkdirSync(join(directory, 'directory.sock'))],
    ['is within a file', () => writeFileSync(join(directory, 'x'), '')],
    ['is left over', () => leftOver(join(directory, 'left.sock'))],
  ])('that %s is connection_refused', async (what, prepare) => {
    await prepare();
    const names: Record<string, string> = {
      ...{ 'is a file': 'file.sock', 'is a directory': 'directory.sock', 'is within a file': 'x/a.sock' },
      'is left over': 'left.sock',
    };
    const result = await look(names[what] ?? 'none.sock');
    expect(told(result)).toBe('connection_refused in connect');
    expect(result.phases).toEqual({});
  });

  test('speaks its service', async () => {
    await using _ = await listening('redis.sock', (socket) => socket.on('data', () => socket.end('+PONG\r\n')));
    expect(told(await look('redis.sock', { service: 'redis' }))).toBe('up');
    expect(told(await look('redis.sock', { service: 'smtp', timeoutMs: 300 }))).toBe('timeout in handshake');
  });

  test('in TLS needs the name that its certificate is for', async () => {
    const names: unknown[] = [];
    await using _ = await listening(
      'tls.sock',
      (socket) => names.push((socket as Socket & { servername?: unknown }).servername),
      true,
    );
    expect(told(await look('tls.sock', { tls: { serverName: 'localhost' } }))).toBe('up');
    expect(told(await look('tls.sock', { tls: {} }))).toBe('tls_hostname_mismatch in tls');
    expect(names).toEqual(['localhost', false]);
  });

  test('whose queue is full is waited for, until it is over', async () => {
    const path = join(directory, 'full.sock');
    await using hung = await fullQueue(path);
    const result = await look('full.sock', { timeoutMs: 1000 });
    expect(result.failure).toMatchObject({ reason: 'timeout', detail: `no answer from ${path} within 1000 ms` });
    const waiting = look('full.sock', { timeoutMs: 5000 });
    setTimeout(() => hung.goOn(), 100);
    const { failure, phases } = await waiting;
    expect(failure).toBeUndefined();
    expect(phases.connect).toBeGreaterThan(50);
  });

  test('is refused unless a rule for paths names it', async () => {
    await using _ = await listening('rule.sock', (socket) => socket.end());
    for (const rule of ['any', '*', '127.0.0.0/8', '0.0.0.0/0', '::/0', `${directory}/*.txt`, `${directory}`])
      expect([rule, told(await look('rule.sock', { policy: allowing(rule) }))]).toEqual([
        rule,
        'policy_denied in resolve',
      ]);
    for (const rule of [`${directory}/rule.sock`, `${directory}/*`, `${directory}/r?le.sock`, '/**'])
      expect([rule, told(await look('rule.sock', { policy: allowing(rule) }))]).toEqual([rule, 'up']);
  });
});

/** What a server leaves behind that was killed. */
async function leftOver(path: string): Promise<void> {
  const program = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  await once(spawn(process.execPath, ['-e', program]), 'exit');
}

/** A server that has stopped, and whose queue of connections has no room. */
async function fullQueue(path: string) {
  const program = `const server = require('node:net').createServer((socket) => socket.end());
server.listen({ path: ${JSON.stringify(path)}, backlog: 1 }, () => process.stdout.write('ready'));`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(child.stdout, 'data');
  child.kill('SIGSTOP');
  const fillers: Socket[] = [];
  const hasRoom = () =>
    new Promise<boolean>((resolve) => {
      const filler = connect(path);
      fillers.push(filler.on('connect', () => resolve(true)).on('error', () => resolve(false)));
    });
  while (await hasRoom());
  return {
    goOn: () => child.kill('SIGCONT'),
    [Symbol.asyncDispose]: async () => {
      for (const filler of fillers) filler.destroy();
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
