import type { IpAddress } from '../core/ip.ts';
import type { Policy } from './policy.ts';
import type { ProbeSpec } from './spec.ts';

/** One probe to do. `key` is the same for all that may share it. `literal`: the host of the spec, where that is an address. */
export type ProbeOrder = {
  readonly key: string;
  readonly spec: ProbeSpec;
  readonly policy: Policy;
  readonly literal: IpAddress | undefined;
};
