import { parseAddress } from '../checks/address.ts';
import { suggestion } from '../config/nearest.ts';
import { DURATION_FORM, parseDuration } from '../core/duration.ts';
import type { Parsed } from '../core/endpoint.ts';
import { parseIp } from '../core/ip.ts';
import type { ListenAddress } from '../http/server.ts';

/** One flag: what it is for, and how the texts given for it become the value that the command gets. */
export type Flag<Value> = {
  /** What stands for the value in help, such as FILE; absent when the flag takes none. */
  readonly form?: string;
  readonly repeatable?: true;
  /** One sentence, without the default. */
  readonly help: string;
  /** The default as it would be written; absent when there is none. */
  readonly defaultText?: string;
  /** The value for all that was given, in order; for nothing, the default. */
  readonly read: (given: readonly string[]) => Parsed<Value>;
};

/** The flags of one command, by name without the dashes. */
export type FlagTable = Readonly<Record<string, Flag<unknown>>>;

/** What a command gets: one value per flag, under the flag's own name. */
export type Settings<Table extends FlagTable> = {
  readonly [Name in keyof Table]: Table[Name] extends Flag<infer Value> ? Value : never;
};

type Reader<Value> = (text: string) => Parsed<Value>;
type Wording = { readonly form: string; readonly help: string };

/** The longest that a timer of Node.js can wait, in whole days. */
const LONGEST_DAYS = 24;
const LONGEST_LABEL = 100;

/** A flag without a value: present or not. */
export function toggle(help: string): Flag<boolean> {
  return { help, read: (given) => good(given.length > 0) };
}

/** A flag with one value and a default. */
export function one<Value>(read: Reader<Value>, wording: Wording & { readonly defaultText: string }): Flag<Value> {
  return { ...wording, read: ([text = wording.defaultText]) => read(text) };
}

/** A flag with one value that may be left out. */
export function optional<Value>(read: Reader<Value>, wording: Wording): Flag<Value | undefined> {
  return { ...wording, read: ([text]) => (text === undefined ? good(undefined) : read(text)) };
}

/** A flag that may be given several times; none is an empty list unless there is a default. */
export function many<Value>(
  read: Reader<Value>,
  wording: Wording & { readonly defaultText?: string },
): Flag<readonly Value[]> {
  const { defaultText } = wording;
  const otherwise = defaultText === undefined ? [] : [defaultText];
  return { ...wording, repeatable: true, read: (given) => all(given.length > 0 ? given : otherwise, read) };
}

function all<Value>(texts: readonly string[], read: Reader<Value>): Parsed<readonly Value[]> {
  const values: Value[] = [];
  for (const text of texts) {
    const result = read(text);
    if (!result.ok) return result;
    values.push(result.value);
  }
  return good(values);
}

/** Any text. */
export function text(given: string): Parsed<string> {
  return good(given);
}

/** A duration as Prometheus writes it, in milliseconds. */
export function duration(leastMs: number): Reader<number> {
  return (given) => {
    const ms = parseDuration(given);
    if (ms === undefined) return bad(DURATION_FORM, given);
    if (ms < leastMs) return { ok: false, problem: `must be more than 0, not ${show(given)}` };
    if (ms > LONGEST_DAYS * 24 * 3600 * 1000) return bad(`at most ${LONGEST_DAYS}d`, given);
    return good(ms);
  };
}

/** A number of seconds, 0 or more, such as 0.5. */
export function seconds(given: string): Parsed<number> {
  return /^\d{1,6}(\.\d{1,9})?$/.test(given) ? good(Number(given)) : bad('a number of seconds such as 0.5', given);
}

/** One of a few words. */
export function choice<const Value extends string>(values: readonly Value[]): Reader<Value> {
  return (given) => {
    const found = values.find((value) => value === given);
    if (found !== undefined) return good(found);
    const meant = suggestion(given, values);
    return meant === ''
      ? bad(`one of ${values.join(', ')}`, given)
      : { ok: false, problem: `cannot be ${show(given)}${meant}` };
  };
}

/** [host]:port, as in Prometheus: ":9715" is every address, port 0 any free port. */
export function listenAddress(given: string): Parsed<ListenAddress> {
  const found = /^(?:\[([0-9a-f:.]+(?:%[^\s\]]+)?)\]|([^\s:[\]/]*)):(\d{1,5})$/i.exec(given);
  const port = Number(found?.[3] ?? Number.NaN);
  if (found === null || port > 65535) return bad('[host]:port such as :9715 or 127.0.0.1:9715', given);
  const host = found[1] ?? found[2] ?? '';
  return good(host === '' ? { port } : { host, port });
}

/** A value that a label can have: something to read, on one line. */
export function labelValue(given: string): Parsed<string> {
  const isText =
    given.trim() !== '' && given.length <= LONGEST_LABEL && !/[\p{Cc}\p{Cs}\u2028\u2029\ufffd]/u.test(given);
  return isText
    ? good(given)
    : bad(`a short name such as zurich, at most ${LONGEST_LABEL} characters on one line`, given);
}

/** A name that a certificate can be for. */
export function hostName(given: string): Parsed<string> {
  const name = given.toLowerCase();
  return parseAddress(`${name}:1`).ok && parseIp(name) === undefined ? good(name) : bad('a host name', given);
}

/** The URL under which users reach the exporter: http or https, nothing after the path. */
export function externalUrl(given: string): Parsed<URL> {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  const plain = url !== undefined && /^https?:$/.test(url.protocol) && !/[?#]/.test(given) && url.username === '';
  return plain ? good(url) : bad('a URL such as https://example.com/ports/', given);
}

/** The path that all routes stand under: "/ports", never with a slash at the end; "" for none. */
export function routePrefix(given: string): Parsed<string> {
  const path = given.replace(/^\/+|\/+$/g, '');
  return /^[\w.~/-]*$/.test(path) ? good(path === '' ? '' : `/${path}`) : bad('a path such as /ports', given);
}

function good<Value>(value: Value): { ok: true; value: Value } {
  return { ok: true, value };
}

function bad(what: string, given: string): { ok: false; problem: string } {
  return { ok: false, problem: `must be ${what}, not ${show(given)}` };
}

const SHOWN = 80;

/** What was given, in a message: quoted, short and on one line. */
export function show(given: string): string {
  return JSON.stringify(given.length > SHOWN ? `${given.slice(0, SHOWN)}...` : given);
}
