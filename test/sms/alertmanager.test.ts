import { expect, vi } from 'vitest';
import { startAlertmanager } from '../helpers/e2e-alertmanager.ts';
import { http } from '../helpers/e2e-http.ts';
import { freePort } from '../helpers/e2e-ports.ts';
import { Samples } from '../helpers/e2e-samples.ts';
import { needs } from '../helpers/programs.ts';
import { alertmanagerConfig, startBridge } from './child.ts';
import { ANNA, BEN } from './setup.ts';
import { standIn, TAKEN, twilioError } from './stand-in.ts';

const SOON = { timeout: 25_000, interval: 50 };
const LABELS = { alertname: 'PortDown', severity: 'critical', name: 'orders-db', target: 'db1:5432' };

needs('prometheus-alertmanager')(
  'a provider that fails twice costs nobody an SMS and sends nobody two, and what is over is said as well',
  async (stage) => {
    const provider = stage.keep(await standIn((_, count) => (count <= 2 ? { status: 500 } : TAKEN)));
    const bridge = await startBridge(stage, provider);
    const alertmanager = await startAlertmanager(stage, alertmanagerConfig(stage, bridge));
    const results = async (result: string) => {
      const { body } = await http(`${bridge.url}/metrics`);
      return new Samples(body).value('port_exporter_sms_notifications_total', { result });
    };
    const startsAt = new Date();

    await alertmanager.post({ labels: LABELS, annotations: { reason: 'timeout in connect' }, startsAt });

    await vi.waitFor(async () => expect(await results('delivered')).toBe(1), SOON);
    expect(await results('retry')).toBe(1);
    expect(provider.taken()).toEqual({ [ANNA]: 1, [BEN]: 1 });
    expect(provider.received.at(-1)?.form['Body']).toMatch(
      /^CRITICAL PortDown: orders-db db1:5432, timeout in connect, since \d\d:\d\d UTC$/,
    );

    await alertmanager.post({ labels: LABELS, startsAt, endsAt: new Date() });

    await vi.waitFor(async () => expect(await results('delivered')).toBe(2), SOON);
    expect(provider.taken()).toEqual({ [ANNA]: 2, [BEN]: 2 });
    expect(provider.received.at(-1)?.form['Body']).toMatch(/^OK PortDown: orders-db db1:5432, down \d+s$/);
  },
);

needs('prometheus-alertmanager')(
  'a bridge that is killed between two recipients and started again sends the first no second SMS',
  async (stage) => {
    let alive = true;
    const provider = stage.keep(await standIn(({ form }) => (form['To'] === BEN && alive ? 'hang' : TAKEN)));
    const listen = `127.0.0.1:${await freePort()}`;
    const first = await startBridge(stage, provider, listen);
    const alertmanager = await startAlertmanager(stage, alertmanagerConfig(stage, first));
    await alertmanager.post({ labels: LABELS, startsAt: new Date() });
    await vi.waitFor(() => expect(provider.received.map(({ form }) => form['To'])).toEqual([ANNA, BEN]), SOON);

    first.program.signal('SIGKILL');
    expect(await first.program.exit()).toBe('SIGKILL');
    alive = false;
    const second = await startBridge(stage, provider, listen);

    await second.program.said(/msg="notification delivered"/);
    expect(provider.taken()).toEqual({ [ANNA]: 1, [BEN]: 1 });
  },
);

needs('prometheus-alertmanager')('a wrong number does not keep the end of an outage from the others', async (stage) => {
  const provider = stage.keep(await standIn(({ form }) => (form['To'] === BEN ? twilioError(400, 21211) : TAKEN)));
  const bridge = await startBridge(stage, provider);
  const alertmanager = await startAlertmanager(stage, alertmanagerConfig(stage, bridge));
  const startsAt = new Date();
  await alertmanager.post({ labels: LABELS, startsAt });
  await bridge.program.said(/Alertmanager may go on with the others/);

  await alertmanager.post({ labels: LABELS, startsAt, endsAt: new Date() });

  await vi.waitFor(() => expect(provider.taken()).toEqual({ [ANNA]: 2 }), SOON);
  expect(provider.received.at(-1)?.form['Body']).toMatch(/^OK PortDown: orders-db db1:5432/);
});
