import type { Logger } from '../core/log.ts';
import type { Gate } from './gate.ts';
import type { Entry, Memory } from './memory.ts';
import type { SmsMetrics } from './metrics.ts';
import { FAILURES, lastDigits, type Provider, type SendFailure, type Sent } from './sending.ts';
import type { SmsText } from './text.ts';

/** One notification on its way to its recipients. */
export type Job = { readonly entry: Entry; readonly text: SmsText; readonly receiver: string };

export type RecipientsOptions = {
  readonly provider: Provider;
  readonly metrics: SmsMetrics;
  readonly log: Logger;
  readonly gate: Gate;
  readonly memory: Memory;
  /** Brings what the memory knows to the disk. Never rejects. */
  readonly save: () => Promise<void>;
};

/** How long a request of Alertmanager may wait for a provider that wants to be left alone: longer pauses are left to its retries. */
const PATIENCE_MS = 5000;

const MAY_HAVE: SendFailure = {
  reason: 'unknown',
  detail: 'the provider may have taken the SMS already: it is too early to ask again',
};

/** Sends to one recipient at a time. */
export class Recipients {
  readonly #options: RecipientsOptions;

  constructor(options: RecipientsOptions) {
    this.#options = options;
  }

  /** One recipient of one notification. Keeps its place until what happened is on the disk, so that a crash forgets nobody. */
  async serve(to: string, job: Job): Promise<Sent> {
    const { gate, memory } = this.#options;
    const before = job.entry.refused.get(to);
    if (before !== undefined) return before;
    if (memory.mayHave(job.entry, to)) return MAY_HAVE;
    return gate.pass(async () => {
      const sent = await this.#attempt(to, job);
      await this.#note(to, job, sent);
      return sent;
    });
  }

  async #note(to: string, { entry, receiver }: Job, sent: Sent): Promise<void> {
    const { log, memory, provider, save } = this.#options;
    if (sent === undefined) {
      memory.served(entry, to);
      return save();
    }
    const { reason, detail } = sent;
    log.error('SMS not sent', { provider: provider.name, to: lastDigits(to), receiver, reason, detail });
    if (reason !== 'paused') entry.tried.add(to);
    if (FAILURES[reason] === 'refused') entry.refused.set(to, sent);
    if (reason !== 'unknown') return undefined;
    memory.unsure(entry, to);
    return save();
  }

  /** Tries until the provider has taken or refused it; waits for the provider as long as that is short. */
  async #attempt(to: string, { entry, text }: Job): Promise<Sent> {
    const { gate } = this.#options;
    const until = { patience: PATIENCE_MS };
    let again = entry.tried.has(to);
    for (;;) {
      const held = await this.#turn(until);
      if (held !== undefined) return held;
      const sent = await this.#send(to, text, again);
      if (sent?.retryAfterMs === undefined) return sent;
      gate.pause(sent.retryAfterMs);
      if (sent.retryAfterMs > until.patience || until.patience <= 0 || sent.retryAfterMs === 0) return sent;
      again = true;
    }
  }

  /** Waits for the rate and for the end of a pause; undefined when the provider may be asked now. */
  async #turn(until: { patience: number }): Promise<SendFailure | undefined> {
    const { gate } = this.#options;
    let started = false;
    for (;;) {
      if (gate.stopped) return this.#paused('the bridge is stopping');
      const pauseMs = gate.pauseMs;
      // Others may have been told to wait while this one waited for its turn.
      if (pauseMs > until.patience) {
        const detail = `the provider asked to be left alone for another ${Math.ceil(pauseMs / 1000)} s`;
        return this.#paused(detail, pauseMs);
      }
      if (pauseMs > 0) {
        await gate.wait(pauseMs);
        until.patience -= pauseMs;
      } else if (started) return undefined;
      else {
        await gate.start();
        started = true;
      }
    }
  }

  #paused(detail: string, retryAfterMs?: number): SendFailure {
    this.#options.metrics.failed('paused');
    return { reason: 'paused', detail, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  }

  async #send(to: string, text: SmsText, again: boolean): Promise<Sent> {
    const { provider, metrics } = this.#options;
    const ended = metrics.began(again);
    const sent = await provider
      .send(to, text)
      // A provider says what went wrong and never rejects; if one does, the other recipients must not suffer.
      .catch((error: unknown): SendFailure => ({ reason: 'unexpected_response', detail: String(error) }));
    ended(sent ?? 'sent');
    return sent;
  }
}
