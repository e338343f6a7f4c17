import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { expect, vi } from 'vitest';
import { Visitor, visit } from '../../helpers/checks.ts';
import { freePort } from '../../helpers/e2e-ports.ts';
import type { Program } from '../../helpers/e2e-program.ts';
import { needs } from '../../helpers/programs.ts';
import { startZooKeeper } from '../../helpers/servers/zookeeper.ts';

const PROBES = 300;

/** How many lines it has logged, once it has no more to say. */
async function logLines(program: Program): Promise<number> {
  const count = () => program.stdout.split('\n').length - 1;
  for (let before = -1; before !== count(); ) {
    before = count();
    await setTimeout(250);
  }
  return count();
}

needs('zookeeper')('300 probes of a ZooKeeper add a line each, where 300 connects add nine', async (stage) => {
  const { address, program } = await startZooKeeper(stage);
  const visitor = new Visitor(address, { service: 'zookeeper' });
  const { service } = await visitor.probe();
  expect(service).toEqual({ version: expect.stringMatching(/^\d+\.\d+\.\d+/), state: 'standalone' });

  const before = await logLines(program);
  expect(await visitor.probes(PROBES)).toEqual({ up: PROBES });
  const probed = await logLines(program);
  expect(probed - before).toBe(PROBES);
  expect(program.stdout.split('\n').slice(before).join('\n')).not.toMatch(/WARN|Exception/);

  expect(await new Visitor(address, {}).probes(PROBES)).toEqual({ up: PROBES });
  expect((await logLines(program)) - probed).toBeGreaterThan(5 * PROBES);

  program.signal('SIGSTOP');
  const { failure } = await visit(address, { service: 'zookeeper', timeoutMs: 500 });
  program.signal('SIGCONT');
  expect(failure).toMatchObject({ reason: 'timeout', phase: 'handshake' });
});

needs('zookeeper')('a ZooKeeper obeys srvr whichever words its configuration lists', async (stage) => {
  const { address } = await startZooKeeper(stage, ['4lw.commands.whitelist=ruok']);
  const { failure, service } = await visit(address, { service: 'zookeeper' });
  expect({ failure, state: service?.state }).toEqual({ failure: undefined, state: 'standalone' });
});

needs('zookeeper')('a ZooKeeper without its quorum, or with too many connections, is not up', async (stage) => {
  const ports = await Promise.all(Array.from({ length: 6 }, freePort));
  const members = [1, 2, 3].map((id) => `server.${id}=127.0.0.1:${ports[id - 1]}:${ports[id + 2]}`);
  const { address } = await startZooKeeper(stage, [...members, 'maxClientCnxns=1']);
  expect((await visit(address, { service: 'zookeeper' })).failure).toEqual({
    reason: 'service_unavailable',
    phase: 'handshake',
    detail: 'the service says "This ZooKeeper instance is not currently serving requests"',
  });
  const held = connect(Number(address.split(':')[1]), '127.0.0.1').resume();
  await once(held, 'connect');
  await vi.waitFor(async () => {
    const { failure } = await visit(address, { service: 'zookeeper' });
    expect(['closed_early', 'connection_reset']).toContain(failure?.reason);
  });
  held.destroy();
});
