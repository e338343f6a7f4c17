import { describe, expect, test } from 'vitest';
import { exporter } from '../helpers/exporter.ts';

const YAML = `
groups:
- name: databases
  labels: { team: data }
  targets:
  - { name: orders, address: "orders.internal:5432", interval: 30s, timeout: 5s, severity: warning }
  - { address: "[::1]:6379", interval: 1m30s, timeout: 89s }
`;

type Entry = { readonly targets: readonly string[]; readonly labels: Readonly<Record<string, string>> };

async function discovered(
  path = '/sd',
  overrides: Parameters<typeof exporter>[1] = {},
  headers = {},
): Promise<Entry[]> {
  await using app = await exporter(YAML, overrides);
  const { body, headers: got } = await app.get(path, headers);
  expect(got.get('content-type')).toContain('application/json');
  return (JSON.parse(body) as Entry[]).map(({ targets, labels }) => ({
    targets: targets.map((text) => text.replace(/:\d+$/, ':PORT')),
    labels,
  }));
}

test('one entry per target at its own interval, and one for the exporter itself', async () => {
  expect(await discovered()).toEqual([
    {
      targets: ['127.0.0.1:PORT'],
      labels: { __scheme__: 'http', __metrics_path__: '/metrics', __param_collect: 'exporter' },
    },
    {
      targets: ['127.0.0.1:PORT'],
      labels: {
        __scheme__: 'http',
        __metrics_path__: '/probe',
        __param_target: 'orders',
        __scrape_interval__: '30s',
        __scrape_timeout__: '6s',
        target: 'orders.internal:5432',
        name: 'orders',
        service: 'postgresql',
        group: 'databases',
        severity: 'warning',
        team: 'data',
      },
    },
    {
      targets: ['127.0.0.1:PORT'],
      labels: expect.objectContaining({
        __param_target: '[::1]:6379',
        __scrape_interval__: '1m30s',
        __scrape_timeout__: '1m30s',
        service: 'redis',
      }),
    },
  ]);
});

describe('where Prometheus is sent', () => {
  test.each([
    [
      'an external URL',
      'https://mon.example.com/ports/',
      { address: 'mon.example.com:PORT', scheme: 'https', path: '/ports/probe' },
    ],
    [
      'an external URL with a port',
      'http://mon.example.com:8080',
      { address: 'mon.example.com:PORT', scheme: 'http', path: '/probe' },
    ],
  ])('%s', async (_, url, expected) => {
    const externalUrl = new URL(url);
    const routePrefix = externalUrl.pathname.replace(/\/$/, '');
    const entries = await discovered(`${routePrefix}/sd`, { externalUrl, routePrefix });
    const { __scheme__: scheme, __metrics_path__: path } = entries[1]?.labels ?? {};
    expect({ address: entries[1]?.targets[0], scheme, path }).toEqual(expected);
  });

  test('a route prefix without an external URL', async () => {
    const entries = await discovered('/ports/sd', { routePrefix: '/ports' });
    expect(entries[0]?.labels['__metrics_path__']).toBe('/ports/metrics');
  });
});

test('the location of the exporter is a label of every entry, that of the exporter itself included', async () => {
  const entries = await discovered('/sd', { location: 'zurich' });
  expect(entries.map(({ labels }) => labels['location'])).toEqual(['zurich', 'zurich', 'zurich']);
});

test.each(['shards=0/2', 'shard=0/2&Shard=1/2', 'target=orders'])(
  '?%s is refused: it would be all targets',
  async (query) => {
    await using app = await exporter(YAML);
    const { status, body } = await app.get(`/sd?${query}`);
    expect([status, body]).toEqual([
      400,
      expect.stringMatching(/^"\w+" is unknown: \/sd takes shard, such as shard=0\/3\n$/),
    ]);
  },
);
