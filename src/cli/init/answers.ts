import type { ProviderName } from './providers.ts';

/** What somebody wants to be set up. */
export type Answers = {
  /** Every port that listens on this machine. */
  readonly local: boolean;
  /** Addresses as they were written. */
  readonly targets: readonly string[];
  readonly intervalMs: number;
  readonly failures: number;
  /** The address of an incoming webhook, which is a secret. */
  readonly slackUrl?: string;
  readonly sms?: SmsAnswers;
  readonly directory: string;
};

export type SmsAnswers = {
  readonly provider: ProviderName;
  readonly phones: readonly string[];
  /** Who pays, as the provider calls it. */
  readonly account: string;
  readonly from: string;
  readonly secret: string;
};
