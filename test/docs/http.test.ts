import { describe, expect, test } from 'vitest';
import { createApp } from '../../src/http/app.ts';
import { exporter } from '../helpers/exporter.ts';
import { codes, page, table } from './pages.ts';

const PAGE = page('docs/http.md');
const CONFIG = 'groups: [{ name: web, targets: [{ name: shop, address: "127.0.0.1:1", tls: true }] }]';

type Layer = { readonly path: string; readonly methods: readonly string[] };
type Dispatcher = { readonly router?: { readonly stack: readonly Layer[] } };

describe('docs/http.md', () => {
  test('lists every route that the program has, and no other', async () => {
    await using running = await exporter(CONFIG);
    const { middleware } = createApp(running.services);
    const layers = middleware.flatMap((one) => (one as Dispatcher).router?.stack ?? []);
    const routes = layers.flatMap(({ path, methods }) =>
      methods.filter((method) => method !== 'HEAD').map((method) => `${method} ${path}`),
    );
    const documented = table(PAGE, 'route').flatMap(([route = '']) => codes(route));
    expect(documented.toSorted()).toEqual(routes.toSorted());
  });

  test('shows refusals as the program words them', async () => {
    await using running = await exporter(CONFIG);
    const rows = table(PAGE, 'request');
    expect(rows.length).toBeGreaterThan(5);
    for (const [request = '', status, answer] of rows) {
      const path = (codes(request)[0] ?? '').replace('GET ', '');
      const got = await running.get(path);
      expect({ path, status: String(got.status), answer: got.body.trimEnd() }).toEqual({ path, status, answer });
    }
  });

  test('shows entries of service discovery as the program makes them', async () => {
    const config = 'groups: [{ name: web, targets: [{ name: shop, address: "shop.internal:443", tls: true }] }]';
    await using running = await exporter(config);
    const { body } = await running.get('/sd');
    const [, shown = ''] = /```json\n(.*?)```/s.exec(PAGE) ?? [];
    const own = running.url.replace('http://', '');
    expect(JSON.parse(body)).toEqual(JSON.parse(shown.replaceAll('localhost:9715', own)));
  });
});
