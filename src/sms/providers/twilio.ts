import { type Answer, call } from '../client.ts';
import type { TwilioConfig } from '../config.ts';
import { type Ask, field, judge, type Sent, SHORT_PAUSE_MS } from '../sending.ts';

/** What is about the number, not about the request. Source: Twilio, "Error and Warning Dictionary". */
const NUMBER_CODES = new Set([21211, 21214, 21217, 21610, 21612, 21614]);
/** Too many requests, too fast for the sender, its queue is full. */
const RATE_CODES = new Set([20429, 14107, 21611]);
const AUTHENTICATION_CODES = new Set([20003, 20404]);

/** Twilio's Messages resource: a form and Basic authentication. Source: Twilio, "Message resource". */
export function twilio(config: TwilioConfig): Ask {
  const { accountSid, authToken, from, messagingServiceSid } = config;
  const base = config.url.href.replace(/\/$/, '');
  const url = new URL(`${base}/2010-04-01/Accounts/${encodeURIComponent(accountSid)}/Messages.json`);
  return async (to, { text }, { headers, timeoutMs, secrets, hide }) => {
    const token = secrets(authToken);
    const sender =
      messagingServiceSid === undefined ? { From: from ?? '' } : { MessagingServiceSid: messagingServiceSid };
    const basic = Buffer.from(`${accountSid}:${token}`).toString('base64');
    hide(basic);
    const answer = await call({
      url,
      method: 'POST',
      headers: { ...headers, authorization: `Basic ${basic}`, 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ To: to, ...sender, Body: text }).toString(),
      timeoutMs,
    });
    return refine(judge(answer) ?? doubt(answer), field(answer.body, 'code'));
  };
}

/** Twilio answers 201 when it has made a message. Any other 2xx must show the message: a proxy or a portal says 200 too. */
function doubt({ status, body, whole }: Answer): Sent {
  if (status === 201 || typeof field(body, 'sid') === 'string') return undefined;
  const detail = `HTTP ${status} without the sid of a message`;
  return { reason: whole ? 'unexpected_response' : 'unknown', detail };
}

/** The code in the body says more than the status. */
function refine(sent: Sent, code: unknown): Sent {
  if (sent === undefined || typeof code !== 'number') return sent;
  if (NUMBER_CODES.has(code)) return { ...sent, reason: 'invalid_number' };
  if (RATE_CODES.has(code)) return { retryAfterMs: SHORT_PAUSE_MS, ...sent, reason: 'rate_limited' };
  if (AUTHENTICATION_CODES.has(code)) return { ...sent, reason: 'authentication' };
  // A region that is not allowed is 403 too.
  return sent.reason === 'authentication' ? { ...sent, reason: 'rejected' } : sent;
}
