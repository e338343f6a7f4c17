import { describe, expect, test } from 'vitest';
import { exporter } from '../helpers/exporter.ts';
import { closedPort } from '../helpers/peers.ts';
import { type Page, webServer } from '../helpers/web-server.ts';

const LAYERS = 'checks: [port, http, keyword: Welcome, response_time: 10s]';

/** Probes a page once with all layers of HTTP, and shows the status page and the metrics after it. */
async function shown(page: Page, layers = LAYERS) {
  await using server = await webServer({ '/': page });
  await using app = await exporter(
    `groups: [{ name: web, targets: [{ name: shop, address: "${server.url}", ${layers} }] }]\n`,
  );
  const { body: metrics } = await app.get('/metrics?collect[]=targets');
  const { body: status } = await app.get('/');
  const found = metrics.matchAll(/^probe_layer_success\{.*layer="(\w+)"\} (\d)$/gm);
  const items = status.matchAll(/<li class="(?:up|down|unknown|quiet)">(\w+) <span class="state">([^<]*)/g);
  return {
    metrics: Object.fromEntries(Array.from(found, ([, layer = '', value]) => [layer, Number(value)])),
    status: Object.fromEntries(Array.from(items, ([, layer = '', state]) => [layer, state])),
  };
}

describe('layers', () => {
  test.each<[string, Page, object, object]>([
    [
      'are all well',
      'Welcome',
      { port: 1, http: 1, keyword: 1, response_time: 1 },
      { port: 'ok', http: 'ok', keyword: 'ok', response_time: 'ok' },
    ],
    [
      'are broken at the status',
      500,
      { port: 1, http: 0 },
      { port: 'ok', http: 'broken', keyword: 'not known', response_time: 'not known' },
    ],
    [
      'are broken at the content',
      'Sorry',
      { port: 1, http: 1, keyword: 0 },
      { port: 'ok', http: 'ok', keyword: 'broken', response_time: 'not known' },
    ],
  ])('%s', async (_, page, metrics, status) => {
    expect(await shown(page)).toEqual({ metrics, status });
  });

  test('are broken at the time', async () => {
    const late: Page = (_, response) => void setTimeout(() => response.end('Welcome'), 50);
    const { metrics } = await shown(late, LAYERS.replace('10s', '10ms'));
    expect(metrics).toEqual({ port: 1, http: 1, keyword: 1, response_time: 0 });
  });

  test('that are broken are named by debug=true', async () => {
    await using server = await webServer({ '/': 'Sorry' });
    await using app = await exporter(
      `groups: [{ name: web, targets: [{ name: shop, address: "${server.url}", ${LAYERS} }] }]\n`,
    );
    const { body } = await app.get('/probe?target=shop&debug=true');
    expect(body).toMatch(
      /^result: content_mismatch in phase handshake after .*\nbroken at the layer keyword\ndetail: /m,
    );
  });

  test('are none where none are configured', async () => {
    expect(await shown(500, 'check: service')).toEqual({ metrics: {}, status: {} });
  });
});

test('what a target is down because of is named, and where nothing is known of that, nothing', async () => {
  const closed = `127.0.0.1:${await closedPort()}`;
  await using app = await exporter(`groups:
  - name: web
    targets:
      - { name: db, address: "${closed}" }
      - { name: api, address: "http://${closed}/api", depends_on: [db] }
      - { name: shop, address: "http://${closed}/<shop>", depends_on: [api] }
`);
  await app.get('/metrics?target=shop');
  expect((await app.get('/')).body).not.toContain('because of');
  await app.get('/metrics');
  const { body } = await app.get('/');
  expect(body.match(/because of <strong>[^<]*/g)).toEqual(Array(2).fill('because of <strong>db (connection_refused)'));
  expect(body).not.toContain('<shop>');
});
