import { expect, vi } from 'vitest';
import { portDown, SOON, startMessages } from '../helpers/e2e-alert-messages.ts';
import { smsTexts } from '../helpers/e2e-alert-recorder.ts';
import { needs } from '../helpers/programs.ts';

needs('prometheus-alertmanager')('a port that was open was not down', async (stage) => {
  const chain = await startMessages(stage);
  const startsAt = new Date(Date.now() - 65_000);
  const reason = 'unexpectedly_open in connect from zrh: a port that should be closed accepts connections';
  const open = { ...portDown({ alertname: 'PortUnexpectedlyOpen' }, { reason }), startsAt };
  await chain.alertmanager.post(open);
  await vi.waitFor(() => expect(chain.sns.received).toHaveLength(1), SOON);
  await chain.alertmanager.post({ ...open, endsAt: new Date(startsAt.getTime() + 65_000) });
  await vi.waitFor(() => expect(chain.sns.received).toHaveLength(2), SOON);

  expect(smsTexts(chain.sns, 'Message')).toEqual([
    `CRITICAL PortUnexpectedlyOpen: orders-db db1:5432, unexpectedly_open in connect from zrh, since ${startsAt.toISOString().slice(11, 16)} UTC`,
    'OK PortUnexpectedlyOpen: orders-db db1:5432, open 1m5s',
  ]);
});
