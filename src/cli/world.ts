import { Memories } from '../checks/memories.ts';
import { Authorities } from '../net/authorities.ts';
import { Deadlines, systemClock } from '../net/clock.ts';
import { Dialer } from '../net/dialer.ts';
import { Pings } from '../net/ping.ts';
import { Resolver } from '../net/resolver.ts';
import type { World } from '../probe/world.ts';

/** The real clock, network and name resolution: the composition root of every command. */
export function createWorld(): World {
  return {
    clock: systemClock,
    deadlines: new Deadlines(systemClock),
    dialer: new Dialer(systemClock),
    authorities: new Authorities(systemClock),
    memories: new Memories(),
    pings: new Pings(systemClock),
    resolver: new Resolver(systemClock),
  };
}
