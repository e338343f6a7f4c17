import { parseAddress } from '../../checks/address.ts';
import { DURATION_FORM, parseDuration } from '../../core/duration.ts';
import type { Parsed } from '../../core/endpoint.ts';
import { PHONE } from '../../sms/schema.ts';
import { show } from '../flag.ts';
import { PROVIDERS, type ProviderName } from './providers.ts';

/** The value that a text stands for, or what would be right: in the same words for flags and for questions. */
export type Reader<Value> = (text: string) => Parsed<Value>;

const SHORTEST_MS = 1000;
const LONGEST_MS = 24 * 24 * 3600 * 1000;
const MOST_FAILURES = 1000;
const LONGEST_SECRET = 4096;

/** An address, as it was written. */
export function address(text: string): Parsed<string> {
  const read = parseAddress(text);
  return read.ok ? good(text) : read;
}

export function phone(text: string): Parsed<string> {
  return PHONE.test(text)
    ? good(text)
    : bad(`a phone number with + and the country code, such as +4915112345678`, text);
}

/** How often a target is checked, ms. */
export function interval(text: string): Parsed<number> {
  const ms = parseDuration(text);
  if (ms === undefined) return bad(DURATION_FORM, text);
  return ms >= SHORTEST_MS && ms <= LONGEST_MS ? good(ms) : bad('from 1s to 24d', text);
}

export function failures(text: string): Parsed<number> {
  const count = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  return count >= 1 && count <= MOST_FAILURES ? good(count) : bad(`a whole number from 1 to ${MOST_FAILURES}`, text);
}

/** Something to read on one line: an account, a sender, a directory. */
export function line(what: string): Reader<string> {
  return (text) => (text.trim() === '' || /\p{Cc}/u.test(text) ? bad(what, text) : good(text.trim()));
}

export function account(provider: ProviderName): Reader<string> {
  const { is, form } = PROVIDERS[provider].account;
  return (text) => (form.test(text.trim()) ? good(text.trim()) : bad(is, text));
}

/** A secret, which no message repeats. */
export function secret(what: string): Reader<string> {
  return (text) => {
    const value = text.trim();
    const isLine = value !== '' && value.length <= LONGEST_SECRET && !/\p{Cc}/u.test(value);
    return isLine ? good(value) : { ok: false, problem: `must be ${what}: one line of text` };
  };
}

/** The address of an incoming webhook: whoever has it can write to the channel, so it is a secret as well. */
export function webhook(text: string): Parsed<string> {
  const value = text.trim();
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const isRight = url !== undefined && /^https?:$/.test(url.protocol) && /^[\x21-\x7e]+$/.test(value);
  return isRight
    ? good(value)
    : {
        ok: false,
        problem: 'must be the address of an incoming webhook, such as https://hooks.slack.com/services/...',
      };
}

function good<Value>(value: Value): { ok: true; value: Value } {
  return { ok: true, value };
}

function bad(what: string, text: string): { ok: false; problem: string } {
  return { ok: false, problem: `must be ${what}, not ${show(text)}` };
}
