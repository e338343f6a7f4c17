import { z } from 'zod';
import type { SendFailure } from './sending.ts';

/**
 * What is known of one notification. Times in ms since 1970.
 *
 * Alertmanager says nowhere whether a request is a retry or a repeat: both are the same body. It tries again until it gets a 2xx answer,
 * first after half a second, then in growing steps of up to about 90 seconds, and again with the next flush of the group (group_interval, 5
 * minutes by default). After a 2xx answer it is silent until something changes or repeat_interval (4 hours) has passed. So:
 *
 * - Without a 2xx answer what comes is a retry, however late: whoever has the SMS gets no second one, until nothing has come for the
 *   retry window (1 hour).
 * - After a 2xx answer what comes soon is a retry too: the answer was lost on its way, or it is the other Alertmanager of a pair. What
 *   comes after a silence of the duplicate window (5 minutes) is a repeat, and goes to everybody again. The window is counted
 *   from the last time the notification came, because an Alertmanager that never sees our answer keeps coming; but not past
 *   the retry window, or a short repeat_interval would be taken for such retries for ever.
 */
export type Entry = {
  /** Who has the SMS, since when. */
  readonly served: Map<string, number>;
  /** Who may have the SMS: when the provider had a request for them and did not answer. */
  readonly unsure: Map<string, readonly number[]>;
  /** Whom the provider has refused for good since Alertmanager was last told that nothing helps. Not saved. */
  readonly refused: Map<string, SendFailure>;
  /** Who has been tried in vain. Not saved. */
  readonly tried: Set<string>;
  readonly firstSeenAt: number;
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
/** How many SMS somebody may get of one notification within the retry window, because the provider does not answer. */
const MOST_UNSURE = 2;

const SAVED = z.object({
  version: z.literal(1),
  notifications: z.array(
    z.object({
      key: z.string(),
      firstSeenAt: z.number().optional(),
      seenAt: z.number(),
      doneAt: z.number().optional(),
      served: z.record(z.string(), z.number()),
      unsure: z.record(z.string(), z.array(z.number())).optional(),
    }),
  ),
});

/** Which notifications came lately, and who has them. The longest unseen are forgotten when there are too many. */
export class Memory {
  readonly #options: MemoryOptions;
  /** The longest unseen first. */
  readonly #entries = new Map<string, Entry>();
  /** Being delivered: never forgotten. */
  readonly #busy = new Set<string>();

  constructor(options: MemoryOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** What is known of a notification that has just come; nothing when it is new, or a repeat of one that is done. Kept until released. */
  recall(key: string): Entry {
    const now = this.#options.now();
    const known = this.#entries.get(key);
    const entry = known !== undefined && !this.#isOver(known, now) ? known : emptyEntry(now);
    this.#busy.add(key);
    this.#entries.set(key, entry);
    this.seen(key);
    if (this.#entries.size > (this.#options.most ?? MOST)) this.#forgetOldest();
    return entry;
  }

  /** The notification has come again, or its delivery has ended: the windows are counted from here. */
  seen(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    entry.seenAt = this.#options.now();
    this.#entries.delete(key);
    this.#entries.set(key, entry);
  }

  /** The delivery is over: the notification may be forgotten in its time. */
  release(key: string): void {
    this.#busy.delete(key);
  }

  /** Whether the recipient may have this SMS, so that it is too early, or too often, for another try. */
  mayHave(entry: Entry, recipient: string): boolean {
    const { duplicateWindowMs, now } = this.#options;
    const times = this.#unsureTimes(entry, recipient);
    return times.length >= MOST_UNSURE || times.some((at) => now() - at < duplicateWindowMs);
  }

  /** The provider had the request and did not answer. */
  unsure(entry: Entry, recipient: string): void {
    entry.unsure.set(recipient, [...this.#unsureTimes(entry, recipient), this.#options.now()]);
  }

  #unsureTimes({ unsure }: Entry, recipient: string): readonly number[] {
    const { retryWindowMs, now } = this.#options;
    return (unsure.get(recipient) ?? []).filter((at) => now() - at < retryWindowMs);
  }

  #isOver({ seenAt, doneAt }: Entry, now: number): boolean {
    const { retryWindowMs, duplicateWindowMs } = this.#options;
    if (doneAt === undefined) return now - seenAt >= retryWindowMs;
    return now - seenAt >= duplicateWindowMs || now - doneAt >= retryWindowMs;
  }

  #forgetOldest(): void {
    for (const key of this.#entries.keys()) {
      if (this.#busy.has(key)) continue;
      this.#entries.delete(key);
      return;
    }
  }

  /** What a restart must not forget, as text. */
  save(): string {
    const oldest = this.#options.now() - this.#options.retryWindowMs;
    for (const [key, { seenAt }] of this.#entries)
      if (seenAt < oldest && !this.#busy.has(key)) this.#entries.delete(key);
    const notifications = Array.from(this.#entries, ([key, { firstSeenAt, seenAt, doneAt, served, unsure }]) => ({
      key,
      firstSeenAt,
      seenAt,
      ...(doneAt !== undefined && { doneAt }),
      served: Object.fromEntries(served),
      ...(unsure.size > 0 && { unsure: Object.fromEntries(unsure) }),
    }));
    return `${JSON.stringify({ version: 1, notifications })}\n`;
  }

  /** Takes in what was saved. Throws when it is nothing of the kind, and is then empty. */
  load(text: string): void {
    for (const saved of SAVED.parse(JSON.parse(text)).notifications) {
      const { key, seenAt, firstSeenAt = seenAt, doneAt, served, unsure = {} } = saved;
      const known = { served: new Map(Object.entries(served)), unsure: new Map(Object.entries(unsure)) };
      const entry = { ...emptyEntry(firstSeenAt), ...known, seenAt };
      this.#entries.set(key, doneAt === undefined ? entry : { ...entry, doneAt });
    }
  }
}

function emptyEntry(now: number): Entry {
  return { served: new Map(), unsure: new Map(), refused: new Map(), tried: new Set(), firstSeenAt: now, seenAt: now };
}
