import { describe, expect, test, vi } from 'vitest';
import { alert, notification, ORDERS, resolved } from './notifications.ts';
import { ANNA, BEN, runningBridge } from './setup.ts';
import { type Received, type Reply, TAKEN, twilioError } from './stand-in.ts';

const MINUTE = 60_000;
const DOWN = notification([ORDERS]);
const broken: Reply = { status: 500, body: 'oops' };

/** Fails for Ben as long as the replies last, and takes everything else. */
function failingForBen(...replies: readonly Reply[]) {
  const left = [...replies];
  return ({ form }: Received): Reply => (form['To'] === BEN ? (left.shift() ?? TAKEN) : TAKEN);
}

describe('a notification', () => {
  test('becomes one SMS to each recipient', async () => {
    await using bridge = await runningBridge(() => TAKEN);
    expect(await bridge.post(DOWN)).toMatchObject({ status: 200, body: '2 of 2 have the SMS\n' });
    expect(bridge.provider.received.map(({ form }) => form)).toEqual(
      [ANNA, BEN].map((To) => ({
        To,
        From: '+15550100',
        Body: 'CRITICAL PortDown: orders-db db1:5432, connection_refused in connect, since 06:31 UTC',
      })),
    );
  });

  test('with 500 alerts is one SMS too', async () => {
    await using bridge = await runningBridge(() => TAKEN, { recipients: [ANNA] });
    const alerts = Array.from({ length: 500 }, (_, i) =>
      alert({ name: `db-${i}` }, { annotations: { summary: 'ü'.repeat(2000) } }),
    );
    expect((await bridge.post(notification(alerts))).status).toBe(200);
    expect(bridge.provider.taken()).toEqual({ [ANNA]: 1 });
  });

  test('is another one when an alert joins, is over, or fires anew', async () => {
    await using bridge = await runningBridge(() => TAKEN, { recipients: [ANNA] });
    const later = alert(ORDERS.labels, { startsAt: '2026-11-22T09:00:00Z' });
    const all = [
      [ORDERS],
      [ORDERS, alert({ name: 'x' })],
      [ORDERS, resolved({ name: 'x' })],
      [resolved(ORDERS.labels)],
      [later],
    ];
    for (const alerts of all) expect(await bridge.post(notification(alerts))).toMatchObject({ status: 200 });
    expect(bridge.provider.taken()).toEqual({ [ANNA]: 5 });
  });

  test('for another receiver is another one', async () => {
    await using bridge = await runningBridge(() => TAKEN, { recipients: [ANNA] });
    await bridge.post(DOWN);
    await bridge.post({ ...DOWN, receiver: 'other' });
    expect(bridge.provider.taken()).toEqual({ [ANNA]: 2 });
  });
});

describe('a provider that fails for a while', () => {
  test.each<[string, Reply, string]>([
    ['500', broken, 'provider_error'],
    ['503 with a long Retry-After', { status: 503, headers: { 'retry-after': '60' } }, 'provider_error'],
    ['429 with a long Retry-After', { status: 429, headers: { 'retry-after': '60' } }, 'rate_limited'],
  ])('%s: 503 to Alertmanager, and only the unserved get it at the retry', async (_, reply, reason) => {
    await using bridge = await runningBridge(failingForBen(reply));
    expect(await bridge.post(DOWN)).toMatchObject({ status: 503, body: `1 of 2 have the SMS: ${reason}\n` });
    bridge.time.pass(90_000);
    expect(await bridge.post(DOWN)).toMatchObject({ status: 200, body: '2 of 2 have the SMS\n' });
    expect(bridge.provider.taken()).toEqual({ [ANNA]: 1, [BEN]: 1 });
    const samples = await bridge.samples();
    expect(samples.value('port_exporter_sms_sent_total')).toBe(2);
    expect(samples.value('port_exporter_sms_failed_total', { reason })).toBe(1);
    expect(samples.value('port_exporter_sms_retries_total')).toBe(1);
    expect(samples.value('port_exporter_sms_suppressed_total')).toBe(1);
    expect(samples.value('port_exporter_sms_notifications_total', { result: 'retry' })).toBe(1);
    expect(samples.value('port_exporter_sms_notifications_total', { result: 'delivered' })).toBe(1);
  });

  test('is tried again by every retry, however many there are', async () => {
    await using bridge = await runningBridge(failingForBen(broken, broken, broken));
    for (const status of [503, 503, 503, 200, 200]) {
      expect(await bridge.post(DOWN)).toMatchObject({ status });
      bridge.time.pass(MINUTE);
    }
    expect(bridge.provider.taken()).toEqual({ [ANNA]: 1, [BEN]: 1 });
  });

  test('is waited for when it asks for a few seconds', async () => {
    await using bridge = await runningBridge(failingForBen({ status: 429, headers: { 'retry-after': '3' } }));
    expect(await bridge.post(DOWN)).toMatchObject({ status: 200 });
    expect(bridge.time.waits).toEqual([3000]);
    expect((await bridge.samples()).value('port_exporter_sms_retries_total')).toBe(1);
  });

  test('is left alone when it asks for longer, and Alertmanager is told how long', async () => {
    const limited: Reply = { status: 429, headers: { 'retry-after': '120' } };
    await using bridge = await runningBridge((_, count) => (count === 1 ? limited : TAKEN), { maxConcurrency: 1 });
    const first = await bridge.post(DOWN);
    expect(first).toMatchObject({ status: 503, body: '0 of 2 have the SMS: rate_limited, paused\n' });
    expect(first.headers['retry-after']).toBe('120');
    bridge.time.pass(60_000);
    expect((await bridge.post(DOWN)).headers['retry-after']).toBe('60');
    expect(bridge.provider.received).toHaveLength(1);
    bridge.time.pass(58_000);
    expect(await bridge.post(DOWN)).toMatchObject({ status: 200 });
    expect(bridge.provider.taken()).toEqual({ [ANNA]: 1, [BEN]: 1 });
  });

  test('is not left alone for longer than five minutes', async () => {
    const limited: Reply = { status: 429, headers: { 'retry-after': '86400' } };
    await using bridge = await runningBridge((_, count) => (count === 1 ? limited : TAKEN), { recipients: [ANNA] });
    expect((await bridge.post(DOWN)).headers['retry-after']).toBe('300');
  });
});

describe('a provider that refuses', () => {
  test.each<[string, Reply, string]>([
    ['a number that is none', twilioError(400, 21211), 'invalid_number'],
    ['the credentials', twilioError(401, 20003), 'authentication'],
    ['the request', twilioError(400, 21602), 'rejected'],
    ['with a redirect', { status: 302, headers: { location: 'http://127.0.0.1:1/' } }, 'rejected'],
  ])('%s: 422, because no retry would help', async (_, reply, reason) => {
    await using bridge = await runningBridge(() => reply, { recipients: [ANNA] });
    expect(await bridge.post(DOWN)).toMatchObject({ status: 422, body: `0 of 1 have the SMS: ${reason}\n` });
    expect(bridge.provider.received).toHaveLength(1);
    const samples = await bridge.samples();
    expect(samples.value('port_exporter_sms_failed_total', { reason })).toBe(1);
    expect(samples.value('port_exporter_sms_notifications_total', { result: 'refused' })).toBe(1);
    expect(bridge.logged.filter((line) => line.includes('level=error'))).toEqual([
      expect.stringContaining(`to=...5678 receiver=sms reason=${reason}`),
      expect.stringContaining('no retry would help'),
    ]);
  });

  test('one number does not keep Alertmanager from the others: it would not say that the alert is over', async () => {
    const refusal = twilioError(400, 21211);
    await using bridge = await runningBridge(failingForBen(refusal, refusal));
    expect(await bridge.post(DOWN)).toMatchObject({ status: 200, body: '1 of 2 have the SMS: invalid_number\n' });
    expect((await bridge.samples()).value('port_exporter_sms_notifications_total', { result: 'partial' })).toBe(1);
    expect(bridge.logged.filter((line) => line.includes('level=error'))).toHaveLength(2);
    bridge.time.pass(240 * MINUTE);
    expect(await bridge.post(DOWN)).toMatchObject({ status: 200 });
    expect(bridge.provider.taken()).toEqual({ [ANNA]: 2 });
  });

  test('every number is told to Alertmanager each time', async () => {
    await using bridge = await runningBridge(() => twilioError(401, 20003));
    for (const status of [422, 422, 422]) expect(await bridge.post(DOWN)).toMatchObject({ status });
  });

  test('one number while it fails for another: 503, and the refused one is not tried again', async () => {
    const replies: Record<string, Reply[]> = { [ANNA]: [broken, TAKEN], [BEN]: [twilioError(400, 21211)] };
    await using bridge = await runningBridge(({ form }) => replies[form['To'] ?? '']?.shift() ?? broken);
    expect(await bridge.post(DOWN)).toMatchObject({ status: 503 });
    expect(await bridge.post(DOWN)).toMatchObject({ status: 200, body: '1 of 2 have the SMS: invalid_number\n' });
    expect(bridge.provider.received.map(({ form }) => form['To'])).toEqual([ANNA, BEN, ANNA]);
  });

  test('is asked again when Alertmanager comes back by itself: somebody may have mended it', async () => {
    await using bridge = await runningBridge(failingForBen(twilioError(401, 20003)), { recipients: [BEN] });
    expect(await bridge.post(DOWN)).toMatchObject({ status: 422 });
    bridge.time.pass(5 * MINUTE);
    expect(await bridge.post(DOWN)).toMatchObject({ status: 200 });
    expect(bridge.provider.taken()).toEqual({ [BEN]: 1 });
  });

  test('is not quoted with the number or a secret', async () => {
    const message = `The 'To' number ${ANNA} (+49 151 1234 5678) is not valid for twilio-token`;
    await using bridge = await runningBridge(() => twilioError(400, 21211, message), { recipients: [ANNA] });
    await bridge.post(DOWN);
    const log = bridge.logged.join('');
    expect(log).toContain('...5678');
    expect(log).not.toMatch(/1234|twilio-token/);
  });
});

describe('the same notification', () => {
  test('is sent once when two Alertmanagers send it at the same time, and both get the answer', async () => {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    await using bridge = await runningBridge(async () => {
      await released;
      return TAKEN;
    });
    const posts = [bridge.post(DOWN), bridge.post(DOWN)];
    await vi.waitFor(async () => expect((await bridge.samples()).value('port_exporter_sms_in_flight')).toBe(2));
    release();
    expect((await Promise.all(posts)).map(({ status }) => status)).toEqual([200, 200]);
    expect(bridge.provider.taken()).toEqual({ [ANNA]: 1, [BEN]: 1 });
  });

  test('is not sent again when our answer was lost and Alertmanager keeps trying', async () => {
    await using bridge = await runningBridge(() => TAKEN);
    for (let tries = 0; tries < 10; tries++) {
      expect((await bridge.post(DOWN)).status).toBe(200);
      bridge.time.pass(4 * MINUTE);
    }
    expect(bridge.provider.taken()).toEqual({ [ANNA]: 1, [BEN]: 1 });
    expect((await bridge.samples()).value('port_exporter_sms_notifications_total', { result: 'duplicate' })).toBe(9);
  });

  test.each([
    ['after a silence of the duplicate window', [5 * MINUTE]],
    ['after repeat_interval', [240 * MINUTE]],
    ['after the retry window, even without a silence', Array(15).fill(4 * MINUTE)],
  ])('is a repeat %s, and goes to everybody again', async (_, steps) => {
    await using bridge = await runningBridge(() => TAKEN);
    await bridge.post(DOWN);
    for (const step of steps) {
      bridge.time.pass(step);
      await bridge.post(DOWN);
    }
    expect(bridge.provider.taken()).toEqual({ [ANNA]: 2, [BEN]: 2 });
  });

  test('is not sent again to who has it while another recipient fails for hours', async () => {
    await using bridge = await runningBridge(({ form }) => (form['To'] === ANNA ? TAKEN : broken));
    for (let i = 0; i < 14; i++) {
      await bridge.post(DOWN);
      bridge.time.pass(4 * MINUTE);
    }
    expect(bridge.provider.taken()).toEqual({ [ANNA]: 1 });
  });

  test('is the same when Alertmanagers do not agree on when the alert was over', async () => {
    await using bridge = await runningBridge(() => TAKEN, { recipients: [ANNA] });
    for (const endsAt of ['2026-11-22T06:32:05Z', '2026-11-22T06:32:09Z'])
      expect((await bridge.post(notification([resolved(ORDERS.labels, { endsAt })]))).status).toBe(200);
    expect(bridge.provider.taken()).toEqual({ [ANNA]: 1 });
  });
});
