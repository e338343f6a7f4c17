import { type Answer, call } from '../client.ts';
import type { VonageConfig } from '../config.ts';
import { type Ask, type FailureReason, field, judge, type Sent, SHORT_PAUSE_MS } from '../sending.ts';

/** What a status other than 0 means; the rest are refusals of the request. Source: Vonage, "Troubleshooting SMS". */
const STATUSES: ReadonlyMap<string, FailureReason> = new Map<string, FailureReason>([
  ...['1', '10'].map((status) => [status, 'rate_limited'] as const),
  ['5', 'provider_error'],
  ...['4', '8', '11', '14', '32'].map((status) => [status, 'authentication'] as const),
  ...['6', '7', '29', '33'].map((status) => [status, 'invalid_number'] as const),
]);

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
    return judge(answer) ?? verdict(answer);
  };
}

function verdict({ body, whole }: Answer): Sent {
  const messages = field(body, 'messages');
  const statuses = Array.isArray(messages) ? messages.map(statusOf) : [];
  const bad = statuses.length === 0 ? NO_STATUS : statuses.find(({ status }) => status !== '0');
  if (bad === undefined) return undefined;
  if (bad.status === '') {
    const detail = 'HTTP 200 without the status of a message';
    return { reason: whole ? 'unexpected_response' : 'unknown', detail };
  }
  const reason = STATUSES.get(bad.status) ?? 'rejected';
  const detail = `status ${bad.status}: ${bad.error}`;
  return reason === 'rate_limited' ? { reason, detail, retryAfterMs: SHORT_PAUSE_MS } : { reason, detail };
}

type Status = { readonly status: string; readonly error: string };

const NO_STATUS: Status = { status: '', error: '' };

function statusOf(message: unknown): Status {
  const { status, 'error-text': error } = (message ?? {}) as Readonly<Record<string, unknown>>;
  return {
    status: typeof status === 'string' || typeof status === 'number' ? String(status) : '',
    error: typeof error === 'string' ? error : 'no explanation',
  };
}
