import { counted } from '../../core/counted.ts';
import { formatDuration } from '../../core/duration.ts';
import type { Parsed } from '../../core/endpoint.ts';
import type { Prompt, Question } from '../prompt.ts';
import type { Answers, SmsAnswers } from './answers.ts';
import { PROVIDER_NAMES, PROVIDERS, type ProviderName } from './providers.ts';
import { account, address, failures, interval, line, phone, type Reader, secret, webhook } from './readers.ts';

/** What is known before anybody is asked: from flags, or by default. */
export type Defaults = Omit<Answers, 'sms'> & { readonly sms?: Partial<SmsAnswers> };

/** Asks the five questions. Enter takes what is known already. Throws Stopped. */
export async function askAll(prompt: Prompt, known: Defaults, listening: number): Promise<Answers> {
  const what = await prompt.ask(whatQuestion(known, listening));
  const often = await prompt.ask({
    text: '2/5 How often is each of them checked, and after how many failures in a row\n    is it down?',
    otherwise: `${formatDuration(known.intervalMs)} ${known.failures}`,
    read: readOften,
  });
  const slackUrl = known.slackUrl ?? (await prompt.ask(SLACK));
  const sms = await askSms(prompt, known.sms);
  const directory = await prompt.ask(whereQuestion(known.directory));
  return {
    ...what,
    ...often,
    ...(slackUrl !== undefined && { slackUrl }),
    ...(sms !== undefined && { sms }),
    directory,
  };
}

/** Where to: asked again where that will not do. */
export function whereQuestion(otherwise: string): Question<string> {
  return { text: '5/5 Where are the files to be written?', otherwise, read: line('a directory') };
}

type What = Pick<Answers, 'local' | 'targets'>;

function whatQuestion({ local, targets }: Defaults, listening: number) {
  return {
    text: `1/5 What is to be watched? Addresses such as db.internal:5432, with spaces between them,
    and "local" for all that listens on this machine (${counted(listening, 'port')} now)`,
    otherwise: [...(local ? ['local'] : []), ...targets].join(' '),
    read: readWhat,
  };
}

function readWhat(answer: string): Parsed<What> {
  const written = [...new Set(answer.split(/[\s,]+/).filter((word) => word !== ''))];
  const read = all(
    written.filter((word) => word !== 'local'),
    address,
  );
  if (!read.ok) return read;
  if (written.length === 0) return { ok: false, problem: 'must be addresses, or local' };
  return { ok: true, value: { local: written.includes('local'), targets: read.value } };
}

function readOften(answer: string): Parsed<Pick<Answers, 'intervalMs' | 'failures'>> {
  const [often = '', times = '2', ...more] = answer.split(/[\s,]+/);
  const [intervalMs, count] = [interval(often), failures(times)];
  if (!intervalMs.ok) return intervalMs;
  if (!count.ok) return count;
  return more.length > 0
    ? { ok: false, problem: 'must be a duration and a number, such as 60s 2' }
    : { ok: true, value: { intervalMs: intervalMs.value, failures: count.value } };
}

const SLACK: Question<string | undefined> = {
  text: '3/5 Messages to Slack? The address of an incoming webhook, which is not shown,\n    or Enter for none',
  hidden: true,
  read: (answer) => (answer === '' ? { ok: true, value: undefined } : webhook(answer)),
};

async function askSms(prompt: Prompt, known: Partial<SmsAnswers> = {}): Promise<SmsAnswers | undefined> {
  const provider = await prompt.ask({
    text: `4/5 SMS for what is critical? ${PROVIDER_NAMES.join(', ')} or none`,
    otherwise: known.provider ?? 'none',
    read: readProvider,
  });
  if (provider === undefined) return undefined;
  const phones = await prompt.ask({
    text: '    Who gets them? Phones with + and the country code, with spaces between them\n    Phones',
    ...(known.phones?.length && { otherwise: known.phones.join(' ') }),
    read: readPhones,
  });
  const { account: form, secret: hidden } = PROVIDERS[provider];
  const own = known.provider === provider ? known : {};
  return {
    provider,
    phones,
    account: await prompt.ask({
      text: `    ${capital(form.is)}`,
      ...(own.account !== undefined && { otherwise: own.account }),
      read: account(provider),
    }),
    from: await prompt.ask({
      text: '    Number or name of the sender',
      ...(own.from !== undefined && { otherwise: own.from }),
      read: line('the number or name of the sender'),
    }),
    secret:
      own.secret ??
      (await prompt.ask({ text: `    ${capital(hidden.is)} (not shown)`, hidden: true, read: secret(hidden.is) })),
  };
}

function readProvider(answer: string): Parsed<ProviderName | undefined> {
  const word = answer.toLowerCase();
  if (word === 'none' || word === 'no') return { ok: true, value: undefined };
  const found = PROVIDER_NAMES.find((name) => name === word);
  return found === undefined
    ? { ok: false, problem: `must be ${PROVIDER_NAMES.join(', ')} or none; for any other provider see docs/sms.md` }
    : { ok: true, value: found };
}

function readPhones(answer: string): Parsed<readonly string[]> {
  const written = [...new Set(answer.split(/[\s,]+/).filter((word) => word !== ''))];
  if (written.length === 0) return { ok: false, problem: 'must be at least one phone number, such as +4915112345678' };
  return all(written, phone);
}

function all<Value>(texts: readonly string[], read: Reader<Value>): Parsed<readonly Value[]> {
  const values: Value[] = [];
  for (const text of texts) {
    const result = read(text);
    if (!result.ok) return result;
    values.push(result.value);
  }
  return { ok: true, value: values };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
