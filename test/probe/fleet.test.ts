import { describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/net/clock.ts';
import { Dialer } from '../../src/net/dialer.ts';
import { Fleet } from '../../src/probe/fleet.ts';
import { States } from '../../src/probe/state.ts';
import { blackHole, closedPort, peer } from '../helpers/peers.ts';
import { ANY, spec, target, testWorld } from '../helpers/world.ts';

function fleet(world = testWorld()) {
  const states = new States();
  return { fleet: new Fleet(world, states), states, world };
}

const IN_TIME = { windowMs: 5000, policy: ANY };

test('results come in the order of the requests, whatever ends first', async () => {
  await using listener = await peer();
  const closed = await closedPort();
  const { fleet: all } = fleet();
  const ports = [listener.port, closed, listener.port, closed];
  // Different families make them different probes of the same two ports.
  const requests = ports.map((port, i) => ({
    spec: spec({ host: '127.0.0.1', port }, { family: { prefer: i < 2 ? 4 : 6, fallback: true } }),
  }));
  const { results } = await all.round(requests, IN_TIME);
  expect(results.map(({ failure }) => failure?.reason)).toEqual([
    undefined,
    'connection_refused',
    undefined,
    'connection_refused',
  ]);
});

test('a round of nothing is over at once', async () => {
  expect((await fleet().fleet.round([], IN_TIME)).results).toEqual([]);
});

describe('sharing', () => {
  test('two rounds at the same moment share a probe: the target sees one', async () => {
    await using listener = await peer();
    const { fleet: all, states } = fleet();
    const one = target('127.0.0.1', listener.port);
    const [first, second] = await Promise.all([all.round([one], IN_TIME), all.round([one], IN_TIME)]);
    expect(second.results[0]).toBe(first.results[0]);
    await vi.waitFor(() => expect(listener.connections()).toBe(1));
    expect(states.of(one).last).toBe(first.results[0]);
  });

  test('one after the other they do not', async () => {
    await using listener = await peer();
    const { fleet: all } = fleet();
    const one = target('127.0.0.1', listener.port);
    await all.round([one], IN_TIME);
    await all.round([one], IN_TIME);
    await vi.waitFor(() => expect(listener.connections()).toBe(2));
  });

  test('two targets of one address share a probe and keep two states', async () => {
    await using listener = await peer();
    const { fleet: all, states } = fleet();
    const one = target('127.0.0.1', listener.port, { name: 'one' });
    const two = target('127.0.0.1', listener.port, { name: 'two' });
    await all.round([one, two], IN_TIME);
    expect(states.of(one).up).toBe(true);
    expect(states.of(two).up).toBe(true);
    await vi.waitFor(() => expect(listener.connections()).toBe(1));
  });

  test('a round that cannot wait as long as the one it joined is answered in time; the probe goes on', async () => {
    await using hole = await blackHole();
    const { fleet: all, states } = fleet();
    const one = target('127.0.0.1', hole.port, {
      spec: spec({ host: '127.0.0.1', port: hole.port }, { timeoutMs: 400 }),
    });
    const patient = all.round([one], IN_TIME);
    const began = systemClock.now();
    const hurried = await all.round([one], { windowMs: 150, policy: ANY });
    expect(systemClock.now() - began).toBeLessThan(390);
    expect(hurried.results[0]?.failure).toMatchObject({ reason: 'timeout', phase: 'connect' });
    const { results } = await patient;
    expect(results[0]?.failure?.reason).toBe('timeout');
    expect(states.of(one).consecutiveFailures).toBe(1);
  });
});

describe('patience', () => {
  test('a hurried round does not cut short a patient one that joined it', async () => {
    await using hole = await blackHole();
    const { fleet: all, states } = fleet();
    const one = target('127.0.0.1', hole.port, {
      spec: spec({ host: '127.0.0.1', port: hole.port }, { timeoutMs: 500 }),
    });
    const hurried = all.round([one], { windowMs: 100, policy: ANY });
    const began = systemClock.now();
    const { results } = await all.round([one], IN_TIME);
    expect(systemClock.now() - began).toBeGreaterThan(480);
    expect(results[0]).toMatchObject({ failure: { reason: 'timeout' }, budgetMs: 500 });
    expect((await hurried).results[0]).toMatchObject({ failure: { reason: 'timeout' } });
    expect(states.of(one).consecutiveFailures).toBe(1);
    expect(all.stats.results.failure).toBe(1);
  });

  test('two targets of one address have a timeout each, and still share the probe', async () => {
    await using hole = await blackHole();
    const { fleet: all, world } = fleet();
    const of = (name: string, timeoutMs: number) =>
      target('127.0.0.1', hole.port, { name, spec: spec({ host: '127.0.0.1', port: hole.port }, { timeoutMs }) });
    const round = all.round([of('fast', 100), of('slow', 400)], IN_TIME);
    await vi.waitFor(() => expect(world.dialer.inFlight).toBe(1));
    const { results } = await round;
    expect(results.map(({ budgetMs }) => budgetMs)).toEqual([100, 400]);
    expect(results[0]?.durationMs).toBeLessThan(300);
    expect(results[1]?.durationMs).toBeGreaterThan(390);
  });

  test('many who wait for one probe that is never started all get their verdict, and it is forgotten', async () => {
    const { fleet: all } = fleet(testWorld({ dialer: new Dialer(systemClock, 0) }));
    const one = target('127.0.0.1', 9);
    const rounds = [50, 100, 150].map((windowMs) => all.round([one], { windowMs, policy: ANY }));
    for (const { results } of await Promise.all(rounds)) expect(results[0]?.failure?.reason).toBe('exporter_error');
    expect(all.inFlight).toBe(0);
  });
});

describe('the window', () => {
  test('a round is over in time when nothing answers, and says that it was cut short', async () => {
    await using hole = await blackHole();
    const { fleet: all } = fleet();
    const began = systemClock.now();
    const { results, cutShort } = await all.round([target('127.0.0.1', hole.port)], { windowMs: 200, policy: ANY });
    expect(systemClock.now() - began).toBeLessThan(1000);
    expect(results[0]?.failure).toMatchObject({ reason: 'timeout', phase: 'connect' });
    expect(cutShort).toBe(true);
  });

  test("a target that the exporter could not start is the exporter's fault, and not counted against it", async () => {
    const { fleet: all, states } = fleet(testWorld({ dialer: new Dialer(systemClock, 0) }));
    const one = target('127.0.0.1', 9);
    const { results } = await all.round([one], { windowMs: 100, policy: ANY });
    expect(results[0]?.failure?.reason).toBe('exporter_error');
    expect(states.of(one)).toMatchObject({ consecutiveFailures: 0, stateChanges: 0 });
    expect(all.stats.results).toEqual({ success: 0, failure: 0, exporter_error: 1 });
  });

  test('a window of no length still answers for every target', async () => {
    await using listener = await peer();
    const { fleet: all } = fleet();
    const targets = Array.from({ length: 1500 }, (_, i) =>
      target('127.0.0.1', listener.port, {
        name: `t${i}`,
        spec: spec({ host: `127.0.${i >> 8}.${i & 255}`, port: listener.port }),
      }),
    );
    const { results } = await all.round(targets, { windowMs: 0, policy: ANY });
    expect(results).toHaveLength(1500);
    expect(results.every((result) => result !== undefined)).toBe(true);
    expect(all.inFlight).toBe(0);
  });
});

test('it counts results and reasons, and tells its progress', async () => {
  await using listener = await peer();
  const { fleet: all } = fleet();
  const onProgress = vi.fn();
  await all.round([target('127.0.0.1', listener.port), target('127.0.0.1', await closedPort())], {
    ...IN_TIME,
    onProgress,
  });
  expect(all.stats.results).toEqual({ success: 1, failure: 1, exporter_error: 0 });
  expect(all.stats.failures).toEqual({ connection_refused: 1 });
  expect(onProgress.mock.calls).toEqual([[1], [2]]);
});
