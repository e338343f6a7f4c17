import { describe, expect, test } from 'vitest';
import { CHECKS } from '../../src/checks/registry.ts';
import type { Phase, Reason } from '../../src/core/reason.ts';
import type { ProbeResult } from '../../src/core/result.ts';
import { systemClock } from '../../src/net/clock.ts';
import { Dialer } from '../../src/net/dialer.ts';
import { courtesyOf } from '../../src/probe/courtesy.ts';
import { asExpected } from '../../src/probe/expectation.ts';
import { Fleet } from '../../src/probe/fleet.ts';
import { probeKey } from '../../src/probe/spec.ts';
import { States } from '../../src/probe/state.ts';
import { blackHole, closedPort, peer } from '../helpers/peers.ts';
import { ANY, spec, target, testWorld } from '../helpers/world.ts';

const IN_TIME = { windowMs: 5000, policy: ANY };
const CLOSED = spec({ host: 'db', port: 5432 }, { expect: 'closed' });

function failed(reason: Reason, phase: Phase, phases: ProbeResult['phases'] = {}): ProbeResult {
  const failure = { reason, phase, detail: 'as it was' };
  return { startedAt: 1, durationMs: 2, budgetMs: 3, phases, latencyErrorMs: 0, failure };
}

/** A target on 127.0.0.1 that should be closed. */
function closed(port: number, overrides: Parameters<typeof spec>[1] = {}) {
  const name = `127.0.0.1:${port}`;
  return target('127.0.0.1', port, {
    name: `closed ${name}`,
    spec: spec({ host: '127.0.0.1', port }, { expect: 'closed', ...overrides }),
  });
}

describe('a port that should be closed', () => {
  test.each<[Reason]>([['connection_refused'], ['timeout'], ['host_unreachable'], ['network_unreachable']])(
    'is as expected with %s in connect, which stays known',
    (reason) => {
      const before = failed(reason, 'connect', { resolve: 1 });
      const { failure, ...rest } = before;
      expect(asExpected(before, CLOSED)).toEqual({ ...rest, closed: failure });
    },
  );

  test.each<[Reason, Phase]>([
    ['dns_not_found', 'resolve'],
    ['dns_failure', 'resolve'],
    ['dns_timeout', 'resolve'],
    ['policy_denied', 'resolve'],
    ['exporter_error', 'connect'],
    ['exporter_error', 'resolve'],
  ])('fails with %s in %s as any other does: that says nothing about the port', (reason, phase) => {
    const before = failed(reason, phase);
    expect(asExpected(before, CLOSED)).toBe(before);
  });

  test('fails when it accepts, and its connect took what it took', () => {
    const { failure: _, ...up } = failed('timeout', 'connect', { connect: 2 });
    const failure = { reason: 'unexpectedly_open', phase: 'connect', detail: 'db:5432 accepts connections' };
    expect(asExpected(up, CLOSED)).toEqual({ ...up, failure });
  });

  test.each<[Reason, ProbeResult['phases']]>([
    ['connection_reset', {}],
    ['closed_early', {}],
    ['timeout', { connect: 2 }],
  ])('fails too when it accepts and then comes to %s', (reason, phases) => {
    const { failure } = asExpected(failed(reason, 'connect', phases), CLOSED);
    expect(failure).toEqual({
      reason: 'unexpectedly_open',
      phase: 'connect',
      detail: 'db:5432 accepts connections, and then: as it was',
    });
  });

  test('shares no probe with a target that expects it open', () => {
    expect(probeKey(CLOSED)).not.toBe(probeKey(spec(CLOSED.endpoint)));
  });
});

test('for everybody else a result is what it is', () => {
  const before = failed('connection_refused', 'connect');
  expect(asExpected(before, spec(CLOSED.endpoint))).toBe(before);
});

describe('states and counts', () => {
  test('follow what is expected: two targets of one port agree only when they expect the same', async () => {
    await using listener = await peer();
    const states = new States();
    const fleet = new Fleet(testWorld(), states);
    const [shut, shutToo, open] = [
      closed(await closedPort()),
      closed(listener.port),
      target('127.0.0.1', listener.port),
    ] as const;
    const { results } = await fleet.round([shut, shutToo, open], IN_TIME);
    expect(results.map(({ failure, closed: how }) => failure?.reason ?? how?.reason)).toEqual([
      'connection_refused',
      'unexpectedly_open',
      undefined,
    ]);
    expect([shut, shutToo, open].map((one) => states.of(one).up)).toEqual([true, false, true]);
    expect(states.of(shutToo).consecutiveFailures).toBe(1);
    expect(results[0]?.phases).toEqual({});
    expect(results[0]?.durationMs).toBeGreaterThan(0);
    expect(results[1]?.phases).toEqual({ connect: expect.any(Number) });
    expect(fleet.stats.results).toEqual({ success: 2, failure: 1, exporter_error: 0 });
    expect(fleet.stats.failures).toEqual({ unexpectedly_open: 1 });
  });

  test('a port that drops what comes is closed when its time is over, also for a scrape in a hurry', async () => {
    await using hole = await blackHole();
    const fleet = new Fleet(testWorld(), new States());
    const one = closed(hole.port, { timeoutMs: 400 });
    const patient = fleet.round([one], IN_TIME);
    const hurried = await fleet.round([one], { windowMs: 200, policy: ANY });
    for (const { results } of [hurried, await patient]) {
      expect(results[0]?.failure).toBeUndefined();
      expect(results[0]?.closed).toMatchObject({ reason: 'timeout', phase: 'connect' });
    }
  });

  test('a target that the exporter could not start is not taken for closed', async () => {
    const states = new States();
    const fleet = new Fleet(testWorld({ dialer: new Dialer(systemClock, 0) }), states);
    const one = closed(9);
    const { results } = await fleet.round([one], { windowMs: 100, policy: ANY });
    expect(results[0]?.failure?.reason).toBe('exporter_error');
    expect(states.of(one).up).toBeUndefined();
  });

  test('a name that does not exist is a failed check', async () => {
    const fleet = new Fleet(testWorld(), new States());
    const nowhere = spec({ host: 'nowhere.invalid', port: 1 }, { expect: 'closed', timeoutMs: 500 });
    const { results } = await fleet.round([{ spec: nowhere }], IN_TIME);
    expect(results[0]?.failure).toMatchObject({ phase: 'resolve' });
    expect(results[0]?.closed).toBeUndefined();
  });

  test('a service that takes silence amiss is left well, should it be there', async () => {
    const said: string[] = [];
    await using smtp = await peer((socket) => {
      socket.write('220 mail.example.org ESMTP\r\n');
      socket.on('data', (bytes) => {
        said.push(bytes.toString());
        if (/QUIT/.test(bytes.toString())) socket.end('221 bye\r\n');
        else socket.write('250 mail.example.org\r\n');
      });
    });
    const fleet = new Fleet(testWorld(), new States());
    const courtesy = courtesyOf(CHECKS.find(({ name }) => name === 'smtp'));
    const { results } = await fleet.round([closed(smtp.port, courtesy)], IN_TIME);
    expect(results[0]?.failure?.reason).toBe('unexpectedly_open');
    expect(said.join('')).toContain('QUIT');
  });
});
