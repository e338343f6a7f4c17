import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { SecretProblem } from '../../src/sms/secret.ts';
import { body, notification, ORDERS } from './notifications.ts';
import { ANNA, ask, BEN, runningBridge } from './setup.ts';
import { TAKEN } from './stand-in.ts';

const DOWN = notification([ORDERS]);

describe('POST /alertmanager', () => {
  test.each([[''], ['Bearer wrong'], ['Bearer'], ['Basic aHVzaC1odXNo'], ['hush-hush']])(
    'is refused with the authorization %j',
    async (authorization) => {
      await using bridge = await runningBridge(() => TAKEN);
      const { status, headers } = await bridge.post(DOWN, '/alertmanager', { authorization });
      expect(status).toBe(401);
      expect(headers['www-authenticate']).toMatch(/^Bearer /);
      expect(bridge.provider.received).toEqual([]);
      expect((await bridge.samples()).value('port_exporter_sms_notifications_total', { result: 'unauthorized' })).toBe(
        1,
      );
      expect(bridge.logged.join('')).not.toContain('hush-hush');
    },
  );

  test('reads the token each time, and sends Alertmanager away for later when it cannot', async () => {
    let token = 'first';
    const read = () => {
      if (token === '') throw new SecretProblem('the secret in /token is empty');
      return token;
    };
    await using bridge = await runningBridge(() => TAKEN, { bearerToken: { file: '/token', read } });
    const post = (of: string) => bridge.post(DOWN, '/alertmanager', { authorization: `bearer ${of}` });
    expect((await post('first')).status).toBe(200);
    token = 'second';
    expect((await post('first')).status).toBe(401);
    expect((await post('second')).status).toBe(200);
    token = '';
    expect(await post('')).toMatchObject({ status: 503, body: 'the secret in /token is empty\n' });
  });

  test('tells of guesses once a minute for each client, and of every notification that it cannot take', async () => {
    await using bridge = await runningBridge(() => TAKEN);
    const guess = () => bridge.post(DOWN, '/alertmanager', { authorization: 'Bearer guess' });
    for (let i = 0; i < 5; i++) await guess();
    for (let i = 0; i < 2; i++) await bridge.post('{');
    const refused = () => bridge.logged.filter((line) => line.includes('msg="request refused"'));
    const statuses = () => refused().map((line) => /status=\d+/.exec(line)?.[0]);
    expect(statuses()).toEqual(['status=401', 'status=400', 'status=400']);
    bridge.time.pass(60_000);
    await guess();
    expect(refused().at(-1)).toMatch(/status=401 .*client=127\.0\.0\.1 before=4\n$/);
    expect((await bridge.samples()).value('port_exporter_sms_notifications_total', { result: 'unauthorized' })).toBe(6);
  });

  const missing = (name: string) => {
    const { [name]: _, ...rest } = JSON.parse(body(DOWN));
    return JSON.stringify(rest);
  };
  const withAlert = (change: object) => body({ ...DOWN, alerts: [{ ...ORDERS, ...change }] });
  test.each([
    ['', /the body is not JSON/],
    ['{', /the body is not JSON/],
    ['[]', /the body: must be a mapping$/m],
    ['null', /the body: must be a mapping$/m],
    [missing('groupKey'), /: groupKey: must be text$/m],
    [missing('alerts'), /: alerts: must be a list of at least one alert$/m],
    [body({ ...DOWN, alerts: [] }), /: alerts: must be a list of at least one alert$/m],
    [
      JSON.stringify({ ...JSON.parse(body(DOWN)), truncatedAlerts: -1 }),
      /: truncatedAlerts: must be a whole number of at least 0$/m,
    ],
    [withAlert({ status: 'pending' }), /: alerts\[0\]\.status: must be firing or resolved$/m],
    [withAlert({ labels: { name: 5 } }), /: alerts\[0\]\.labels\.name: /],
    [withAlert({ startsAt: 5 }), /: alerts\[0\]\.startsAt: /],
  ])('answers 400 to %s and names the field', async (sent, reason) => {
    await using bridge = await runningBridge(() => TAKEN);
    const { status, body: said } = await bridge.post(sent);
    expect(said).toMatch(reason);
    expect(said).toMatch(/^[^\n]+\n$/);
    expect(status).toBe(400);
    expect((await bridge.samples()).value('port_exporter_sms_notifications_total', { result: 'invalid' })).toBe(1);
    expect(bridge.logged.join('')).toContain('msg="request refused"');
  });

  test.each([
    ['labels', `{${Array.from({ length: 200_000 }, (_, i) => `"l${i}":1`).join(',')}}`, 'alerts[0].labels.l0'],
    ['startsAt', '1}'.concat(',1'.repeat(1_000_000), ',{"a":1'), 'alerts[0].startsAt'],
  ])('looks no further than the first mistake in megabytes of them: %s', async (name, value, field) => {
    const rest = name === 'startsAt' ? '' : ',"startsAt":""';
    const sent = `{"groupKey":"","status":"firing","receiver":"sms","alerts":[{"status":"firing"${rest},"${name}":${value}}]}`;
    await using bridge = await runningBridge(() => TAKEN);
    const before = process.memoryUsage().heapUsed;
    const { status, body: said } = await bridge.post(sent);
    expect(status).toBe(400);
    expect(said).toContain(`: ${field}: `);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(200_000_000);
  });

  test('answers 400 to bytes that are no UTF-8', async () => {
    await using bridge = await runningBridge(() => TAKEN);
    const headers = { authorization: 'Bearer hush-hush' };
    const sent = Buffer.from([0x22, 0xff, 0x22]);
    expect(await ask(`${bridge.url}/alertmanager`, { method: 'POST', headers, body: sent })).toMatchObject({
      status: 400,
      body: 'the body is not UTF-8\n',
    });
  });

  test.each([
    ['an unknown version', { version: '5', somethingNew: { a: 1 } }],
    ['alerts without labels and annotations', { alerts: [{ ...ORDERS, labels: undefined, annotations: null }] }],
    [
      'labels with the names of builtins',
      { alerts: [{ ...ORDERS, labels: { constructor: 'x', ['__proto__']: 'y' } }] },
    ],
  ])('takes %s', async (_, change) => {
    await using bridge = await runningBridge(() => TAKEN);
    expect(await bridge.post(JSON.stringify({ ...JSON.parse(body(DOWN)), ...change }))).toMatchObject({ status: 200 });
  });

  test('answers 413 to a body of more than 4 MB, with and without its length', async () => {
    await using bridge = await runningBridge(() => TAKEN);
    const long = Buffer.alloc(4 * 1024 * 1024 + 1, ' ');
    const authorization = 'Bearer hush-hush';
    const url = `${bridge.url}/alertmanager`;
    expect((await ask(url, { method: 'POST', headers: { authorization }, body: long })).status).toBe(413);
    const chunked = { authorization, 'transfer-encoding': 'chunked' };
    expect((await ask(url, { method: 'POST', headers: chunked, body: long })).status).toBe(413);
  });

  test('answers 415 to a packed body', async () => {
    await using bridge = await runningBridge(() => TAKEN);
    expect((await bridge.post(DOWN, '/alertmanager', { 'content-encoding': 'gzip' })).status).toBe(415);
  });

  test.each([
    ['/alertmanager', 'sms', { [ANNA]: 1 }],
    ['/alertmanager', 'oncall', { [BEN]: 1 }],
    ['/alertmanager?to=oncall', 'sms', { [BEN]: 1 }],
    ['/alertmanager?to=both', 'oncall', { [ANNA]: 1, [BEN]: 1 }],
  ])('at %s from the receiver %s goes to %j', async (path, receiver, expected) => {
    const receivers = new Map([
      ['oncall', [BEN]],
      ['both', [ANNA, BEN]],
    ]);
    await using bridge = await runningBridge(() => TAKEN, { recipients: [ANNA], receivers });
    expect((await bridge.post({ ...DOWN, receiver }, path)).status).toBe(200);
    expect(bridge.provider.taken()).toEqual(expected);
  });

  test.each([
    ['/alertmanager?to=oncal', '"oncal" is not a configured receiver (known: oncall)\n'],
    ['/alertmanager?to=a&to=b', 'to is given twice: name one receiver\n'],
    ['/alertmanager', '"sms" is not a configured receiver (known: oncall)\n'],
  ])('at %s is refused when there is nobody to send to', async (path, expected) => {
    await using bridge = await runningBridge(() => TAKEN, {
      recipients: undefined,
      receivers: new Map([['oncall', [BEN]]]),
    });
    expect(await bridge.post(DOWN, path)).toMatchObject({ status: 400, body: expected });
  });
});

describe('the other routes', () => {
  test.each([['/-/healthy'], ['/-/ready']])('%s answers without a token', async (path) => {
    await using bridge = await runningBridge(() => TAKEN);
    expect((await ask(bridge.url + path)).status).toBe(200);
    expect((await ask(bridge.url + path, { method: 'HEAD' })).status).toBe(200);
  });

  test('answer 400 to a request for no path', async () => {
    await using bridge = await runningBridge(() => TAKEN);
    const { hostname, port } = new URL(bridge.url);
    const asked = request({ hostname, port, method: 'POST', path: 'http://[', agent: false });
    asked.end();
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(400);
    response.resume();
  });

  test('name what would be right', async () => {
    await using bridge = await runningBridge(() => TAKEN);
    expect(await ask(`${bridge.url}/nothing`)).toMatchObject({
      status: 404,
      body: expect.stringContaining('/alertmanager'),
    });
    const wrong = await ask(`${bridge.url}/alertmanager`);
    expect(wrong).toMatchObject({ status: 405, body: '/alertmanager takes POST only\n' });
    expect(wrong.headers['allow']).toBe('POST');
  });

  test.each([
    ['text/plain', 'text/plain; version=0.0.4; charset=utf-8', '# TYPE port_exporter_sms_sent_total counter\n'],
    [
      'application/openmetrics-text',
      'application/openmetrics-text; version=1.0.0; charset=utf-8',
      '# TYPE port_exporter_sms_sent counter\n',
    ],
  ])('/metrics is there as %s', async (accept, type, line) => {
    await using bridge = await runningBridge(() => TAKEN);
    await bridge.post(DOWN);
    const { headers, body: text } = await ask(`${bridge.url}/metrics`, { headers: { accept } });
    expect(headers['content-type']).toBe(type);
    expect(text).toContain(line);
    expect(text).toContain('port_exporter_sms_sent_total{provider="twilio"} 2\n');
    expect(text).toContain('port_exporter_sms_build_info{version="1.2.3",nodeversion="');
    expect(text).toMatch(/_duration_seconds_bucket\{provider="twilio",le="\+Inf"\} 2\n/);
    expect(text.endsWith('# EOF\n')).toBe(accept !== 'text/plain');
  });
});
