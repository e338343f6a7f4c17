import type { TalkFrame } from '../checks/talk.ts';
import type { Wires } from '../checks/wire.ts';
import type { IpAddress } from '../core/ip.ts';
import { Datagrams } from '../net/datagrams.ts';
import type { Stream } from '../net/stream.ts';
import type { ProbeOrder } from './order.ts';
import { tlsWish } from './tls-plan.ts';
import type { World } from './world.ts';

/** What a talk is about: over what, with which address, and how to go on from there. */
type About = {
  readonly channel: Stream | Datagrams | undefined;
  readonly address: IpAddress | undefined;
  readonly wires: Wires | undefined;
  readonly startTls: () => Promise<void>;
};

/** What the talk of a probe sees of the frame around it. */
export function talkFrame(
  world: World,
  { spec, key }: ProbeOrder,
  { channel, address, wires, startTls }: About,
): TalkFrame {
  const { endpoint, resource, sourceIp, tls } = spec;
  return {
    ...(channel && { channel }),
    ...(wires && { wires }),
    endpoint,
    address,
    resource,
    sourceIp,
    tls: tlsWish(tls, !(channel instanceof Datagrams)),
    now: () => world.clock.now(),
    arrival: () => world.dialer.pacer.arrival(),
    arrivalError: () => world.dialer.pacer.arrivalError,
    startTls,
    memory: world.memories.of(key),
  };
}
