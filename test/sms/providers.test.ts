import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { describe, expect, test } from 'vitest';
import type { HttpConfig } from '../../src/sms/config.ts';
import { SecretProblem } from '../../src/sms/secret.ts';
import { listenOn, peer } from '../helpers/peers.ts';
import { http, sender, TEXT, twilio, vonage } from './senders.ts';
import { ANNA, secretOf } from './setup.ts';
import { type Reply, standIn, TAKEN, twilioError } from './stand-in.ts';

const vonageStatus = (status: unknown, rest = {}): Reply => ({
  status: 200,
  body: { 'message-count': '1', messages: [{ status, ...rest }] },
});

describe('twilio', () => {
  test('is asked with a form and basic authentication', async () => {
    await using provider = await standIn(() => TAKEN);
    expect(await sender(twilio(provider))()).toBeUndefined();
    expect(provider.received).toMatchObject([
      {
        method: 'POST',
        path: '/2010-04-01/Accounts/AC123/Messages.json',
        headers: {
          authorization: `Basic ${Buffer.from('AC123:token').toString('base64')}`,
          'content-type': 'application/x-www-form-urlencoded',
          'user-agent': 'port-exporter/1.2.3',
        },
        form: { To: ANNA, From: 'PORTS', Body: TEXT.text },
      },
    ]);
  });

  test('may have a messaging service instead of a sender', async () => {
    await using provider = await standIn(() => TAKEN);
    await sender({ ...twilio(provider), from: undefined, messagingServiceSid: 'MG1' })();
    expect(provider.received[0]?.form).toEqual({ To: ANNA, MessagingServiceSid: 'MG1', Body: TEXT.text });
  });

  test.each<[Reply, object]>([
    [
      twilioError(400, 21211, 'bad number'),
      { reason: 'invalid_number', detail: expect.stringContaining('bad number') },
    ],
    [twilioError(400, 21610), { reason: 'invalid_number' }],
    [twilioError(401, 20003), { reason: 'authentication' }],
    [twilioError(403, 21408), { reason: 'rejected' }],
    [twilioError(400, 21602), { reason: 'rejected' }],
    [twilioError(429, 20429), { reason: 'rate_limited', retryAfterMs: 1000 }],
    [twilioError(400, 21611), { reason: 'rate_limited', retryAfterMs: 1000 }],
    [
      { status: 429, headers: { 'retry-after': '7' } },
      { reason: 'rate_limited', retryAfterMs: 7000 },
    ],
    [
      { status: 500, body: '<html>' },
      { reason: 'provider_error', detail: 'HTTP 500: <html>' },
    ],
    [
      { status: 503, headers: { 'retry-after': '7' } },
      { reason: 'provider_error', retryAfterMs: 7000 },
    ],
    [{ status: 401, body: '' }, { reason: 'authentication' }],
    [{ status: 301, headers: { location: '/' } }, { reason: 'rejected' }],
    ['reset', { reason: 'unknown' }],
    [
      { status: 200, body: '<html>' },
      { reason: 'unexpected_response', detail: 'HTTP 200 without the sid of a message' },
    ],
    [{ status: 202, body: { sid: 5 } }, { reason: 'unexpected_response' }],
    [{ status: 200, body: '{"sid":"S', ends: 'cut' }, { reason: 'unknown' }],
    [
      { status: 400, body: `bad ${Buffer.from('AC123:token').toString('base64')}` },
      { detail: 'HTTP 400: bad <secret>' },
    ],
  ])('that answers %j', async (reply, expected) => {
    await using provider = await standIn(() => reply);
    expect(await sender(twilio(provider))()).toMatchObject(expected);
    expect(provider.received).toHaveLength(1);
  });
});

test.each<Reply>([
  { status: 201, body: '' },
  { status: 200, body: { sid: 'SM1' } },
])('twilio takes the SMS with %j', async (reply) => {
  await using provider = await standIn(() => reply);
  expect(await sender(twilio(provider))()).toBeUndefined();
});

describe('vonage', () => {
  test('is asked with a form, the number without its plus sign', async () => {
    await using provider = await standIn(() => vonageStatus('0'));
    expect(await sender(vonage(provider))()).toBeUndefined();
    expect(await sender(vonage(provider))({ text: '数', alphabet: 'ucs2' })).toBeUndefined();
    const common = { api_key: 'key', api_secret: 'shh', from: 'PORTS', to: ANNA.slice(1) };
    expect(provider.received.map(({ path, form }) => ({ path, form }))).toEqual([
      { path: '/sms/json', form: { ...common, text: TEXT.text, type: 'text' } },
      { path: '/sms/json', form: { ...common, text: '数', type: 'unicode' } },
    ]);
  });

  test.each<[Reply, object]>([
    [vonageStatus('1'), { reason: 'rate_limited', retryAfterMs: 1000 }],
    [vonageStatus('5', { 'error-text': 'internal' }), { reason: 'provider_error', detail: 'status 5: internal' }],
    [vonageStatus('4', { 'error-text': 'Bad shh' }), { reason: 'authentication', detail: 'status 4: Bad <secret>' }],
    [vonageStatus('7'), { reason: 'invalid_number' }],
    [vonageStatus('9'), { reason: 'rejected' }],
    [vonageStatus('constructor'), { reason: 'rejected' }],
    [vonageStatus(undefined), { reason: 'unexpected_response' }],
    [vonageStatus({ toString: 1 }), { reason: 'unexpected_response' }],
    [vonageStatus('9', { 'error-text': { toString: 1 } }), { reason: 'rejected', detail: 'status 9: no explanation' }],
    [{ status: 200, body: '{"messages":[', ends: 'cut' }, { reason: 'unknown' }],
    [{ status: 200, body: {} }, { reason: 'unexpected_response' }],
    [{ status: 200, body: { messages: [null] } }, { reason: 'unexpected_response' }],
    [{ status: 200, body: '<html>' }, { reason: 'unexpected_response' }],
    [{ status: 502, body: '<html>' }, { reason: 'provider_error' }],
  ])('that answers %j', async (reply, expected) => {
    await using provider = await standIn(() => reply);
    expect(await sender(vonage(provider))()).toMatchObject(expected);
  });
});

describe('http', () => {
  test('sends JSON of any shape, with headers and secrets', async () => {
    await using provider = await standIn(() => ({ status: 202 }));
    const config = http(provider, {
      method: 'PUT',
      headers: { 'X-Account': 'acme', 'User-Agent': 'pager' },
      secretHeaders: { Authorization: secretOf('Key 1') },
      fields: { messages: [{ to: ['{to}'], body: '{from}: {text}', urgent: true, ttl: 60 }] },
      secretFields: { key: secretOf('k') },
    });
    expect(await sender(config)()).toBeUndefined();
    const [request] = provider.received;
    expect(request).toMatchObject({
      method: 'PUT',
      path: '/send?account=7',
      headers: {
        'x-account': 'acme',
        'user-agent': 'pager',
        authorization: 'Key 1',
        'content-type': 'application/json',
      },
    });
    expect(JSON.parse(request?.body ?? '')).toEqual({
      messages: [{ to: [ANNA], body: `PORTS: ${TEXT.text}`, urgent: true, ttl: 60 }],
      key: 'k',
    });
  });

  test('sends a form', async () => {
    await using provider = await standIn(() => ({ status: 200 }));
    await sender(http(provider, { format: 'form', secretFields: { key: secretOf('k') } }))();
    expect(provider.received[0]?.form).toEqual({ to: ANNA, text: TEXT.text, key: 'k' });
  });

  test.each<[Partial<HttpConfig>, number, string | undefined]>([
    [{}, 204, undefined],
    [{}, 400, 'rejected'],
    [{}, 408, 'provider_error'],
    [{}, 403, 'authentication'],
    [{ successStatuses: [202] }, 202, undefined],
    [{ successStatuses: [202] }, 200, 'rejected'],
    [{ retryStatuses: [409] }, 409, 'provider_error'],
  ])('with %j and status %i', async (overrides, status, reason) => {
    await using provider = await standIn(() => ({ status }));
    expect((await sender(http(provider, overrides))())?.reason).toBe(reason);
  });

  test('says which secret cannot be read, and asks nobody', async () => {
    await using provider = await standIn(() => TAKEN);
    const read = () => {
      throw new SecretProblem('the secret in /key is empty');
    };
    const config = http(provider, { secretHeaders: { 'X-Key': { file: '/key', read } } });
    expect(await sender(config)()).toEqual({ reason: 'secret_unreadable', detail: 'the secret in /key is empty' });
    expect(provider.received).toEqual([]);
  });

  test('says when a secret fits into no header', async () => {
    await using provider = await standIn(() => TAKEN);
    const config = http(provider, { secretHeaders: { 'X-Key': secretOf('schlüssel→') } });
    expect(await sender(config)()).toMatchObject({ reason: 'secret_unreadable' });
    expect(provider.received).toEqual([]);
  });

  test('sends nothing to a server whose certificate nobody vouches for', async () => {
    const fixture = (name: string) => readFileSync(new URL(`../fixtures/tls/self-signed.${name}`, import.meta.url));
    let asked = 0;
    const server = createServer({ key: fixture('key'), cert: fixture('crt') }, () => asked++);
    const port = await listenOn(server);
    const sent = await sender(http({ url: `https://127.0.0.1:${port}` }))();
    await new Promise((resolve) => server.close(resolve));
    expect(sent).toEqual({ reason: 'network', detail: `127.0.0.1:${port}: DEPTH_ZERO_SELF_SIGNED_CERT` });
    expect(asked).toBe(0);
  });

  test('gives up after the timeout, wherever the time went', async () => {
    await using hanging = await standIn(() => 'hang');
    expect(await sender(http(hanging), 30)()).toMatchObject({ reason: 'unknown' });
    await using deaf = await peer();
    const url = `https://127.0.0.1:${deaf.port}`;
    expect(await sender(http({ url }), 30)()).toMatchObject({ reason: 'timeout' });
    const { port } = new URL(hanging.url);
    await hanging[Symbol.asyncDispose]();
    expect(await sender(http({ url: `http://127.0.0.1:${port}` }))()).toEqual({
      reason: 'network',
      detail: `127.0.0.1:${port}: ECONNREFUSED`,
    });
  });
});
