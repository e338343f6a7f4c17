import { expect } from 'vitest';
import { REASONS, type Reason } from '../../src/core/reason.ts';
import { type AlertChain, startAlertChain } from '../helpers/e2e-alert-chain.ts';
import { slackMessages } from '../helpers/e2e-alert-recorder.ts';
import { startPostgres, startRedis } from '../helpers/e2e-alert-services.ts';
import { startApp } from '../helpers/e2e-app.ts';
import { createAuthority } from '../helpers/e2e-certificates.ts';
import { startExporter } from '../helpers/e2e-exporter.ts';
import { http } from '../helpers/e2e-http.ts';
import { createNamespace } from '../helpers/e2e-namespace.ts';
import { checkNow, readStory } from '../helpers/e2e-scenario.ts';
import { NAMESPACE, type Need, needs } from '../helpers/programs.ts';
import { startRabbitmq } from '../helpers/servers/rabbitmq.ts';

const CHAIN: readonly Need[] = ['prometheus', 'prometheus-alertmanager'];

needs(
  ...CHAIN,
  'postgres',
  'setpriv',
)('a database that takes its application down is paged once, and named as the cause', async (stage) => {
  const database = await startPostgres(stage, '127.0.0.1');
  const standsOn = { kind: 'postgresql', address: database.address } as const;
  // On one host, which is not down for all that.
  const app = await startApp(stage, { host: '127.0.0.1', path: '/orders', standsOn });
  const places = { 'orders-db.internal:5432': database.address, 'shop.internal:8080': app };
  const story = readStory('A database goes down behind its application', places);
  const exporter = await startExporter(stage, { config: story.config });
  const chain = await startAlertChain(stage, exporter);
  await chain.sees('database', 'app');
  expect(await layersOf('app', chain)).toEqual({ port: 1, http: 1, keyword: 1 });

  await database.kill();
  await chain.told(1, 1);
  await chain.holdsBack('app');
  expect(await layersOf('app', chain)).toEqual({ port: 1, http: 0 });
  const status = await exporter.get('/');
  expect(status.body).toMatch(/>app<.*http_status.*because of <strong>database \(connection_refused\)<\/strong>/);
  const { code, targets, text, json } = await checkNow(exporter);
  expect(code).toBe(1);
  expect(targets['database']).toMatchObject({ reason: 'connection_refused', phase: 'connect', causes: [] });
  expect(targets['app']).toMatchObject({ reason: 'http_status', layer: 'http', causes: ['database'] });
  const { body } = await exporter.get('/metrics');

  await database.start();
  await isToldOnce(chain, { group: 'shop', target: `database ${database.address}`, reason: 'connection_refused' });
  expect(chain.everything()).not.toMatch(/\bapp\b|PortHostDown/);
  expect(story.unseen([text, json, body, chain.everything()].join('\n'))).toEqual([]);
});

needs(
  ...NAMESPACE,
  ...CHAIN,
  'redis-server',
)('a firewall that closes a port is paged once: not its neighbour, which answers, nor their host', async (stage) => {
  const network = await createNamespace(stage);
  const redis = await startRedis(stage, '127.0.0.1', network.enter);
  const site = await startApp(stage, { host: '127.0.0.1', path: '/', before: network.enter });
  const places = { 'web1.internal:6379': redis.address, 'web1.internal:8080': site };
  const story = readStory('A firewall change closes a port', places);
  const exporter = await startExporter(stage, { config: story.config, before: network.enter, ask: network.ask });
  const url = `http://${await network.open(portOf(exporter.address))}`;
  const chain = await startAlertChain(stage, { url });
  await chain.sees('sessions', 'site');

  const rule = ['INPUT', '--protocol', 'tcp', '--dport', `${portOf(redis.address)}`, '--jump', 'DROP'];
  await network.iptables('--append', ...rule);
  await chain.told(1, 1);
  expect(await layersOf('site', chain)).toEqual({ port: 1, http: 1, keyword: 1 });
  expect((await http(url)).body).toContain('1 down, 1 up of 2');
  const { targets, text, json } = await checkNow(exporter, network.enter);
  expect(targets['sessions']).toMatchObject({ reason: 'timeout', phase: 'connect', causes: [] });
  expect(targets['site']).toMatchObject({ up: true, layer: null, causes: [] });

  await network.iptables('--delete', ...rule);
  await isToldOnce(chain, { group: 'web1', target: `sessions ${redis.address}`, reason: 'timeout' });
  expect(chain.everything()).not.toMatch(/\bsite\b|PortHostDown/);
  expect(story.unseen([text, json, chain.everything()].join('\n'))).toEqual([]);
});

needs(
  ...CHAIN,
  'rabbitmq-server',
  'openssl',
)('a broker that crashes is paged once, and not the consumer that says 503 without it', async (stage) => {
  const authority = await createAuthority(stage, 'known');
  const queue = await startRabbitmq(stage, await authority.issue('localhost'));
  const standsOn = { kind: 'amqp', address: queue.address } as const;
  const worker = await startApp(stage, { host: '127.0.0.2', path: '/health', standsOn });
  const places = { 'queue.internal:5672': queue.address, 'worker.internal:8080': worker };
  const story = readStory('A message broker crashes at night', places);
  const exporter = await startExporter(stage, { config: story.config });
  const chain = await startAlertChain(stage, exporter);
  await chain.sees('queue', 'worker');

  await queue.kill();
  await chain.told(1, 1);
  await chain.holdsBack('worker');
  expect(await layersOf('worker', chain)).toEqual({ port: 1, http: 0 });
  const { targets, text, json } = await checkNow(exporter);
  expect(targets['queue']).toMatchObject({ reason: 'connection_refused', phase: 'connect', causes: [] });
  expect(targets['worker']).toMatchObject({ reason: 'http_status', layer: 'http', causes: ['queue'] });

  await queue.start();
  await isToldOnce(chain, { group: 'jobs', target: `queue ${queue.address}`, reason: 'connection_refused' });
  expect(chain.everything()).not.toMatch(/\bworker\b/);
  expect(story.unseen([text, json, chain.everything()].join('\n'))).toEqual([]);
});

/** How the layers of a target did when Prometheus last looked. */
async function layersOf(name: string, { prometheus }: AlertChain): Promise<Readonly<Record<string, number>>> {
  const found = await prometheus.query(`probe_layer_success{name="${name}"}`);
  return Object.fromEntries(found.map(({ labels, value }) => [labels['layer'], value]));
}

type Page = { readonly group: string; readonly target: string; readonly reason: Reason };

/** Waits until it is over: one page with the reason and what to look at, and one that it is resolved. */
async function isToldOnce(chain: AlertChain, { group, target, reason }: Page): Promise<void> {
  await chain.isOver();
  expect(chain.slackTitles()).toEqual([`CRITICAL PortDown in ${group}`, `RESOLVED PortDown in ${group}`]);
  expect(slackMessages(chain.slack)[0]?.text).toContain(`\nReason: ${reason} in connect: ${REASONS[reason]}\n`);
  expect(chain.sms()).toEqual([
    expect.stringMatching(`^CRITICAL PortDown: ${target}, ${reason} in connect, since \\d\\d:\\d\\d UTC$`),
    expect.stringMatching(`^OK PortDown: ${target}, down \\S+$`),
  ]);
}

function portOf(address: string): number {
  return Number(address.split(':')[1]);
}
