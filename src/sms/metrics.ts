import { ending, type Format, heading, label, sample } from '../exposition/text.ts';
import { FAILURES, type FailureReason, type ProviderName, type SendFailure } from './sending.ts';

/** How a request of Alertmanager ended; invalid: not a notification, or for nobody; unauthorized: without the token. */
export const RESULTS = ['delivered', 'duplicate', 'retry', 'refused', 'partial', 'invalid', 'unauthorized'] as const;
export type RequestResult = (typeof RESULTS)[number];

/** Seconds. */
const BOUNDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** The families, in the order in which they are shown. Written by hand, not through prom-client: few of them, and its text is not ours to choose. */
export const FAMILIES = {
  port_exporter_sms_build_info: ['gauge', 'Version of the bridge and of Node.js.'],
  port_exporter_sms_notifications_total: ['counter', 'Requests of Alertmanager by how they ended.'],
  port_exporter_sms_sent_total: ['counter', 'SMS that the provider has taken.'],
  port_exporter_sms_failed_total: ['counter', 'Tries that did not send an SMS, by reason.'],
  port_exporter_sms_retries_total: ['counter', 'Tries for a recipient for whom one has failed before.'],
  port_exporter_sms_suppressed_total: ['counter', 'SMS not sent because the recipient had it already.'],
  port_exporter_sms_provider_duration_seconds: [
    'histogram',
    'How long the provider took to answer, failures included.',
  ],
  port_exporter_sms_in_flight: ['gauge', 'Requests to the provider under way now.'],
  port_exporter_sms_remembered_notifications: ['gauge', 'Notifications remembered so that retries send nothing twice.'],
  port_exporter_sms_state_write_failures_total: ['counter', 'Times that the state file could not be written.'],
} as const;
type Family = keyof typeof FAMILIES;

type Labels = Readonly<Record<string, string>>;
type Row = { readonly labels: Labels; readonly value: number; readonly suffix?: string };

/** The bridge's own metrics. */
export class SmsMetrics {
  readonly #version: string;
  readonly #provider: Labels;
  readonly #results = new Map<RequestResult, number>(RESULTS.map((result) => [result, 0]));
  readonly #failed = new Map(Object.keys(FAILURES).map((reason) => [reason, 0]));
  readonly #buckets = BOUNDS.map(() => 0);
  #remembered = () => 0;
  #sent = 0;
  #retries = 0;
  #suppressed = 0;
  #inFlight = 0;
  #answers = 0;
  #seconds = 0;
  #stateFailures = 0;

  constructor(options: { readonly version: string; readonly provider: ProviderName }) {
    this.#version = options.version;
    this.#provider = { provider: options.provider };
  }

  watch({ remembered }: { readonly remembered: () => number }): void {
    this.#remembered = remembered;
  }

  request(result: RequestResult): void {
    this.#results.set(result, (this.#results.get(result) ?? 0) + 1);
  }

  suppressed(count: number): void {
    this.#suppressed += count;
  }

  stateNotWritten(): void {
    this.#stateFailures++;
  }

  failed(reason: FailureReason): void {
    this.#failed.set(reason, (this.#failed.get(reason) ?? 0) + 1);
  }

  /** A request to the provider begins; call what it returns with its outcome. */
  began(again: boolean): (outcome: 'sent' | SendFailure) => void {
    const since = performance.now();
    this.#inFlight++;
    if (again) this.#retries++;
    return (outcome) => {
      this.#inFlight--;
      this.#observe((performance.now() - since) / 1000);
      if (outcome === 'sent') this.#sent++;
      else this.failed(outcome.reason);
    };
  }

  #observe(seconds: number): void {
    this.#answers++;
    this.#seconds += seconds;
    for (const [i, bound] of BOUNDS.entries()) if (seconds <= bound) this.#buckets[i] = (this.#buckets[i] ?? 0) + 1;
  }

  render(format: Format): string {
    const rows = this.#rows();
    const families = Object.entries(FAMILIES).map(([name, [type, help]]) => {
      const lines = rows[name as Family].map(({ labels, value, suffix = '' }) => {
        const written = Object.entries(labels).map(([key, text]) => label(key, bound(key, text, format)));
        return sample(`${name}${suffix}`, written.join(','), value);
      });
      return heading({ name, type, help }, format) + lines.join('');
    });
    return families.join('') + ending(format);
  }

  #rows(): Readonly<Record<Family, readonly Row[]>> {
    const one = (value: number, labels: Labels = {}): Row[] => [{ labels, value }];
    return {
      port_exporter_sms_build_info: one(1, { version: this.#version, nodeversion: process.version }),
      port_exporter_sms_notifications_total: Array.from(this.#results, ([result, value]) => ({
        labels: { result },
        value,
      })),
      port_exporter_sms_sent_total: one(this.#sent, this.#provider),
      port_exporter_sms_failed_total: Array.from(this.#failed, ([reason, value]) => ({
        labels: { ...this.#provider, reason },
        value,
      })),
      port_exporter_sms_retries_total: one(this.#retries, this.#provider),
      port_exporter_sms_suppressed_total: one(this.#suppressed),
      port_exporter_sms_provider_duration_seconds: this.#histogram(),
      port_exporter_sms_in_flight: one(this.#inFlight),
      port_exporter_sms_remembered_notifications: one(this.#remembered()),
      port_exporter_sms_state_write_failures_total: one(this.#stateFailures),
    };
  }

  #histogram(): Row[] {
    const bounds = [...BOUNDS.map(String), '+Inf'];
    return [
      ...bounds.map((le, i) => ({
        labels: { ...this.#provider, le },
        value: this.#buckets[i] ?? this.#answers,
        suffix: '_bucket',
      })),
      { labels: this.#provider, value: this.#seconds, suffix: '_sum' },
      { labels: this.#provider, value: this.#answers, suffix: '_count' },
    ];
  }
}

/** OpenMetrics wants the bounds of buckets written as floats. */
function bound(key: string, text: string, format: Format): string {
  return format === 'openmetrics' && key === 'le' && /^\d+$/.test(text) ? `${text}.0` : text;
}
