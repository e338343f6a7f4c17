import { describe, expect, test } from 'vitest';
import { Memories } from '../../src/checks/memories.ts';
import { Visitor, visit } from '../helpers/checks.ts';
import { peer } from '../helpers/peers.ts';

describe('memories', () => {
  test('are kept by target, and only where something was learnt', () => {
    const memories = new Memories(2);
    for (let i = 0; i < 10; i++) memories.of(`stranger ${i}`);
    memories.of('a').value = 1;
    memories.of('b').value = 2;
    expect([memories.of('a').value, memories.of('b').value]).toEqual([1, 2]);
  });

  test('the oldest goes when there are too many', () => {
    const memories = new Memories(2);
    for (const key of ['a', 'b', 'c']) memories.of(key).value = key;
    expect(['a', 'b', 'c'].map((key) => memories.of(key).value)).toEqual([undefined, 'b', 'c']);
  });

  test('are gone when they are set to nothing, or forgotten', () => {
    const memories = new Memories();
    memories.of('a').value = 1;
    memories.of('a').value = undefined;
    memories.of('b').value = 1;
    memories.forget('b');
    expect([memories.of('a').value, memories.of('b').value]).toEqual([undefined, undefined]);
  });
});

test('a server that went quiet mode is asked in full again after a failure, in whatever phase', async () => {
  const said: string[] = [];
  let mode: 'locked' | 'dead' | 'loading' = 'locked';
  await using server = await peer((socket) => {
    if (mode === 'dead') socket.destroy();
    socket.on('data', (data) => {
      said.push(String(data).trim());
      if (String(data).startsWith('QUIT')) socket.end('+OK\r\n');
      else socket.write(mode === 'locked' ? '-NOAUTH Authentication required.\r\n' : '-LOADING data\r\n');
    });
  });
  const visitor = new Visitor(server.address, { service: 'redis' });
  expect((await visitor.probe()).service).toEqual({ state: 'auth_required' });
  expect((await visitor.probe()).failure).toBeUndefined();
  expect(said).toEqual(['PING', 'QUIT', 'QUIT']);
  mode = 'dead';
  expect((await visitor.probe()).failure).toBeDefined();
  mode = 'loading';
  expect((await visitor.probe()).failure).toMatchObject({ reason: 'service_unavailable' });
  expect((await visit(server.address, { service: 'redis' })).failure).toMatchObject({ reason: 'service_unavailable' });
});
