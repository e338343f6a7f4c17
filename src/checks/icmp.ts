import { z } from 'zod';
import type { Check } from './check.ts';

/** `payloadSize` in bytes; without `ttl` it is that of this machine. */
export type IcmpOptions = { readonly payloadSize?: number; readonly dontFragment: boolean; readonly ttl?: number };

/** An ICMP echo. */
export const icmpEcho: Check<IcmpOptions> = {
  name: 'icmp',
  ports: [],
  summary: 'an echo request, which must be replied to',
  tls: {},
  options: z.custom<IcmpOptions>((value) => typeof value === 'object' && value !== null && 'dontFragment' in value),
  run: () => Promise.reject(new Error('not written yet')),
};
