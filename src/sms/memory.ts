import { z } from 'zod';
import type { Topic } from './notification.ts';
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
 * - Not when the recipient has been told otherwise since: an alert that fires, is said to be over and fires again has the same body as
 *   before when Prometheus could not reach Alertmanager in between, and the last word on the phone must not be the wrong one.
 */
export type Entry = {
  /** Unknown until the notification comes again when the entry is from a state file that did not have it. */
  topic: Topic | undefined;
  /** Who has the SMS, since when. */
  readonly served: Map<string, number>;
  /** Who may have the SMS: when the provider had a request for them and did not answer. */
  readonly unsure: Map<string, readonly number[]>;
  /** Who has, or may have, been told otherwise after this SMS, and since when Alertmanager says otherwise. */
  readonly outdated: Map<string, number>;
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
/** The second Alertmanager of a pair waits 15 seconds for the first one, and may then still say what has been over for as long. */
const LATE_MS = 30_000;

const SAVED = z.object({
  version: z.literal(1),
  notifications: z.array(
    z.object({
      key: z.string(),
      // This and `outdated` are missing in files of older versions, which in turn pass over them.
      topic: z.object({ group: z.string(), says: z.enum(['firing', 'resolved', 'both']) }).optional(),
      firstSeenAt: z.number().optional(),
      seenAt: z.number(),
      doneAt: z.number().optional(),
      served: z.record(z.string(), z.number()),
      unsure: z.record(z.string(), z.array(z.number())).optional(),
      outdated: z.record(z.string(), z.number()).optional(),
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
  recall(key: string, topic: Topic): Entry {
    const now = this.#options.now();
    const known = this.#entries.get(key);
    const entry = known !== undefined && !this.#isOver(known, now) ? upToDate(known, now) : emptyEntry(now);
    entry.topic = topic;
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

  /** The recipient has the SMS. */
  served(entry: Entry, recipient: string): void {
    entry.served.set(recipient, this.#options.now());
    entry.outdated.delete(recipient);
    this.#outdate(entry, recipient);
  }

  /** The provider had the request and did not answer. */
  unsure(entry: Entry, recipient: string): void {
    entry.unsure.set(recipient, [...this.#unsureTimes(entry, recipient), this.#options.now()]);
    this.#outdate(entry, recipient);
  }

  /**
   * What the recipient was told before and this contradicts is no longer the last word. Counted from when this first came, not from its
   * delivery: that may have taken so long that what comes right after it is new.
   */
  #outdate({ topic, firstSeenAt }: Entry, recipient: string): void {
    for (const { topic: other, served, unsure, outdated } of this.#entries.values())
      if (contradict(topic, other) && !outdated.has(recipient) && (served.has(recipient) || unsure.has(recipient)))
        outdated.set(recipient, firstSeenAt);
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
    const notifications = Array.from(this.#entries, ([key, entry]) => {
      const { topic, firstSeenAt, seenAt, doneAt, served, unsure, outdated } = entry;
      return {
        key,
        ...(topic !== undefined && { topic }),
        firstSeenAt,
        seenAt,
        ...(doneAt !== undefined && { doneAt }),
        served: Object.fromEntries(served),
        ...(unsure.size > 0 && { unsure: Object.fromEntries(unsure) }),
        ...(outdated.size > 0 && { outdated: Object.fromEntries(outdated) }),
      };
    });
    return `${JSON.stringify({ version: 1, notifications })}\n`;
  }

  /** Takes in what was saved. Throws when it is nothing of the kind, and is then empty. */
  load(text: string): void {
    for (const saved of SAVED.parse(JSON.parse(text)).notifications) {
      const { key, topic, seenAt, firstSeenAt = seenAt, doneAt, served, unsure = {}, outdated = {} } = saved;
      const entry: Entry = {
        ...emptyEntry(firstSeenAt),
        topic,
        served: new Map(Object.entries(served)),
        unsure: new Map(Object.entries(unsure)),
        outdated: new Map(Object.entries(outdated)),
        seenAt,
      };
      this.#entries.set(key, doneAt === undefined ? entry : { ...entry, doneAt });
    }
  }
}

function emptyEntry(now: number): Entry {
  return {
    topic: undefined,
    served: new Map(),
    unsure: new Map(),
    outdated: new Map(),
    refused: new Map(),
    tried: new Set(),
    firstSeenAt: now,
    seenAt: now,
  };
}

/** Whether one may say of an alert that it fires, and the other that it is over. */
function contradict(one: Topic | undefined, other: Topic | undefined): boolean {
  if (one === undefined || other === undefined || one === other || one.group !== other.group) return false;
  return one.says !== other.says || one.says === 'both';
}

/** The entry as it is, or a new one, for those who have been told otherwise for long enough. The others keep what they have. */
function upToDate(entry: Entry, now: number): Entry {
  const late = (recipient: string) => now - (entry.outdated.get(recipient) ?? now) >= LATE_MS;
  if (![...entry.outdated.keys()].some(late)) return entry;
  const kept = <Known>(of: ReadonlyMap<string, Known>) => new Map([...of].filter(([recipient]) => !late(recipient)));
  const { served, unsure, outdated } = entry;
  return { ...emptyEntry(now), served: kept(served), unsure: kept(unsure), outdated: kept(outdated) };
}
