import { afterEach, describe, expect, test } from 'vitest';
import { parseIp } from '../../src/core/ip.ts';
import type { ProbeResult } from '../../src/core/result.ts';
import { systemClock } from '../../src/net/clock.ts';
import { Dialer } from '../../src/net/dialer.ts';
import { Policy } from '../../src/probe/policy.ts';
import { Probe } from '../../src/probe/run.ts';
import { type ProbeSpec, probeKey } from '../../src/probe/spec.ts';
import type { World } from '../../src/probe/world.ts';
import { blackHole, closedPort, peer } from '../helpers/peers.ts';
import { ANY, spec, testWorld } from '../helpers/world.ts';

let world: World;

function run(
  what: ProbeSpec,
  { policy = ANY, windowMs = 5000, expireAfterMs = Number.NaN } = {},
): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const now = world.clock.now();
    const probe = new Probe(
      world,
      { key: probeKey(what), spec: what, policy, literal: parseIp(what.endpoint.host) },
      resolve,
    );
    const budgetMs = Math.min(what.timeoutMs, windowMs);
    probe.allow(now + budgetMs, budgetMs);
    world.dialer.pacer.enqueue(probe);
    if (expireAfterMs > 0) setTimeout(() => probe.expire(), expireAfterMs);
  });
}

world = testWorld();
afterEach(async () => {
  // No path may leave a socket behind.
  await expect.poll(() => world.dialer.inFlight).toBe(0);
  world = testWorld();
});

describe('up', () => {
  test('a listening port has a connect time, the address that was dialled, and no failure', async () => {
    await using listener = await peer();
    const result = await run(spec({ host: '127.0.0.1', port: listener.port }));
    expect(result.failure).toBeUndefined();
    expect(result.phases).toEqual({ connect: expect.any(Number) });
    expect(result.phases.connect).toBeGreaterThan(0);
    expect(result.durationMs).toBe(result.phases.connect);
    expect(result.address?.text).toBe('127.0.0.1');
  });

  test('a name has a resolve time too, and the whole is the sum', async () => {
    await using listener = await peer();
    const { phases, durationMs, failure } = await run(spec({ host: 'localhost', port: listener.port }));
    expect(failure).toBeUndefined();
    expect(durationMs).toBeCloseTo((phases.resolve ?? Number.NaN) + (phases.connect ?? Number.NaN), 6);
  });

  test('a peer that hangs up at once is up: the handshake of TCP was done', async () => {
    await using rude = await peer((socket) => socket.destroy());
    expect((await run(spec({ host: '127.0.0.1', port: rude.port }))).failure).toBeUndefined();
  });

  test('a peer that greets at length costs nothing and is left', async () => {
    await using talker = await peer((socket) => void socket.write(Buffer.alloc(1_000_000)));
    expect((await run(spec({ host: '127.0.0.1', port: talker.port }))).failure).toBeUndefined();
  });
});

describe('down', () => {
  test('a closed port is connection_refused in phase connect, and no latency is claimed', async () => {
    const { failure, phases, durationMs } = await run(spec({ host: '127.0.0.1', port: await closedPort() }));
    expect(failure).toMatchObject({ reason: 'connection_refused', phase: 'connect' });
    expect(phases).toEqual({});
    expect(durationMs).toBeGreaterThan(0);
  });

  test('a port that never answers is timeout in phase connect, at its timeout', async () => {
    await using hole = await blackHole();
    const began = systemClock.now();
    const { failure, durationMs, budgetMs } = await run(
      spec({ host: '127.0.0.1', port: hole.port }, { timeoutMs: 150 }),
    );
    expect(failure).toMatchObject({ reason: 'timeout', phase: 'connect' });
    expect(budgetMs).toBe(150);
    expect(durationMs).toBeGreaterThanOrEqual(149);
    expect(systemClock.now() - began).toBeLessThan(1500);
  });

  test('a scrape that cannot wait as long as the timeout makes the budget smaller', async () => {
    await using hole = await blackHole();
    const { failure, budgetMs } = await run(spec({ host: '127.0.0.1', port: hole.port }), { windowMs: 120 });
    expect(failure).toMatchObject({ reason: 'timeout', phase: 'connect' });
    expect(budgetMs).toBeLessThanOrEqual(120);
  });

  test('a name that does not exist is told in phase resolve', async () => {
    const resolver = {
      resolve: (_: string, __: unknown, done: (r: unknown) => void) =>
        void done({ ok: false, reason: 'dns_not_found', detail: 'no such name' }),
    };
    world = testWorld({ resolver: resolver as unknown as World['resolver'] });
    const { failure, address } = await run(spec({ host: 'nowhere.test', port: 80 }));
    expect(failure).toEqual({ reason: 'dns_not_found', phase: 'resolve', detail: 'no such name' });
    expect(address).toBeUndefined();
  });

  test('a resolver that does not answer is dns_timeout after half of the budget', async () => {
    world = testWorld({ resolver: { resolve: () => ({ abandon: () => undefined }) } as unknown as World['resolver'] });
    const { failure, durationMs } = await run(spec({ host: 'slow.test', port: 80 }, { timeoutMs: 200 }));
    expect(failure).toMatchObject({ reason: 'dns_timeout', phase: 'resolve' });
    expect(durationMs).toBeGreaterThanOrEqual(100);
    expect(durationMs).toBeLessThan(200);
  });

  test('the last known address stands in for a resolver that does not answer', async () => {
    await using listener = await peer();
    world = testWorld({
      resolver: { resolve: () => ({ abandon: () => parseIp('127.0.0.1') }) } as unknown as World['resolver'],
    });
    const { failure, staleAddress } = await run(spec({ host: 'slow.test', port: listener.port }, { timeoutMs: 200 }));
    expect(failure).toBeUndefined();
    expect(staleAddress).toBe(true);
  });
});

test('a peer that resets before the connect was seen is connection_reset, otherwise up; never anything else', async () => {
  await using rude = await peer((socket) => void socket.resetAndDestroy());
  const { failure } = await run(spec({ host: '127.0.0.1', port: rude.port }));
  expect(['connection_reset', undefined]).toContain(failure?.reason);
});

test('a closed port is never up, not even when the kernel connects the probe to itself', async () => {
  // Closed ports in the range of local ports: once in thousands, both ends are ours.
  const results: ProbeResult[] = [];
  for (let i = 0; i < 60; i++) {
    const ports = Array.from({ length: 100 }, (_, n) => 40_001 + n);
    results.push(...(await Promise.all(ports.map((port) => run(spec({ host: '127.0.0.9', port }))))));
  }
  expect(new Set(results.map(({ failure }) => failure?.reason))).toEqual(new Set(['connection_refused']));
}, 20_000);

describe('policy', () => {
  const onlyTen = new Policy([{ kind: 'cidr', block: { bytes: Uint8Array.of(10, 0, 0, 0), bits: 8 } }], []);

  test('an address that no rule allows is not dialled', async () => {
    await using listener = await peer();
    const { failure } = await run(spec({ host: '127.0.0.1', port: listener.port }), { policy: onlyTen });
    expect(failure).toMatchObject({ reason: 'policy_denied', phase: 'resolve' });
    expect(listener.connections()).toBe(0);
  });

  test('a name is judged by what it resolves to', async () => {
    await using listener = await peer();
    const { failure } = await run(spec({ host: 'localhost', port: listener.port }), { policy: onlyTen });
    expect(failure).toMatchObject({ reason: 'policy_denied' });
    expect(listener.connections()).toBe(0);
  });

  test('a name that no rule could allow is not even resolved', async () => {
    world = testWorld({ resolver: { resolve: () => expect.unreachable() } as unknown as World['resolver'] });
    const { failure } = await run(spec({ host: 'db.internal', port: 5432 }), {
      policy: new Policy([{ kind: 'configured' }], []),
    });
    expect(failure).toMatchObject({ reason: 'policy_denied' });
  });
});

describe("the exporter's own faults", () => {
  test('a probe that never got a free file descriptor is exporter_error, not down', async () => {
    world = testWorld({ dialer: new Dialer(systemClock, 0) });
    const result = await run(spec({ host: '127.0.0.1', port: 9 }, { timeoutMs: 50 }), { expireAfterMs: 50 });
    expect(result.failure).toMatchObject({ reason: 'exporter_error' });
  });

  test('more targets than file descriptors are all probed, a few at a time', async () => {
    await using listener = await peer();
    world = testWorld({ dialer: new Dialer(systemClock, 3) });
    const results = await Promise.all(
      Array.from({ length: 40 }, () => run(spec({ host: '127.0.0.1', port: listener.port }))),
    );
    expect(results.filter(({ failure }) => failure !== undefined)).toEqual([]);
  });
});
