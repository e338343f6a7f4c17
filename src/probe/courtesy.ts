import type { Check } from '../checks/check.ts';
import type { Talk } from '../checks/talk.ts';
import type { Stream } from '../net/stream.ts';
import type { CheckUse } from './spec.ts';

/** What a plain connect grants the goodbye of a service that punishes silence, ms. */
const COURTESY_MS = 1000;

/** How a plain connect leaves a service that holds silence against its clients: with the service's own dialogue, whose outcome does not count. */
export function courtesyOf(check: Check | undefined): { readonly use?: CheckUse } {
  // One that speaks only TLS would not hear a word.
  const isHeard = check?.punishesSilence && check.tls.unasked !== 'direct';
  const options = isHeard ? check.options.safeParse({}) : undefined;
  if (check === undefined || options?.success !== true) return {};
  return { use: Object.freeze({ check, options: Object.freeze(options.data), courtesy: true as const }) };
}

/** A dialogue whose outcome does not count. */
export async function politely(talk: Talk, { check, options }: CheckUse): Promise<void> {
  try {
    await check.run(talk, options);
  } catch {
    // Whatever it was, nobody asked.
  }
}

/** Does it for as long as courtesy goes; then the stream closes, which ends it. */
export async function inCourtesy<Value>(stream: Stream, what: () => Promise<Value>): Promise<Value> {
  const tooLong = setTimeout(() => stream.close(), COURTESY_MS);
  const done = await what();
  clearTimeout(tooLong);
  return done;
}
