import { call } from '../client.ts';
import type { VonageConfig } from '../config.ts';
import { type Ask, type FailureReason, field, judge, type Sent, SHORT_PAUSE_MS } from '../sending.ts';

/** What a status other than 0 means; the rest are refusals of the request. Source: Vonage, "Troubleshooting SMS". */
const STATUSES: Readonly<Record<string, FailureReason>> = {
  ...{ 1: 'rate_limited', 10: 'rate_limited', 5: 'provider_error' },
  ...{ 4: 'authentication', 8: 'authentication', 11: 'authentication', 14: 'authentication', 32: 'authentication' },
  ...{ 6: 'invalid_number', 7: 'invalid_number', 29: 'invalid_number', 33: 'invalid_number' },
};

/** Vonage's SMS API: it answers 200 also when it refuses, and says so in the body. Source: Vonage, "SMS API". */
export function vonage(config: VonageConfig): Ask {
  const { apiKey, apiSecret, from } = config;
  const url = new URL(`${config.url.href.replace(/\/$/, '')}/sms/json`);
  return async (to, { text, alphabet }, { headers, timeoutMs, secrets }) => {
    const answer = await call({
      url,
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        api_key: apiKey,
        api_secret: secrets(apiSecret),
        from,
        to: to.replace(/^\+/, ''),
        text,
        type: alphabet === 'ucs2' ? 'unicode' : 'text',
      }).toString(),
      timeoutMs,
    });
    return judge(answer) ?? verdict(field(answer.body, 'messages'));
  };
}

function verdict(messages: unknown): Sent {
  const statuses = Array.isArray(messages) ? messages.map(statusOf) : [];
  const bad = statuses.length === 0 ? NO_STATUS : statuses.find(({ status }) => status !== '0');
  if (bad === undefined) return undefined;
  const reason = bad.status === '' ? 'unexpected_response' : (STATUSES[bad.status] ?? 'rejected');
  const detail = bad.status === '' ? 'HTTP 200 without the status of a message' : `status ${bad.status}: ${bad.error}`;
  return reason === 'rate_limited' ? { reason, detail, retryAfterMs: SHORT_PAUSE_MS } : { reason, detail };
}

type Status = { readonly status: string; readonly error: string };

const NO_STATUS: Status = { status: '', error: '' };

function statusOf(message: unknown): Status {
  const { status = '', 'error-text': error = 'no explanation' } = (message ?? {}) as Readonly<Record<string, unknown>>;
  return { status: String(status), error: String(error) };
}
