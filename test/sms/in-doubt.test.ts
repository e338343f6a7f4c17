import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryDirectory } from '../cli/temporary.ts';
import { notification, ORDERS } from './notifications.ts';
import { ANNA, BEN, fakeTime, runningBridge } from './setup.ts';
import { type Received, type Reply, TAKEN } from './stand-in.ts';

const MINUTE = 60_000;
const DOWN = notification([ORDERS]);
const UNKNOWN = '0 of 1 have the SMS: unknown\n';

describe('a provider that has the request and does not answer', () => {
  test.each<Reply>(['hang', 'reset'])(
    '%j: is asked twice in an hour, however often Alertmanager tries',
    async (reply) => {
      await using bridge = await runningBridge(() => reply, { recipients: [ANNA], timeoutMs: 100 });
      const asked: number[] = [];
      for (let minute = 0; minute < 59; minute++) {
        expect(await bridge.post(DOWN)).toMatchObject({ status: 503, body: UNKNOWN });
        asked.push(bridge.provider.received.length);
        bridge.time.pass(MINUTE);
      }
      expect(asked).toEqual([...Array(5).fill(1), ...Array(54).fill(2)]);
      expect((await bridge.samples()).value('port_exporter_sms_failed_total', { reason: 'unknown' })).toBe(2);
    },
  );

  test('is remembered by a restart', async () => {
    await using directory = await temporaryDirectory();
    const stateFile = join(directory.path, 'state.json');
    const time = fakeTime();
    {
      await using before = await runningBridge(() => 'reset', { recipients: [ANNA], stateFile }, time);
      await before.post(DOWN);
    }
    await using after = await runningBridge(() => TAKEN, { recipients: [ANNA], stateFile }, time);
    expect(await after.post(DOWN)).toMatchObject({ status: 503, body: UNKNOWN });
    expect(after.provider.received).toEqual([]);
    time.pass(5 * MINUTE);
    expect(await after.post(DOWN)).toMatchObject({ status: 200 });
  });
});

describe('a notification that some have', () => {
  const onlyAnna = ({ form }: Received): Reply => (form['To'] === ANNA ? TAKEN : { status: 500 });

  test('is done after the duplicate window, so that Alertmanager says when the alert is over', async () => {
    await using bridge = await runningBridge(onlyAnna);
    for (const status of [503, 503, 503, 503, 503, 200]) {
      expect(await bridge.post(DOWN)).toMatchObject({ status, body: '1 of 2 have the SMS: provider_error\n' });
      bridge.time.pass(MINUTE);
    }
    expect(bridge.provider.taken()).toEqual({ [ANNA]: 1 });
    expect(bridge.logged.join('')).toContain(
      'level=error msg="notification not delivered to everybody: Alertmanager may',
    );
  });

  test('that nobody has is never done', async () => {
    await using bridge = await runningBridge(() => ({ status: 500 }));
    for (let i = 0; i < 10; i++) {
      expect((await bridge.post(DOWN)).status).toBe(503);
      bridge.time.pass(4 * MINUTE);
    }
  });
});

test('a pause that begins while a recipient waits for its turn holds for that recipient too', async () => {
  const limited: Reply = { status: 429, headers: { 'retry-after': '120' } };
  await using bridge = await runningBridge((_, count) => (count === 1 ? limited : TAKEN), { maxConcurrency: 1 });
  expect((await bridge.post(DOWN)).body).toBe('0 of 2 have the SMS: rate_limited, paused\n');
  expect(bridge.provider.received.map(({ form }) => form['To'])).toEqual([ANNA]);
  expect(bridge.provider.taken()).not.toHaveProperty(BEN);
});
