import type { Logger } from '../core/log.ts';
import { Gate, type Time } from './gate.ts';
import { type Entry, Memory } from './memory.ts';
import type { SmsMetrics } from './metrics.ts';
import { type Notification, notificationKey, notificationTopic } from './notification.ts';
import { type Job, Recipients } from './recipient.ts';
import { FAILURES, type Provider, type SendFailure } from './sending.ts';
import { StateFile } from './state-file.ts';
import { type Encoding, type SmsText, smsText } from './text.ts';

/** Who gets a notification. The name is that of the receiver, '' for the recipients that stand by themselves. */
export type Route = { readonly name: string; readonly recipients: readonly string[] };

/**
 * delivered: everybody has it now; duplicate: everybody had it before; retry: somebody has not, and may later;
 * refused: nobody has it, and no retry would help; partial: some have it, and that has to do for Alertmanager.
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

const LONGEST_GROUP = 200;

const SAID: Readonly<Record<Result, readonly ['info' | 'warn' | 'error', string]>> = {
  delivered: ['info', 'notification delivered'],
  duplicate: ['info', 'notification came again: nothing to send'],
  retry: ['warn', 'notification not delivered to everybody: Alertmanager is to try again'],
  refused: ['error', 'notification delivered to nobody, and no retry would help'],
  partial: ['error', 'notification not delivered to everybody: Alertmanager may go on with the others'],
};

/** Delivers notifications: one SMS per recipient, and no second one when Alertmanager tries again. */
export class Bridge {
  readonly #options: BridgeOptions;
  readonly #gate: Gate;
  readonly #memory: Memory;
  readonly #recipients: Recipients;
  readonly #state: StateFile | undefined;
  /** Deliveries under way: the same notification from another Alertmanager shares one. */
  readonly #running = new Map<string, Promise<Delivery>>();

  constructor(options: BridgeOptions) {
    this.#options = options;
    this.#gate = new Gate(options);
    this.#memory = new Memory({ ...options, now: options.time.now });
    this.#recipients = new Recipients({
      ...options,
      gate: this.#gate,
      memory: this.#memory,
      save: () => this.#save(),
    });
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
    if (running !== undefined) {
      this.#memory.seen(key);
      return running;
    }
    const delivery = this.#deliver(key, notification, route).finally(() => {
      this.#memory.release(key);
      this.#running.delete(key);
    });
    this.#running.set(key, delivery);
    return delivery;
  }

  /** Asks the provider for nothing more: what it was asked already ends as usual, the rest is for the time after the restart. */
  stop(): void {
    this.#gate.stop();
  }

  /** Resolves when no delivery is under way. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running.values());
  }

  async #deliver(key: string, notification: Notification, route: Route): Promise<Delivery> {
    const { recipients } = route;
    const { metrics, encoding } = this.#options;
    const entry = this.#memory.recall(key, notificationTopic(notification, route.name));
    const missing = recipients.filter((to) => !entry.served.has(to));
    metrics.suppressed(recipients.length - missing.length);
    const job: Job = { entry, text: smsText(notification, encoding), receiver: notification.receiver };
    const outcomes = await Promise.all(missing.map((to) => this.#recipients.serve(to, job)));
    const failures = outcomes.filter((sent) => sent !== undefined);
    const delivery = this.#conclude(entry, failures, { missing: missing.length, all: recipients.length });
    const { result } = delivery;
    if (result === 'delivered' || result === 'duplicate' || result === 'partial')
      entry.doneAt ??= this.#options.time.now();
    // Alertmanager comes back with the next flush of the group; by then somebody may have mended what was refused.
    if (result === 'refused' || result === 'partial') entry.refused.clear();
    this.#memory.seen(key);
    await this.#save();
    this.#say(delivery, notification, job.text);
    return delivery;
  }

  /**
   * A notification without a 2xx answer never happened for Alertmanager: it does not tell anybody when the alerts are over. One wrong
   * number must not keep the end of an outage from everybody else. So it has to do that some have the SMS: at once when the others
   * are refused for good, and after the duplicate window when they are tried in vain.
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
    const nobody = failures.length === all;
    if (!failures.some(({ reason }) => FAILURES[reason] === 'retry'))
      return { result: nobody ? 'refused' : 'partial', summary };
    const { time, duplicateWindowMs } = this.#options;
    const { pauseMs, stopped } = this.#gate;
    // Whoever was not tried because of a stop is to be tried after the restart.
    const inVain = !stopped && time.now() - entry.firstSeenAt >= duplicateWindowMs;
    if (!nobody && inVain) return { result: 'partial', summary };
    return { result: 'retry', summary, ...(pauseMs > 0 && { retryAfterMs: pauseMs }) };
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
