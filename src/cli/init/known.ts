import { readFileSync } from 'node:fs';
import { unreadable } from '../../config/file.ts';
import type { Parsed } from '../../core/endpoint.ts';
import type { InitSettings } from '../flags.ts';
import type { Answers, SmsAnswers } from './answers.ts';
import { PROVIDERS } from './providers.ts';
import type { Defaults } from './questions.ts';
import { account, type Reader, secret, webhook } from './readers.ts';

/** What the flags say, secrets read from their files; or what is wrong with it. */
export function knownFrom(settings: InitSettings): Parsed<Defaults> {
  const url = fromFile('slack-url-file', settings, webhook);
  if (!url.ok) return url;
  const sms = smsFrom(settings);
  if (!sms.ok) return sms;
  const targets = [...new Set(settings.target)];
  const known: Defaults = {
    local: settings.local || targets.length === 0,
    targets,
    intervalMs: settings.interval,
    failures: settings.failures,
    directory: settings.directory,
    ...(url.value !== undefined && { slackUrl: url.value }),
    ...(sms.value !== undefined && { sms: sms.value }),
  };
  return { ok: true, value: known };
}

const OF_SMS = ['sms-account', 'sms-from', 'sms-secret-file'] as const;

function smsFrom(settings: InitSettings): Parsed<Partial<SmsAnswers> | undefined> {
  const provider = settings['sms-provider'];
  if (provider === undefined) {
    const stray = settings.phone.length > 0 ? 'phone' : OF_SMS.find((flag) => settings[flag] !== undefined);
    return stray === undefined
      ? { ok: true, value: undefined }
      : { ok: false, problem: `--${stray} needs --sms-provider` };
  }
  const id = settings['sms-account'];
  const read = id === undefined ? undefined : account(provider)(id);
  if (read?.ok === false) return { ok: false, problem: `--sms-account ${read.problem}` };
  const hidden = fromFile('sms-secret-file', settings, secret(PROVIDERS[provider].secret.is));
  if (!hidden.ok) return hidden;
  const from = settings['sms-from'];
  const known: Partial<SmsAnswers> = {
    provider,
    phones: [...new Set(settings.phone)],
    ...(read !== undefined && { account: read.value }),
    ...(from !== undefined && { from }),
    ...(hidden.value !== undefined && { secret: hidden.value }),
  };
  return { ok: true, value: known };
}

/** The secret in a file that a flag names. The message names the file, never what is in it. */
function fromFile(
  flag: 'slack-url-file' | 'sms-secret-file',
  settings: InitSettings,
  read: Reader<string>,
): Parsed<string | undefined> {
  const file = settings[flag];
  if (file === undefined) return { ok: true, value: undefined };
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    return { ok: false, problem: `--${flag}: ${file} ${unreadable(error)}` };
  }
  const value = read(text);
  return value.ok ? value : { ok: false, problem: `--${flag}: what ${file} holds ${value.problem}` };
}

/** The answers, where nobody is to be asked for what is missing. */
export function complete({ sms, ...known }: Defaults): Parsed<Answers> {
  if (sms === undefined) return { ok: true, value: known };
  const { provider, phones = [], account: id, from, secret: hidden } = sms;
  if (phones.length === 0) return missing('phone');
  if (id === undefined) return missing('sms-account');
  if (from === undefined) return missing('sms-from');
  if (hidden === undefined || provider === undefined) return missing('sms-secret-file');
  return { ok: true, value: { ...known, sms: { provider, phones, account: id, from, secret: hidden } } };
}

function missing(flag: string): { ok: false; problem: string } {
  return { ok: false, problem: `--${flag} is missing: with --yes, SMS need all of their flags` };
}
