import type { Logger } from '../core/log.ts';

/** ms */
const PAUSE_MS = 60_000;
/** Causes that are told apart; all others count as one. */
const MOST_CAUSES = 16;

type Said = { at: number; unsaid: number };

/**
 * Says the same thing once a minute at most for each cause, and how often it happened since: what strangers do must neither fill a log nor
 * hide something else in it.
 */
export class Seldom {
  readonly #message: string;
  readonly #log: Logger;
  readonly #now: () => number;
  readonly #level: 'warn' | 'error';
  readonly #causes = new Map<string, Said>();

  constructor(message: string, log: Logger, now: () => number, level: 'warn' | 'error' = 'warn') {
    this.#message = message;
    this.#log = log;
    this.#now = now;
    this.#level = level;
  }

  say(fields: Readonly<Record<string, string | number>> = {}, cause = ''): void {
    const now = this.#now();
    const said = this.#saidOf(cause, now);
    if (now - said.at < PAUSE_MS) {
      said.unsaid++;
      return;
    }
    this.#log[this.#level](this.#message, { ...fields, ...(said.unsaid > 0 && { before: said.unsaid }) });
    said.at = now;
    said.unsaid = 0;
  }

  #saidOf(cause: string, now: number): Said {
    const known = this.#causes.get(cause);
    if (known !== undefined) return known;
    if (this.#causes.size >= MOST_CAUSES) this.#forget(now);
    const kept = this.#causes.size < MOST_CAUSES ? cause : '';
    const said = this.#causes.get(kept) ?? { at: Number.NEGATIVE_INFINITY, unsaid: 0 };
    this.#causes.set(kept, said);
    return said;
  }

  /** Makes room: what has not been said for a minute may be said again anyway. */
  #forget(now: number): void {
    for (const [cause, { at }] of this.#causes) if (now - at >= PAUSE_MS) this.#causes.delete(cause);
  }
}
