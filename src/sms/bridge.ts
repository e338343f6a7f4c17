import type { Logger } from '../core/log.ts';
import { Gate, type Time } from './gate.ts';
import { type Entry, Memory } from './memory.ts';
import type { SmsMetrics } from './metrics.ts';
import { type Notification, notificationKey } from './notification.ts';
import { FAILURES, lastDigits, type Provider, type SendFailure, type Sent } from './sending.ts';
import { StateFile } from './state-file.ts';
import { type Encoding, type SmsText, smsText } from './text.ts';

/** Who gets a notification. The name is that of the receiver, '' for the recipients that stand by themselves. */
export type Route = { readonly name: string; readonly recipients: readonly string[] };

/**
 * delivered: everybody has it now; duplicate: everybody had it before; retry: somebody has not, and may later;
 * refused: somebody has not, and no retry would help; partial: the same as Alertmanager has been told once, and others have it.
 */
export type Result = 'delivered' | 'duplicate' | 'retry' | 'refused' | 'partial';

export type Delivery = {
  readonly result: Result;
  /** One line for Alertmanager's log. */
  readonly summary: string;
  readonly retryAfterMs?: number;
};

export type BridgeOptions = {
  readonly provider: Provider;
  readonly metrics: SmsMetrics;
  readonly log: Logger;
  readonly time: Time;
  readonly encoding: Encoding;
  readonly retryWindowMs: number;
  readonly duplicateWindowMs: number;
  readonly maxConcurrency: number;
  readonly messagesPerSecond: number | undefined;
  readonly stateFile: string | undefined;
};

/** How long a request of Alertmanager may wait for a provider that wants to be left alone: longer pauses are left to its retries. */
const PATIENCE_MS = 5000;

const LONGEST_GROUP = 200;

const SAID: Readonly<Record<Result, readonly ['info' | 'warn' | 'error', string]>> = {
  delivered: ['info', 'notification delivered'],
  duplicate: ['info', 'notification came again: nothing to send'],
  retry: ['warn', 'notification not delivered to everybody: Alertmanager is to try again'],
  refused: ['error', 'notification not delivered to everybody, and no retry would help'],
  partial: ['error', 'notification not delivered to everybody: Alertmanager knows, and may go on'],
};

type Job = { readonly entry: Entry; readonly text: SmsText; readonly receiver: string };

/** Delivers notifications: one SMS per recipient, and no second one when Alertmanager tries again. */
export class Bridge {
  readonly #options: BridgeOptions;
  readonly #gate: Gate;
  readonly #memory: Memory;
  readonly #state: StateFile | undefined;
  /** Deliveries under way: the same notification from another Alertmanager shares one. */
  readonly #running = new Map<string, Promise<Delivery>>();

  constructor(options: BridgeOptions) {
    this.#options = options;
    this.#gate = new Gate(options);
    this.#memory = new Memory({ ...options, now: options.time.now });
    this.#state =
      options.stateFile === undefined ? undefined : new StateFile(options.stateFile, () => this.#memory.save());
    options.metrics.watch({ remembered: () => this.#memory.size });
  }

  /** Takes up what an earlier run knew. A file that cannot be used is said and left behind: an alert is worth more than a duplicate. */
  async restore(): Promise<void> {
    const { log, stateFile } = this.#options;
    try {
      const text = await this.#state?.read();
      if (text !== undefined) this.#memory.load(text);
    } catch (error) {
      const reason = error instanceof Error ? error.message.split('\n', 1)[0] : String(error);
      log.warn('the state file cannot be used: retries of earlier notifications may be sent twice', {
        file: stateFile,
        error: reason,
      });
    }
    await this.#save();
  }

  /** Sends the notification to whoever of the route does not have it. Never rejects for what a provider does. */
  notify(notification: Notification, route: Route): Promise<Delivery> {
    const key = notificationKey(notification, route.name);
    const running = this.#running.get(key);
    if (running !== undefined) return running;
    const delivery = this.#deliver(key, notification, route).finally(() => this.#running.delete(key));
    this.#running.set(key, delivery);
    return delivery;
  }

  /** Resolves when no delivery is under way. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running.values());
  }

  async #deliver(key: string, notification: Notification, { recipients }: Route): Promise<Delivery> {
    const { metrics, encoding } = this.#options;
    const entry = this.#memory.recall(key);
    const missing = recipients.filter((to) => !this.#memory.isServed(entry, to));
    metrics.suppressed(recipients.length - missing.length);
    const job = { entry, text: smsText(notification, encoding), receiver: notification.receiver };
    const outcomes = await Promise.all(missing.map((to) => this.#serve(to, job)));
    const failures = outcomes.filter((sent) => sent !== undefined);
    const delivery = this.#conclude(entry, failures, { missing: missing.length, all: recipients.length });
    const { result } = delivery;
    if (result === 'delivered' || result === 'duplicate' || result === 'partial')
      entry.doneAt ??= this.#options.time.now();
    // Alertmanager comes back with the next flush of the group; by then somebody may have mended what was refused.
    if (result === 'refused' || result === 'partial') entry.refused.clear();
    if (result === 'refused') entry.refusalTold = true;
    await this.#save();
    this.#say(delivery, notification, job.text);
    return delivery;
  }

  /**
   * A notification that Alertmanager was refused never happened for it: it comes again with every flush of the group, and it does not
   * tell anybody when the alerts are over. So it hears once that somebody cannot be reached. When it comes again and others have the
   * SMS, that has to do: one wrong number must not keep the end of an outage from everybody else.
   */
  #conclude(
    entry: Entry,
    failures: readonly SendFailure[],
    { missing, all }: { missing: number; all: number },
  ): Delivery {
    if (missing === 0) return { result: 'duplicate', summary: `${all} of ${all} have had this SMS already` };
    const have = `${all - failures.length} of ${all} have the SMS`;
    if (failures.length === 0) return { result: 'delivered', summary: have };
    const summary = `${have}: ${[...new Set(failures.map(({ reason }) => reason))].join(', ')}`;
    const { pauseMs } = this.#gate;
    if (failures.some(({ reason }) => FAILURES[reason] === 'retry'))
      return { result: 'retry', summary, ...(pauseMs > 0 && { retryAfterMs: pauseMs }) };
    return { result: entry.refusalTold && failures.length < all ? 'partial' : 'refused', summary };
  }

  /** One recipient of one notification. Keeps its place until what happened is on the disk, so that a crash forgets nobody. */
  #serve(to: string, job: Job): Promise<Sent> {
    const before = job.entry.refused.get(to);
    if (before !== undefined) return Promise.resolve(before);
    return this.#gate.pass(async () => {
      const sent = await this.#attempt(to, job);
      const { log, provider, time } = this.#options;
      if (sent === undefined) {
        job.entry.served.set(to, time.now());
        await this.#save();
        return undefined;
      }
      if (sent.reason !== 'paused') job.entry.tried.add(to);
      if (FAILURES[sent.reason] === 'refused') job.entry.refused.set(to, sent);
      const { reason, detail } = sent;
      log.error('SMS not sent', {
        provider: provider.name,
        to: lastDigits(to),
        receiver: job.receiver,
        reason,
        detail,
      });
      return sent;
    });
  }

  /** Tries until the provider has taken or refused it; waits for the provider as long as that is short. */
  async #attempt(to: string, { entry, text }: Job): Promise<Sent> {
    const { time } = this.#options;
    let patience = PATIENCE_MS;
    let again = entry.tried.has(to);
    for (;;) {
      const pauseMs = this.#gate.pauseMs;
      if (pauseMs > patience) return this.#paused(pauseMs);
      if (pauseMs > 0) await time.wait(pauseMs);
      patience -= pauseMs;
      await this.#gate.start();
      const sent = await this.#send(to, text, again);
      if (sent?.retryAfterMs === undefined) return sent;
      this.#gate.pause(sent.retryAfterMs);
      if (sent.retryAfterMs > patience || patience <= 0 || sent.retryAfterMs === 0) return sent;
      again = true;
    }
  }

  #paused(pauseMs: number): SendFailure {
    this.#options.metrics.failed('paused');
    const detail = `the provider asked to be left alone for another ${Math.ceil(pauseMs / 1000)} s`;
    return { reason: 'paused', detail, retryAfterMs: pauseMs };
  }

  async #send(to: string, text: SmsText, again: boolean): Promise<Sent> {
    const { provider, metrics } = this.#options;
    const ended = metrics.began(again);
    const sent = await provider.send(to, text).catch((error: unknown): Sent => {
      ended(undefined);
      throw error;
    });
    ended(sent ?? 'sent');
    return sent;
  }

  #say({ result, summary, retryAfterMs }: Delivery, { receiver, groupKey }: Notification, { text }: SmsText): void {
    const [level, message] = SAID[result];
    this.#options.log[level](message, {
      receiver,
      group: groupKey.slice(0, LONGEST_GROUP),
      recipients: summary,
      text: result === 'duplicate' ? undefined : text,
      retry_after: retryAfterMs === undefined ? undefined : Math.ceil(retryAfterMs / 1000),
    });
  }

  async #save(): Promise<void> {
    const { log, metrics, stateFile } = this.#options;
    try {
      await this.#state?.write();
    } catch (error) {
      metrics.stateNotWritten();
      const what = 'the state file cannot be written: after a restart, retries may be sent twice';
      log.error(what, { file: stateFile, error: (error as Error).message });
    }
  }
}
