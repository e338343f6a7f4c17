import type { Secret } from './secret.ts';
import type { Encoding } from './text.ts';

/** What the configuration file of the bridge says, with every default applied. */
export type SmsConfig = {
  readonly bearerToken: Secret;
  /** Who gets what names no receiver of its own. */
  readonly recipients: readonly string[] | undefined;
  readonly receivers: ReadonlyMap<string, readonly string[]>;
  readonly provider: ProviderConfig;
  /** For one request to the provider, ms. */
  readonly timeoutMs: number;
  readonly retryWindowMs: number;
  readonly duplicateWindowMs: number;
  readonly stateFile: string | undefined;
  readonly encoding: Encoding;
  readonly maxConcurrency: number;
  readonly messagesPerSecond: number | undefined;
};

export type ProviderConfig = TwilioConfig | VonageConfig | HttpConfig;

export type TwilioConfig = {
  readonly name: 'twilio';
  readonly url: URL;
  readonly accountSid: string;
  readonly authToken: Secret;
  /** One of the two is there. */
  readonly from: string | undefined;
  readonly messagingServiceSid: string | undefined;
};

export type VonageConfig = {
  readonly name: 'vonage';
  readonly url: URL;
  readonly apiKey: string;
  readonly apiSecret: Secret;
  readonly from: string;
};

export type HttpConfig = {
  readonly name: 'http';
  readonly url: URL;
  readonly method: 'POST' | 'PUT';
  readonly headers: Readonly<Record<string, string>>;
  readonly secretHeaders: Readonly<Record<string, Secret>>;
  readonly format: 'json' | 'form';
  readonly from: string;
  readonly fields: Fields;
  readonly secretFields: Readonly<Record<string, Secret>>;
  /** Any 2xx when there are none. */
  readonly successStatuses: readonly number[] | undefined;
  readonly retryStatuses: readonly number[];
};

/** The body of a request, with {to}, {text} and {from} in its texts. */
export type Fields = { readonly [name: string]: FieldValue };
export type FieldValue = string | number | boolean | null | readonly FieldValue[] | Fields;

export const PROVIDER_NAMES = ['twilio', 'vonage', 'http'] as const;
