import { validateHeaderName, validateHeaderValue } from 'node:http';
import { z } from 'zod';
import { choice, count, duration, list, strict, text } from '../config/leaves.ts';
import { level } from '../config/parts.ts';
import { show } from '../config/wording.ts';
import { PROVIDER_NAMES } from './config.ts';
import { ENCODINGS } from './text.ts';

/** E.164: a plus sign, the country code, and the rest; 15 digits at most. */
export const PHONE = /^\+[1-9]\d{6,14}$/;

function phone() {
  return text('a phone number such as "+4915112345678"').regex(PHONE, {
    error: ({ input }) => `${show(input)} is not a phone number: write it with + and the country code, digits only`,
  });
}

function phones() {
  return list(phone(), 'a list of phone numbers').min(1, { error: () => 'must have at least one phone number' });
}

function nonEmpty(what: string) {
  return text(what).min(1, { error: () => `must be ${what}, not empty` });
}

function baseUrl() {
  return text('a URL').transform((written, context) => {
    const url = URL.canParse(written) ? new URL(written) : undefined;
    if (url === undefined || !/^https?:$/.test(url.protocol))
      context.addIssue(`must be a URL such as https://sms.example.com/send, not ${show(written)}`);
    else if (url.username !== '' || url.password !== '')
      context.addIssue('must not hold a user or a password: secrets come from files');
    else return url;
    return z.NEVER;
  });
}

function mapping<Value extends z.ZodType>(value: Value, what: string) {
  return z.record(z.string(), value, { error: () => `must be ${what}` });
}

/** Names of headers that carry secrets. */
const SECRET_HEADERS = /^(?:authorization|proxy-authorization|cookie)$/i;

function headers(value: 'text' | 'file') {
  return mapping(
    nonEmpty(value === 'file' ? 'the name of a file' : 'text'),
    'a mapping of header names to values',
  ).superRefine((all, context) => {
    for (const [name, content] of Object.entries(all)) {
      const complaint = headerComplaint(name, value === 'text' ? content : undefined);
      if (complaint !== undefined) context.addIssue({ code: 'custom', path: [name], message: complaint });
    }
  });
}

function headerComplaint(name: string, content: string | undefined): string | undefined {
  try {
    validateHeaderName(name);
    if (content !== undefined) validateHeaderValue(name, content);
  } catch {
    return 'is not a header that HTTP can carry';
  }
  const secret = content !== undefined && SECRET_HEADERS.test(name);
  return secret ? 'secrets come from files: write it under header_files, with the name of a file' : undefined;
}

function statuses() {
  const wrong = { error: () => 'must be an HTTP status from 200 to 599' };
  return list(z.int(wrong).min(200, wrong).max(599, wrong), 'a list of HTTP statuses');
}

/** The provider is read level by level, so that one mistake hides no other. */
export const TWILIO = level(
  strict({
    account_sid: text('the account SID of Twilio').regex(/^AC\w+$/, {
      error: () => 'must be the account SID of Twilio, which starts with AC',
    }),
    auth_token_file: nonEmpty('the name of a file'),
    from: nonEmpty('the number or name of the sender').optional(),
    messaging_service_sid: nonEmpty('the SID of a messaging service').optional(),
    url: baseUrl().optional(),
  }),
);

export const VONAGE = level(
  strict({
    api_key: nonEmpty('the API key of Vonage'),
    api_secret_file: nonEmpty('the name of a file'),
    from: nonEmpty('the number or name of the sender'),
    url: baseUrl().optional(),
  }),
);

export const HTTP = level(
  strict({
    url: baseUrl(),
    method: choice(['POST', 'PUT']).optional(),
    headers: headers('text').optional(),
    header_files: headers('file').optional(),
    format: choice(['json', 'form']).optional(),
    from: nonEmpty('the number or name of the sender').optional(),
    fields: mapping(z.unknown(), 'a mapping of the fields of the body, such as { to: "{to}", text: "{text}" }'),
    field_files: mapping(nonEmpty('the name of a file'), 'a mapping of field names to names of files').optional(),
    success_statuses: statuses().optional(),
    retry_statuses: statuses().optional(),
  }),
);

export const PROVIDER = level(
  strict(
    { twilio: z.unknown().optional(), vonage: z.unknown().optional(), http: z.unknown().optional() },
    `a mapping with one of the keys ${PROVIDER_NAMES.join(', ')}`,
  ),
);

const RATE = 'must be a number of messages per second, such as 1 or 0.5';

export const FILE = level(
  strict({
    bearer_token_file: nonEmpty('the name of a file'),
    recipients: phones().optional(),
    receivers: mapping(phones(), 'a mapping of receiver names to lists of phone numbers').nullish(),
    provider: z.unknown().optional(),
    timeout: duration().optional(),
    retry_window: duration().optional(),
    duplicate_window: duration().optional(),
    state_file: nonEmpty('the name of a file').optional(),
    encoding: choice(ENCODINGS).optional(),
    max_concurrency: count().optional(),
    messages_per_second: z
      .number({ error: () => RATE })
      .min(0.01, { error: () => `${RATE}, not less than 0.01` })
      .optional(),
  }),
);

/** Every key there is, by where it stands: the reference of the file is checked against it. */
export const KEYS: Readonly<Record<string, readonly string[]>> = {
  '': Object.keys(FILE.schema.shape),
  'provider.': Object.keys(PROVIDER.schema.shape),
  'provider.twilio.': Object.keys(TWILIO.schema.shape),
  'provider.vonage.': Object.keys(VONAGE.schema.shape),
  'provider.http.': Object.keys(HTTP.schema.shape),
};
