import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryDirectory } from '../cli/temporary.ts';
import { alert, notification, ORDERS, resolved } from './notifications.ts';
import { ANNA, BEN, fakeTime, type RunningBridge, runningBridge } from './setup.ts';
import { type Received, type Reply, TAKEN } from './stand-in.ts';

const MINUTE = 60_000;
const DOWN = notification([ORDERS]);
const OVER = notification([resolved(ORDERS.labels)]);

/** What Anna has on her phone, the first word of each SMS. */
function phone({ provider }: RunningBridge): readonly (string | undefined)[] {
  const hers = provider.received.filter(({ form }) => form['To'] === ANNA);
  return hers.map(({ form }) => form['Body']?.split(' ', 1)[0]);
}

describe('an alert that fires again since the same time as before', () => {
  test('is said each time, and so is its end', async () => {
    await using bridge = await runningBridge(() => TAKEN);
    for (const of of [DOWN, OVER, DOWN, OVER, DOWN]) {
      expect(await bridge.post(of)).toMatchObject({ status: 200, body: '2 of 2 have the SMS\n' });
      bridge.time.pass(MINUTE);
    }
    expect(phone(bridge)).toEqual(['CRITICAL', 'OK', 'CRITICAL', 'OK', 'CRITICAL']);
  });

  test('is not said when the second Alertmanager of a pair is late', async () => {
    await using bridge = await runningBridge(() => TAKEN);
    await bridge.post(DOWN);
    bridge.time.pass(MINUTE);
    for (const of of [OVER, DOWN, OVER]) {
      expect((await bridge.post(of)).status).toBe(200);
      bridge.time.pass(15_000 - 1);
    }
    bridge.time.pass(MINUTE);
    expect((await bridge.post(OVER)).body).toBe('2 of 2 have had this SMS already\n');
    expect(phone(bridge)).toEqual(['CRITICAL', 'OK']);
  });

  test('is said after a restart too', async () => {
    await using directory = await temporaryDirectory();
    const stateFile = join(directory.path, 'state.json');
    const time = fakeTime();
    {
      await using before = await runningBridge(() => TAKEN, { stateFile }, time);
      for (const of of [DOWN, OVER]) await before.post(of);
    }
    time.pass(MINUTE);
    await using after = await runningBridge(() => TAKEN, { stateFile }, time);
    for (const of of [OVER, DOWN]) await after.post(of);
    expect(phone(after)).toEqual(['CRITICAL']);
  });

  test('is said beside others that go on', async () => {
    await using bridge = await runningBridge(() => TAKEN);
    const other = alert({ name: 'shop' });
    const both = notification([ORDERS, other]);
    const one = notification([resolved(ORDERS.labels), other]);
    for (const of of [both, one, both, one]) {
      expect((await bridge.post(of)).body).toBe('2 of 2 have the SMS\n');
      bridge.time.pass(MINUTE);
    }
    expect(phone(bridge)).toHaveLength(4);
  });

  test('is said to those only who have been told that it is over', async () => {
    const benHasNoEnd = ({ form }: Received): Reply =>
      form['To'] === BEN && form['Body']?.startsWith('OK') ? { status: 500 } : TAKEN;
    await using bridge = await runningBridge(benHasNoEnd);
    await bridge.post(DOWN);
    expect(await bridge.post(OVER)).toMatchObject({ status: 503 });
    bridge.time.pass(MINUTE);
    expect(await bridge.post(DOWN)).toMatchObject({ status: 200, body: '2 of 2 have the SMS\n' });
    expect(bridge.provider.taken()).toEqual({ [ANNA]: 3, [BEN]: 1 });
  });

  test('is another matter than another group', async () => {
    await using bridge = await runningBridge(() => TAKEN);
    await bridge.post(DOWN);
    await bridge.post({ ...OVER, groupKey: 'other' });
    bridge.time.pass(MINUTE);
    expect((await bridge.post(DOWN)).body).toBe('2 of 2 have had this SMS already\n');
  });
});
