import { z } from 'zod';
import type { SendFailure } from './sending.ts';

/**
 * What is known of one notification. Times in ms since 1970.
 *
 * Alertmanager says nowhere whether a request is a retry or a repeat: both are the same body. It tries again until it gets a 2xx answer,
 * first after half a second, then in growing steps of up to about 90 seconds, and again with the next flush of the group (group_interval, 5
 * minutes by default). After a 2xx answer it is silent until something changes or repeat_interval (4 hours) has passed. So:
 *
 * - Without a 2xx answer what comes is a retry, however late: whoever has the SMS gets no second one, for the retry window (1 hour).
 * - After a 2xx answer what comes soon is a retry too: the answer was lost on its way, or it is the other Alertmanager of a pair. What
 *   comes after a silence of the duplicate window (5 minutes) is a repeat, and goes to everybody again. The window is counted
 *   from the last time the notification came, because an Alertmanager that never sees our answer keeps coming; but not past
 *   the retry window, or a short repeat_interval would be taken for such retries for ever.
 */
export type Entry = {
  /** Who has the SMS, since when. */
  readonly served: Map<string, number>;
  /** Whom the provider has refused for good since Alertmanager was last told that nothing helps. Not saved. */
  readonly refused: Map<string, SendFailure>;
  /** Who has been tried in vain. Not saved. */
  readonly tried: Set<string>;
  /** Alertmanager has been told that somebody cannot be reached. Not saved. */
  refusalTold?: true;
  seenAt: number;
  /** When Alertmanager was first told that all is done. */
  doneAt?: number;
};

export type MemoryOptions = {
  readonly retryWindowMs: number;
  readonly duplicateWindowMs: number;
  readonly now: () => number;
  readonly most?: number;
};

const MOST = 10_000;

const SAVED = z.object({
  version: z.literal(1),
  notifications: z.array(
    z.object({
      key: z.string(),
      seenAt: z.number(),
      doneAt: z.number().optional(),
      served: z.record(z.string(), z.number()),
    }),
  ),
});

/** Which notifications came lately, and who has them. The longest unseen are forgotten when there are too many. */
export class Memory {
  readonly #options: MemoryOptions;
  /** The longest unseen first. */
  readonly #entries = new Map<string, Entry>();

  constructor(options: MemoryOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** What is known of a notification that has just come; nothing when it is new, or a repeat of one that is done. */
  recall(key: string): Entry {
    const now = this.#options.now();
    const known = this.#entries.get(key);
    const entry = known !== undefined && !this.#isRepeat(known, now) ? known : emptyEntry(now);
    entry.seenAt = now;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > (this.#options.most ?? MOST) && oldest !== undefined) this.#entries.delete(oldest);
    return entry;
  }

  /** Whether the recipient has this SMS already. */
  isServed({ served, doneAt }: Entry, recipient: string): boolean {
    const at = served.get(recipient);
    return at !== undefined && (doneAt !== undefined || this.#options.now() - at < this.#options.retryWindowMs);
  }

  #isRepeat({ seenAt, doneAt }: Entry, now: number): boolean {
    if (doneAt === undefined) return false;
    const { retryWindowMs, duplicateWindowMs } = this.#options;
    return now - seenAt >= duplicateWindowMs || now - doneAt >= retryWindowMs;
  }

  /** What a restart must not forget, as text. */
  save(): string {
    const oldest = this.#options.now() - this.#options.retryWindowMs;
    for (const [key, { seenAt }] of this.#entries) if (seenAt < oldest) this.#entries.delete(key);
    const notifications = Array.from(this.#entries, ([key, { seenAt, doneAt, served }]) => ({
      key,
      seenAt,
      ...(doneAt !== undefined && { doneAt }),
      served: Object.fromEntries(served),
    }));
    return `${JSON.stringify({ version: 1, notifications })}\n`;
  }

  /** Takes in what was saved. Throws when it is nothing of the kind, and is then empty. */
  load(text: string): void {
    for (const { key, seenAt, doneAt, served } of SAVED.parse(JSON.parse(text)).notifications) {
      const entry = { ...emptyEntry(seenAt), served: new Map(Object.entries(served)) };
      this.#entries.set(key, doneAt === undefined ? entry : { ...entry, doneAt });
    }
  }
}

function emptyEntry(seenAt: number): Entry {
  return { served: new Map(), refused: new Map(), tried: new Set(), seenAt };
}
