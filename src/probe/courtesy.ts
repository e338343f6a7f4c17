import type { Check } from '../checks/check.ts';
import type { CheckUse } from './spec.ts';

/** How a plain connect leaves a service that holds silence against its clients: with the service's own dialogue, whose outcome does not count. */
export function courtesyOf(check: Check | undefined): { readonly use?: CheckUse } {
  // One that speaks only TLS would not hear a word.
  const isHeard = check?.punishesSilence && check.tls.unasked !== 'direct';
  const options = isHeard ? check.options.safeParse({}) : undefined;
  if (check === undefined || options?.success !== true) return {};
  return { use: Object.freeze({ check, options: Object.freeze(options.data), courtesy: true as const }) };
}
