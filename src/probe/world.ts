import type { Memories } from '../checks/memories.ts';
import type { Authorities } from '../net/authorities.ts';
import type { Clock, Deadlines } from '../net/clock.ts';
import type { Dialer } from '../net/dialer.ts';
import type { Pings } from '../net/ping.ts';
import type { Resolver } from '../net/resolver.ts';

/** The outside world as probes see it. Only the composition root names the real one. */
export type World = {
  readonly clock: Clock;
  readonly deadlines: Deadlines;
  readonly dialer: Dialer;
  readonly resolver: Resolver;
  readonly authorities: Authorities;
  readonly memories: Memories;
  readonly pings: Pings;
};
