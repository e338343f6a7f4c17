import { createServer } from 'node:http';
import { expect } from 'vitest';
import { REASONS } from '../../src/core/reason.ts';
import { startAlertChain } from '../helpers/e2e-alert-chain.ts';
import { slackMessages } from '../helpers/e2e-alert-recorder.ts';
import { startPostgres, startRedis } from '../helpers/e2e-alert-services.ts';
import { startExporter } from '../helpers/e2e-exporter.ts';
import { freePort } from '../helpers/e2e-ports.ts';
import { listenOn } from '../helpers/peers.ts';
import { type Need, needs } from '../helpers/programs.ts';

const CHAIN: readonly Need[] = ['prometheus', 'prometheus-alertmanager', 'redis-server'];

needs(...CHAIN)(
  'a service that dies is told once to Slack and once to the phone, and so is its return',
  async (stage) => {
    const redis = await startRedis(stage);
    const exporter = await startExporter(stage, { config: watch({ sessions: redis.address }) });
    const chain = await startAlertChain(stage, exporter);
    await chain.sees('sessions');

    await redis.kill();
    await chain.told(1, 1);
    await redis.start();
    await chain.told(2, 2);

    const [down, up] = slackMessages(chain.slack);
    expect(down).toMatchObject({ color: 'danger', title: 'CRITICAL PortDown in caches' });
    expect(down?.text).toContain(`*sessions is down* \`${redis.address}\``);
    expect(down?.text).toMatch(/^Reason: connection_refused in connect/m);
    expect(up).toMatchObject({ color: 'good', title: 'RESOLVED PortDown in caches' });
    expect(chain.sms()).toEqual([
      expect.stringMatching(
        `^CRITICAL PortDown: sessions ${redis.address}, connection_refused in connect.*, since \\d\\d:\\d\\d UTC$`,
      ),
      expect.stringMatching(`^OK PortDown: sessions ${redis.address}, down \\S+$`),
    ]);
  },
);

needs(...CHAIN)('a provider that fails twice delays the SMS and does not double it', async (stage) => {
  const redis = await startRedis(stage);
  const exporter = await startExporter(stage, { config: watch({ sessions: redis.address }) });
  const chain = await startAlertChain(stage, exporter, { twilioStatus: (n) => (n < 2 ? 500 : 201) });
  await chain.sees('sessions');

  await redis.kill();
  await chain.told(1, 1);
  await redis.start();
  await chain.told(2, 2);

  expect(chain.twilio.received.map(({ status }) => status)).toEqual([500, 500, 201, 201]);
  expect(chain.sms().map((text) => text.split(' ')[0])).toEqual(['CRITICAL', 'OK']);
});

needs(...CHAIN)('an exporter that dies is one alert: no target goes down with it, none comes back', async (stage) => {
  const [up, down] = [await startRedis(stage, '127.0.0.1'), await startRedis(stage, '127.0.0.2')];
  const port = await freePort();
  const options = {
    config: watch({ healthy: up.address, broken: down.address }),
    args: [`--web.listen-address=127.0.0.1:${port}`],
  };
  const exporter = await startExporter(stage, options);
  const chain = await startAlertChain(stage, exporter);
  await chain.sees('healthy', 'broken');
  await down.kill();
  await chain.told(1, 1);

  await exporter.program.end();
  await chain.told(2, 2);
  await startExporter(stage, options);
  await chain.told(3, 3);
  await down.start();
  await chain.told(4, 4);

  expect(chain.slackTitles()).toEqual([
    'CRITICAL PortDown in caches',
    'CRITICAL PortExporterDown',
    'RESOLVED PortExporterDown',
    'RESOLVED PortDown in caches',
  ]);
  expect(chain.sms().map((text) => text.replace(/:.*/, ''))).toEqual([
    'CRITICAL PortDown',
    'CRITICAL PortExporterDown',
    'OK PortExporterDown',
    'OK PortDown',
  ]);
  expect(chain.everything()).not.toContain('healthy');
});

needs(
  ...CHAIN,
  'postgres',
  'setpriv',
)('a database that takes its application down is the one that is told', async (stage) => {
  const database = await startPostgres(stage, '127.0.0.1');
  const application = await startRedis(stage, '127.0.0.2');
  const targets = [
    { name: 'shop', address: application.address, depends_on: ['orders-db'] },
    { name: 'orders-db', address: database.address, service: 'postgresql' },
  ];
  const exporter = await startExporter(stage, { config: { ...DEFAULTS, groups: [{ name: 'web', targets }] } });
  const chain = await startAlertChain(stage, exporter);
  await chain.sees('shop', 'orders-db');

  await Promise.all([database.kill(), application.kill()]);
  await chain.told(1, 1);
  await chain.holdsBack('shop');
  await Promise.all([database.start(), application.start()]);
  await chain.told(2, 2);

  expect(chain.slackTitles()).toEqual(['CRITICAL PortDown in web', 'RESOLVED PortDown in web']);
  expect(chain.everything()).toContain('orders-db');
  expect(chain.everything()).not.toContain('shop');
});

needs('prometheus', 'prometheus-alertmanager')(
  'a page that lost its word is told with the layer that is broken, and what to look at',
  async (stage) => {
    let body = 'welcome';
    const server = createServer((_, response) => response.end(body));
    const address = `127.0.0.1:${await listenOn(server)}`;
    stage.keep({ [Symbol.asyncDispose]: async () => void server.close().closeAllConnections() });
    const checks = ['port', 'http', { keyword: 'welcome' }, { response_time: '400ms' }];
    const groups = [{ name: 'web', targets: [{ name: 'shop', address: `http://${address}`, checks }] }];
    const chain = await startAlertChain(stage, await startExporter(stage, { config: { ...DEFAULTS, groups } }));
    await chain.sees('shop');

    body = 'out of order';
    await chain.told(1, 1);

    const [{ text } = { text: '' }] = slackMessages(chain.slack);
    expect(text).toContain(`Reason: content_mismatch in handshake: ${REASONS.content_mismatch}\n`);
    expect(text).toMatch(/ failed as many checks in a row as make it down\. The first layer that fails: keyword\.\n/);
    expect(chain.sms()).toEqual([
      expect.stringMatching(/^CRITICAL PortDown: shop .*, content_mismatch in handshake, /),
    ]);
  },
);

const DEFAULTS = { defaults: { interval: '2s', timeout: '500ms', failures: 2, severity: 'critical' } };

/** Redis servers by name, connected to every two seconds. */
function watch(addresses: Readonly<Record<string, string>>): object {
  const targets = Object.entries(addresses).map(([name, address]) => ({ name, address, service: 'redis' }));
  return { ...DEFAULTS, groups: [{ name: 'caches', targets }] };
}
