import { expect, test } from 'vitest';
import { createLogger } from '../../src/core/log.ts';
import { Bridge } from '../../src/sms/bridge.ts';
import { SmsMetrics } from '../../src/sms/metrics.ts';
import type { Provider } from '../../src/sms/sending.ts';
import { notification, ORDERS } from './notifications.ts';
import { ANNA, BEN, fakeTime } from './setup.ts';

function bridgeOver(send: Provider['send'], maxConcurrency = 4): Bridge {
  return new Bridge({
    provider: { name: 'http', send },
    metrics: new SmsMetrics({ version: '1', provider: 'http' }),
    log: createLogger({ level: 'error', format: 'logfmt', write: () => {}, now: () => 0 }),
    time: fakeTime(),
    encoding: 'gsm7',
    retryWindowMs: 3_600_000,
    duplicateWindowMs: 300_000,
    maxConcurrency,
    messagesPerSecond: undefined,
    stateFile: undefined,
  });
}

const ROUTE = { name: '', recipients: [ANNA, BEN] };

test('a provider that throws for one recipient keeps nobody else from the SMS', async () => {
  const bridge = bridgeOver(async (to) => {
    if (to === ANNA) throw new Error('a mistake');
    return undefined;
  });
  expect(await bridge.notify(notification([ORDERS]), ROUTE)).toEqual({
    result: 'retry',
    summary: '1 of 2 have the SMS: unexpected_response',
  });
});

test('after a stop what was asked is finished, and nobody else is asked', async () => {
  const asked: string[] = [];
  const bridge = bridgeOver(async (to) => {
    asked.push(to);
    bridge.stop();
    return undefined;
  }, 1);
  const down = notification([ORDERS]);
  expect(await bridge.notify(down, ROUTE)).toEqual({ result: 'retry', summary: '1 of 2 have the SMS: paused' });
  expect(await bridge.notify({ ...down, groupKey: 'next' }, ROUTE)).toMatchObject({
    result: 'retry',
    summary: '0 of 2 have the SMS: paused',
  });
  expect(asked).toEqual([ANNA]);
});
