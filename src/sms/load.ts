import { accessSync, constants } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Problem } from '../config/config.ts';
import { readText } from '../config/document.ts';
import { type Part, readPart } from '../config/parts.ts';
import type { Path } from '../config/path.ts';
import { type Finding, type Report, toProblems } from '../config/problems.ts';
import { formatDuration } from '../core/duration.ts';
import type { SmsConfig } from './config.ts';
import { linkedSync } from './link.ts';
import { type Reading, readProvider, secretAt } from './load-provider.ts';
import { FILE } from './schema.ts';
import { fileTrouble } from './secret.ts';

export type LoadedSms =
  | { readonly ok: true; readonly config: SmsConfig }
  | { readonly ok: false; readonly problems: readonly Problem[] };

type Written = Part<typeof FILE>;

const DEFAULTS = {
  timeout: 10_000,
  retry_window: 3_600_000,
  duplicate_window: 300_000,
  max_concurrency: 4,
} as const;

const MINIMAL = 'it needs at least bearer_token_file, recipients and provider';

/** Reads the configuration of the bridge: all of it, or every problem at once, secrets that cannot be read included. */
export function loadSmsConfig(file: string, text: string): LoadedSms {
  const read = readText(text);
  const findings: Finding[] = [...read.problems];
  const reading: Reading = { directory: dirname(resolve(file)), report: (finding) => findings.push(finding) };
  const config = read.value === undefined ? undefined : understand(read.value, reading);
  if (config === undefined || findings.length > 0)
    return { ok: false, problems: toProblems(file, findings, read.locate) };
  return { ok: true, config };
}

function understand(value: unknown, reading: Reading): SmsConfig | undefined {
  const { report } = reading;
  if (value === null) {
    report({ path: [], message: `the file is empty: ${MINIMAL}` });
    return undefined;
  }
  const written = readPart(FILE, value, [], report);
  const receivers = new Map(Object.entries(written.receivers ?? {}));
  checkRecipients(value, written, report);
  const windows = readWindows(written, report);
  const stateFile = readStateFile(written.state_file, reading);
  const bearerToken = secretAt(written.bearer_token_file, ['bearer_token_file'], reading);
  const provider = readProvider(written.provider, reading);
  if (bearerToken === undefined || provider === undefined) return undefined;
  return {
    bearerToken,
    recipients: written.recipients,
    receivers,
    provider,
    timeoutMs: written.timeout ?? DEFAULTS.timeout,
    ...windows,
    stateFile,
    encoding: written.encoding ?? 'gsm7',
    maxConcurrency: written.max_concurrency ?? DEFAULTS.max_concurrency,
    messagesPerSecond: written.messages_per_second,
  };
}

function checkRecipients(value: unknown, { recipients, receivers }: Written, report: Report): void {
  // Asked of the file, not of what was right in it: a wrong number is not a missing one.
  const keys = Object.keys(value as object);
  if (!keys.includes('recipients') && !keys.includes('receivers'))
    report({
      path: [],
      message: 'recipients is missing: it must be a list of phone numbers, unless every receiver is under receivers',
    });
  if (!keys.includes('recipients') && keys.includes('receivers') && receivers && Object.keys(receivers).length === 0)
    report({ path: ['receivers'], message: 'must name at least one receiver, unless there are recipients' });
  checkTwice(recipients, ['recipients'], report);
  for (const [name, numbers] of Object.entries(receivers ?? {})) checkTwice(numbers, ['receivers', name], report);
}

function checkTwice(numbers: readonly string[] | undefined, path: Path, report: Report): void {
  for (const [i, number] of (numbers ?? []).entries())
    if (numbers?.indexOf(number) !== i) report({ path: [...path, i], message: 'is listed twice: keep one of them' });
}

function readWindows(written: Written, report: Report): { retryWindowMs: number; duplicateWindowMs: number } {
  const retryWindowMs = written.retry_window ?? DEFAULTS.retry_window;
  const duplicateWindowMs = written.duplicate_window ?? Math.min(DEFAULTS.duplicate_window, retryWindowMs);
  if (duplicateWindowMs > retryWindowMs)
    report({
      path: ['duplicate_window'],
      message: `${formatDuration(duplicateWindowMs)} is longer than the retry window ${formatDuration(retryWindowMs)}: it must not be`,
    });
  return { retryWindowMs, duplicateWindowMs };
}

/** The file itself is made when it is not there; where it is to be, or where a link leads, must exist. */
function readStateFile(file: string | undefined, { directory, report }: Reading): string | undefined {
  if (file === undefined) return undefined;
  const whole = resolve(directory, file);
  let place = dirname(whole);
  try {
    place = dirname(linkedSync(whole));
    accessSync(place, constants.W_OK);
  } catch (error) {
    report({ path: ['state_file'], message: `no file can be made in ${place}: ${fileTrouble(error)}` });
  }
  return whole;
}
