import { Memories } from '../../src/checks/memories.ts';
import type { Endpoint } from '../../src/core/endpoint.ts';
import { Authorities } from '../../src/net/authorities.ts';
import { Deadlines, systemClock } from '../../src/net/clock.ts';
import { Dialer } from '../../src/net/dialer.ts';
import { Pings } from '../../src/net/ping.ts';
import { Resolver } from '../../src/net/resolver.ts';
import { SystemNames } from '../../src/net/system-names.ts';
import { Policy } from '../../src/probe/policy.ts';
import type { ProbeSpec, Target } from '../../src/probe/spec.ts';
import type { World } from '../../src/probe/world.ts';

/** The real world, without this machine's DNS: only localhost and literal addresses resolve. */
export function testWorld(overrides: Partial<World> = {}): World {
  const nowhere = new SystemNames({ hosts: '/dev/null', resolvConf: '/dev/null', nsswitch: '/dev/null' });
  return {
    clock: systemClock,
    deadlines: new Deadlines(systemClock),
    dialer: new Dialer(systemClock),
    authorities: new Authorities(systemClock),
    memories: new Memories(),
    pings: new Pings(systemClock),
    resolver: new Resolver(systemClock, nowhere),
    ...overrides,
  };
}

export const ANY = new Policy([{ kind: 'any' }], []);

export function spec(endpoint: Endpoint, overrides: Partial<ProbeSpec> = {}): ProbeSpec {
  return { endpoint, timeoutMs: 2000, family: { prefer: 4, fallback: true }, ...overrides };
}

export function target(host: string, port: number, overrides: Partial<Target> = {}): Target {
  return {
    name: `${host}:${port}`,
    address: `${host}:${port}`,
    service: 'tcp',
    group: 'test',
    severity: 'critical',
    labels: {},
    intervalMs: 60_000,
    failures: 2,
    dependsOn: [],
    spec: spec({ host, port }),
    ...overrides,
  };
}
