import type { Answer } from './client.ts';
import type { PROVIDER_NAMES } from './config.ts';
import type { Secret } from './secret.ts';
import type { SmsText } from './text.ts';

/** Why an SMS was not sent, and whether the same may work a little later. Public: metrics use these names. */
export const FAILURES = {
  timeout: 'retry',
  network: 'retry',
  unknown: 'retry',
  provider_error: 'retry',
  rate_limited: 'retry',
  paused: 'retry',
  unexpected_response: 'retry',
  secret_unreadable: 'retry',
  authentication: 'refused',
  invalid_number: 'refused',
  rejected: 'refused',
} as const satisfies Record<string, 'retry' | 'refused'>;
export type FailureReason = keyof typeof FAILURES;

/** What is wrong in words, for the log; no secret, and of numbers the last digits only. */
export type SendFailure = {
  readonly reason: FailureReason;
  readonly detail: string;
  /** How long the provider wants to be left alone. */
  readonly retryAfterMs?: number;
};

/** The outcome of one try: undefined when the provider has taken the SMS. */
export type Sent = SendFailure | undefined;

export type ProviderName = (typeof PROVIDER_NAMES)[number];

/** A way to send an SMS. */
export type Provider = {
  readonly name: ProviderName;
  /** One try. Never rejects for what the provider or the network does. */
  readonly send: (to: string, text: SmsText) => Promise<Sent>;
};

/** What every request of a provider gets. */
type Means = {
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Reads a secret, and keeps it out of what is logged. */
  readonly secrets: (secret: Secret) => string;
  /** Keeps out of what is logged what was made of a secret. */
  readonly hide: (text: string) => void;
};

/** One request to a provider. Rejects with NoAnswer or SecretProblem. */
export type Ask = (to: string, text: SmsText, means: Means) => Promise<Sent>;

/** A provider that limits the rate without saying for how long: their limits are per second. */
export const SHORT_PAUSE_MS = 1000;
const SHOWN = 200;

export type Verdicts = { readonly success?: readonly number[] | undefined; readonly retry?: readonly number[] };

/** What an HTTP status says of an SMS. */
export function judge(answer: Answer, { success, retry = [] }: Verdicts = {}): Sent {
  const { status } = answer;
  if (isSuccess(status, success)) return undefined;
  const detail = said(answer);
  const after = retryAfterMs(answer.retryAfter, Date.now());
  if (status === 429) return { reason: 'rate_limited', detail, retryAfterMs: after ?? SHORT_PAUSE_MS };
  if (status >= 500 || status === 408 || retry.includes(status))
    return { reason: 'provider_error', detail, ...(after !== undefined && { retryAfterMs: after }) };
  if (status === 401 || status === 403) return { reason: 'authentication', detail };
  return {
    reason: 'rejected',
    detail: status >= 300 && status < 400 ? `HTTP ${status}: redirects are not followed` : detail,
  };
}

function isSuccess(status: number, success: readonly number[] | undefined): boolean {
  return success === undefined ? status >= 200 && status < 300 : success.includes(status);
}

/** The status and the body, on one line. */
function said({ status, body }: Answer): string {
  const text = body.replace(/\s+/g, ' ').trim();
  return text === '' ? `HTTP ${status}` : `HTTP ${status}: ${text}`;
}

/** Retry-After in ms: seconds, or a date. Source: RFC 9110, 10.2.3. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  // Date.parse takes "-1" and "0.5" for dates; those of HTTP begin with the day of the week.
  const at = /^[a-z]/i.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

/** The last digits of a phone number, enough to know whose it is. */
export function lastDigits(number: string): string {
  return `...${number.replace(/\D/g, '').slice(-4)}`;
}

/** The beginning of a text with every phone number in it cut to its last digits, and without these secrets. */
export function discreet(text: string, secrets: readonly string[]): string {
  const hidden = secrets.flatMap(formsOf).reduce((rest, secret) => rest.replaceAll(secret, '<secret>'), text);
  return hidden.replace(/\+?\d(?:[ ().-]?\d){6,}/g, lastDigits).slice(0, SHOWN);
}

const LONG_WORD = 8;

/** How an answer may quote a secret: all of it or a word ("Bearer abc..."), as it is or as it was sent in a URL, a form or JSON. */
function formsOf(secret: string): string[] {
  const words = secret.split(/\s+/).filter((word) => word.length >= LONG_WORD);
  return [secret, ...words].flatMap((text) => {
    const form = new URLSearchParams([['', text]]).toString().slice(1);
    return [text, encodeURIComponent(text), form, JSON.stringify(text).slice(1, -1)];
  });
}

/** The field of a JSON object, whatever the text is. */
export function field(json: string, name: string): unknown {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
  } catch {
    return undefined;
  }
}
