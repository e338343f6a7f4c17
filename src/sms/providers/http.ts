import { call } from '../client.ts';
import type { HttpConfig } from '../config.ts';
import { fill } from '../fields.ts';
import type { Secret } from '../secret.ts';
import { type Ask, judge } from '../sending.ts';

/** Any API that takes JSON or a form. */
export function http(config: HttpConfig): Ask {
  const { url, method, format, from, successStatuses, retryStatuses } = config;
  const type = format === 'json' ? 'application/json' : 'application/x-www-form-urlencoded';
  return async (to, { text }, { headers, timeoutMs, secrets }) => {
    const readAll = (all: Readonly<Record<string, Secret>>) =>
      Object.fromEntries(Object.entries(all).map(([name, secret]) => [name, secrets(secret)]));
    const fields = { ...fill(config.fields, { to, text, from }), ...readAll(config.secretFields) };
    const form = () =>
      new URLSearchParams(
        Object.entries(fields).map(([name, value]): [string, string] => [name, String(value)]),
      ).toString();
    const answer = await call({
      url,
      method,
      headers: merged({ ...headers, 'content-type': type }, config.headers, readAll(config.secretHeaders)),
      body: format === 'json' ? JSON.stringify(fields) : form(),
      timeoutMs,
    });
    return judge(answer, { success: successStatuses, retry: retryStatuses });
  };
}

/** Later ones win, however they are spelled: two headers of one name would both be sent. */
function merged(...all: readonly Readonly<Record<string, string>>[]): Record<string, string> {
  return Object.fromEntries(
    all.flatMap((some) => Object.entries(some).map(([name, value]) => [name.toLowerCase(), value])),
  );
}
