import { resolve } from 'node:path';
import { readPart } from '../config/parts.ts';
import type { Path } from '../config/path.ts';
import type { Report } from '../config/problems.ts';
import { type HttpConfig, PROVIDER_NAMES, type ProviderConfig } from './config.ts';
import { readFields } from './fields.ts';
import { HTTP, PROVIDER, TWILIO, VONAGE } from './schema.ts';
import { type Secret, SecretProblem, secretIn } from './secret.ts';

/** What reading a part of the file needs: where names of files start, and where to tell what is wrong. */
export type Reading = { readonly directory: string; readonly report: Report };

const TWILIO_URL = 'https://api.twilio.com';
const VONAGE_URL = 'https://rest.nexmo.com';

/** The provider, undefined when something about it is wrong (then it has been reported). */
export function readProvider(value: unknown, reading: Reading): ProviderConfig | undefined {
  const path = ['provider'];
  const written = readPart(PROVIDER, value, path, reading.report);
  const named = PROVIDER_NAMES.filter((name) => written[name] !== undefined);
  if (named.length > 1 || (named.length === 0 && isEmpty(value))) {
    const what = named.length === 0 ? 'is none' : `has ${named.length} of them, ${named.join(' and ')}`;
    reading.report({ path, message: `must be one of ${PROVIDER_NAMES.join(', ')}, but ${what}` });
  }
  const [name] = named;
  if (name === undefined || named.length > 1) return undefined;
  return { twilio: readTwilio, vonage: readVonage, http: readHttp }[name](written[name], [...path, name], reading);
}

/** A mapping with no keys at all: one with others has been complained about. */
function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function readTwilio(value: unknown, path: Path, reading: Reading): ProviderConfig | undefined {
  const written = readPart(TWILIO, value, path, reading.report);
  const { account_sid: accountSid, from, messaging_service_sid: messagingServiceSid, url } = written;
  const senders = ['from', 'messaging_service_sid'].filter((key) => isWritten(value, key));
  if (senders.length !== 1) reading.report({ path, message: 'must have either from or messaging_service_sid' });
  const authToken = secretAt(written.auth_token_file, [...path, 'auth_token_file'], reading);
  if (accountSid === undefined || authToken === undefined) return undefined;
  return { name: 'twilio', url: url ?? new URL(TWILIO_URL), accountSid, authToken, from, messagingServiceSid };
}

function isWritten(value: unknown, key: string): boolean {
  return typeof value === 'object' && value !== null && key in value;
}

function readVonage(value: unknown, path: Path, reading: Reading): ProviderConfig | undefined {
  const { api_key: apiKey, from, url, ...rest } = readPart(VONAGE, value, path, reading.report);
  const apiSecret = secretAt(rest.api_secret_file, [...path, 'api_secret_file'], reading);
  if (apiKey === undefined || from === undefined || apiSecret === undefined) return undefined;
  return { name: 'vonage', url: url ?? new URL(VONAGE_URL), apiKey, apiSecret, from };
}

function readHttp(value: unknown, path: Path, reading: Reading): HttpConfig | undefined {
  const written = readPart(HTTP, value, path, reading.report);
  const { url, from, format = 'json' } = written;
  const fields = written.fields && readFields(written.fields, { format, from }, [...path, 'fields'], reading.report);
  const secretHeaders = secrets(written.header_files, [...path, 'header_files'], reading);
  const secretFields = secrets(written.field_files, [...path, 'field_files'], reading);
  if (url === undefined || fields === undefined) return undefined;
  return {
    name: 'http',
    url,
    method: written.method ?? 'POST',
    headers: written.headers ?? {},
    secretHeaders,
    format,
    from: from ?? '',
    fields,
    secretFields,
    successStatuses: written.success_statuses,
    retryStatuses: written.retry_statuses ?? [],
  };
}

function secrets(
  files: Readonly<Record<string, string>> | undefined,
  path: Path,
  reading: Reading,
): Readonly<Record<string, Secret>> {
  return Object.fromEntries(
    Object.entries(files ?? {}).flatMap(([name, file]) => {
      const secret = secretAt(file, [...path, name], reading);
      return secret === undefined ? [] : [[name, secret]];
    }),
  );
}

/** The secret in a file named in the configuration, relative to it; tried at once, so that a start with a wrong one fails. */
export function secretAt(file: string | undefined, path: Path, { directory, report }: Reading): Secret | undefined {
  if (file === undefined) return undefined;
  const found = secretIn(resolve(directory, file));
  try {
    found.read();
  } catch (error) {
    if (!(error instanceof SecretProblem)) throw error;
    report({ path, message: error.message });
  }
  return found;
}
