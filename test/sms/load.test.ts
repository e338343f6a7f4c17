import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { SmsConfig } from '../../src/sms/config.ts';
import { secretIn } from '../../src/sms/secret.ts';
import { temporaryDirectory } from '../cli/temporary.ts';
import { load } from './loading.ts';

const TWILIO = 'account_sid: AC1, auth_token_file: token, from: "+15550100"';
const MINIMAL = `bearer_token_file: token\nrecipients: ["+4915112345678"]\nprovider:\n  twilio: {${TWILIO}}\n`;

type Lines = Readonly<Record<string, string>>;

/** The smallest configuration with some lines changed, added or, when empty, left out. */
function withLines(changes: Lines): string {
  const lines: Lines = {
    bearer_token_file: 'token',
    recipients: '["+4915112345678"]',
    provider: `{twilio: {${TWILIO}}}`,
    ...changes,
  };
  return Object.entries(lines)
    .filter(([, value]) => value !== '')
    .map(([key, value]) => `${key}: ${value}\n`)
    .join('');
}

const http = (rest: string) => ({ provider: `{http: {url: "https://sms.example.com/", ${rest}}}` });
const FIELDS = 'fields: {to: "{to}", text: "{text}"}';

describe('a good configuration', () => {
  test('has defaults for what is not written', async () => {
    const { config, problems, token } = await load(MINIMAL);
    expect(problems).toEqual([]);
    expect(token).toBe('/dir/token');
    expect(config).toMatchObject<Partial<SmsConfig>>({
      recipients: ['+4915112345678'],
      receivers: new Map(),
      timeoutMs: 10_000,
      retryWindowMs: 3_600_000,
      duplicateWindowMs: 300_000,
      stateFile: undefined,
      encoding: 'gsm7',
      maxConcurrency: 4,
      messagesPerSecond: undefined,
    });
    expect(config?.provider).toMatchObject({ name: 'twilio', accountSid: 'AC1', from: '+15550100' });
    expect(config?.provider.url.href).toBe('https://api.twilio.com/');
  });

  test.each<[Lines]>([
    [{ recipients: '', receivers: '{oncall: ["+4915112345678"], managers: ["+4915187654321"]}' }],
    [{ receivers: '' }],
    [{ timeout: '5s', retry_window: '2h', duplicate_window: '1m', state_file: 'state.json', encoding: 'auto' }],
    [{ max_concurrency: '1', messages_per_second: '0.5' }],
    [{ retry_window: '1m' }],
    [
      {
        provider:
          '{twilio: {account_sid: AC1, auth_token_file: token, messaging_service_sid: MG1, url: "http://127.0.0.1:1"}}',
      },
    ],
    [{ provider: '{vonage: {api_key: k, api_secret_file: token, from: Ports}}' }],
    [http(FIELDS)],
    [
      http(
        `${FIELDS}, method: PUT, format: form, headers: {X-A: b}, header_files: {Authorization: token}, field_files: {key: token}`,
      ),
    ],
    [
      http(
        'from: Ports, fields: {messages: [{to: ["{to}"], text: "{from} {text}", n: 1}]}, success_statuses: [202], retry_statuses: [409]',
      ),
    ],
  ])('is %j', async (changes) => {
    expect((await load(withLines(changes))).problems).toEqual([]);
  });
});

test('a secret is what is in its file without what an editor puts around it', async () => {
  await using directory = await temporaryDirectory();
  const file = await directory.file('token', '\uFEFF hush hush \r\n');
  expect(secretIn(file).read()).toBe('hush hush');
});

describe('a configuration with one mistake', () => {
  test.each<[Lines, string]>([
    [{ bearer_token_file: '' }, 'sms.yml:1:1: bearer_token_file: is missing: it must be the name of a file'],
    [
      { bearer_token_file: 'nowhere' },
      'sms.yml:1:20: bearer_token_file: the secret in /dir/nowhere cannot be read: it does not exist',
    ],
    [{ bearer_token_file: '.' }, 'bearer_token_file: the secret in /dir cannot be read: it is a directory'],
    [{ bearer_token_file: 'empty' }, 'bearer_token_file: the secret in /dir/empty is empty'],
    [{ bearer_token_file: 'lines' }, 'bearer_token_file: the secret in /dir/lines must be one line of text'],
    [
      { recipients: '' },
      'recipients is missing: it must be a list of phone numbers, unless every receiver is under receivers',
    ],
    [{ recipients: '[]' }, 'sms.yml:2:13: recipients: must have at least one phone number'],
    [
      { recipients: '[+4915112345678]' },
      'recipients[0]: must be a phone number such as "+4915112345678", not 4915112345678: put it in quotes',
    ],
    [
      { recipients: '["0151 2345678"]' },
      'recipients[0]: "0151 2345678" is not a phone number: write it with + and the country code, digits only',
    ],
    [
      { recipients: '["+4915112345678", "+4915112345678"]' },
      'sms.yml:2:32: recipients[1]: is listed twice: keep one of them',
    ],
    [{ receivers: '{oncall: ["1"]}' }, 'receivers.oncall[0]: "1" is not a phone number'],
    [{ recipients: '', receivers: '{}' }, 'receivers: must name at least one receiver, unless there are recipients'],
    [{ receivers: '[a]' }, 'receivers: must be a mapping of receiver names to lists of phone numbers'],
    [{ provider: '' }, 'provider: is missing: it must be a mapping with one of the keys twilio, vonage, http'],
    [{ provider: '{}' }, 'sms.yml:3:11: provider: must be one of twilio, vonage, http, but is none'],
    [
      { provider: `{twilio: {${TWILIO}}, vonage: {api_key: k, api_secret_file: token, from: P}}` },
      'provider: must be one of twilio, vonage, http, but has 2 of them, twilio and vonage',
    ],
    [{ provider: '{twillio: {}}' }, 'provider.twillio: "twillio" is not a known key: did you mean twilio?'],
    [
      { provider: '{twilio: {account_sid: SK1, auth_token_file: token, from: P}}' },
      'provider.twilio.account_sid: must be the account SID of Twilio, which starts with AC',
    ],
    [
      { provider: '{twilio: {account_sid: AC1, auth_token_file: token}}' },
      'provider.twilio: must have either from or messaging_service_sid',
    ],
    [
      { provider: `{twilio: {${TWILIO}, messaging_service_sid: MG1}}` },
      'provider.twilio: must have either from or messaging_service_sid',
    ],
    [
      { provider: '{twilio: {account_sid: AC1, auth_token_file: nowhere, from: P}}' },
      'provider.twilio.auth_token_file: the secret in /dir/nowhere cannot be read',
    ],
    [
      { provider: `{twilio: {${TWILIO}, url: "ftp://x"}}` },
      'provider.twilio.url: must be a URL such as https://sms.example.com/send, not "ftp://x"',
    ],
    [
      { provider: '{vonage: {api_key: k, api_secret_file: nowhere, from: P}}' },
      'provider.vonage.api_secret_file: the secret in /dir/nowhere',
    ],
    [
      { provider: `{http: {url: "https://u:p@x/", ${FIELDS}}}` },
      'provider.http.url: must not hold a user or a password: secrets come from files',
    ],
    [http('fields: {to: "{to}"}'), 'provider.http.fields: no field has {text}: the provider would not know it'],
    [
      http('fields: {to: "{number}", text: "{to}{text}"}'),
      'provider.http.fields.to: "{number}" is not known: write {to}, {text} or {from}',
    ],
    [
      http('fields: {to: "{to}", text: "{text}{from}"}'),
      'provider.http.fields: {from} is used, but from is not set beside fields',
    ],
    [
      http('format: form, fields: {to: ["{to}"], text: "{text}"}'),
      'provider.http.fields.to: must be text: a form has no nested fields',
    ],
    [http('fields: [a]'), 'provider.http.fields: must be a mapping of the fields of the body'],
    [
      http(`${FIELDS}, headers: {Authorization: x}`),
      'provider.http.headers.Authorization: secrets come from files: write it under header_files',
    ],
    [http(`${FIELDS}, headers: {"a b": x}`), 'provider.http.headers["a b"]: is not a header that HTTP can carry'],
    [
      http(`${FIELDS}, header_files: {Authorization: nowhere}`),
      'provider.http.header_files.Authorization: the secret in /dir/nowhere',
    ],
    [
      http(`${FIELDS}, success_statuses: [99]`),
      'provider.http.success_statuses[0]: must be an HTTP status from 200 to 599',
    ],
    [http(`${FIELDS}, method: GET`), 'provider.http.method: must be POST or PUT, not "GET"'],
    [{ timeout: '5' }, 'timeout: needs a unit: write 5s for 5 seconds'],
    [
      { duplicate_window: '2h' },
      'sms.yml:4:19: duplicate_window: 2h is longer than the retry window 1h: it must not be',
    ],
    [{ state_file: 'no/state.json' }, 'sms.yml:4:13: state_file: no file can be made in /dir/no: it does not exist'],
    [{ encoding: 'gsm' }, 'encoding: must be gsm7 or auto, not "gsm"'],
    [{ max_concurrency: '0' }, 'max_concurrency: must be a whole number of at least 1, not 0'],
    [
      { messages_per_second: '0' },
      'messages_per_second: must be a number of messages per second, such as 1 or 0.5, not less than 0.01',
    ],
    [{ recipient: '[]' }, 'recipient: "recipient" is not a known key: did you mean recipients?'],
  ])('%j', async (changes, expected) => {
    const { problems } = await load(withLines(changes));
    expect(problems).toEqual([expect.stringContaining(expected)]);
  });

  test.each([
    ['', 'the file is empty'],
    ['- a', 'must be a mapping'],
    ['a: [', 'is not YAML'],
  ])('%j', async (text, expected) => {
    const { problems } = await load(text);
    expect(problems[0]).toContain(expected);
  });
});

test('every mistake is said at once, in the order of the file', async () => {
  const text = withLines({
    bearer_token_file: 'nowhere',
    recipients: '["1", "+4915112345678"]',
    timeout: '0s',
    provider: '{http: {url: x}}',
    extra: '1',
  });
  expect((await load(text)).problems.map((line) => line.split(': ')[1])).toEqual([
    'bearer_token_file',
    'recipients[0]',
    'provider.http.fields',
    'provider.http.url',
    'timeout',
    'extra',
  ]);
});

test.each([
  [
    'where no file can be made',
    'gone/real.json',
    [expect.stringContaining('state_file: no file can be made in /dir/gone: it')],
  ],
  ['where the file is still to be made', 'real.json', []],
])('a state file may be a link: %s', async (_, target, problems) => {
  await using elsewhere = await temporaryDirectory();
  const link = join(elsewhere.path, 'state.json');
  symlinkSync(join(elsewhere.path, target), link);
  const loaded = await load(withLines({ state_file: link }));
  expect(loaded.problems.map((line) => line.replaceAll(elsewhere.path, '/dir'))).toEqual(problems);
});
