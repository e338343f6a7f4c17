import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseShard, shardHash } from '../../src/probe/shard.ts';
import { exporter } from '../helpers/exporter.ts';
import { peer } from '../helpers/peers.ts';

const NAMES = Array.from({ length: 40 }, (_, i) => `target ${i}`);

/** Targets of these names, all at one address. */
function configured(address: string, names: readonly string[] = NAMES): string {
  const targets = names.map((name) => ({ name, address }));
  return JSON.stringify({ groups: [{ name: 'all', targets }] });
}

function discoveredNames(body: string): string[] {
  const entries = JSON.parse(body) as { labels: Record<string, string> }[];
  return entries.flatMap(({ labels }) => labels['__param_target'] ?? []);
}

function probedNames(body: string): string[] {
  return Array.from(body.matchAll(/^probe_success\{.*?,name="([^"]*)"/gm), ([, name = '']) => name);
}

test.each([1, 2, 3, 7])('every target is in exactly one of %i shards of /sd, in its order', async (count) => {
  await using app = await exporter(configured('shop.internal:443'));
  const found: string[] = [];
  for (let i = 0; i < count; i++) {
    const names = discoveredNames((await app.get(`/sd?shard=${i}/${count}`)).body);
    expect(names).toEqual(NAMES.filter((name) => names.includes(name)));
    found.push(...names);
  }
  expect(found.toSorted()).toEqual(NAMES.toSorted());
});

test('a scrape of one shard probes the targets of that shard, those that /sd lists for it', async () => {
  await using listener = await peer();
  await using app = await exporter(configured(listener.address));
  for (const shard of ['0/3', '1/3', '2/3']) {
    const discovered = discoveredNames((await app.get(`/sd?shard=${shard}`)).body);
    const probed = probedNames((await app.get(`/metrics?shard=${shard}`)).body);
    expect(discovered.length).toBeGreaterThan(5);
    expect(probed).toEqual(discovered);
  }
});

test('each shard of /sd has the entry of the exporter itself', async () => {
  await using app = await exporter(configured('shop.internal:443', ['shop']));
  for (const shard of ['0/2', '1/2']) {
    const entries = JSON.parse((await app.get(`/sd?shard=${shard}`)).body);
    expect(entries[0].labels).toMatchObject({ __metrics_path__: '/metrics', __param_collect: 'exporter' });
  }
});

test('a scrape of one shard has the metrics of the exporter itself', async () => {
  await using app = await exporter(configured('127.0.0.1:9', ['a']));
  expect((await app.get('/metrics?shard=0/9')).body).toContain('port_exporter_build_info');
});

test('shard narrows what group and target leave', async () => {
  await using listener = await peer();
  await using app = await exporter(configured(listener.address));
  const asked = NAMES.slice(0, 6);
  const query = asked.map((name) => `target=${encodeURIComponent(name)}`).join('&');
  const names = probedNames((await app.get(`/metrics?group=all&${query}&shard=1/2`)).body);
  expect(names).toEqual(asked.filter((name) => shardHash(name) % 2n === 1n));
});

describe('what names no shard is refused by both routes', () => {
  const right = 'it must be i/n with i from 0 to n - 1, such as 0/3 or 2/3';

  test.each([
    ['', ''],
    ['1', '1'],
    ['3/3', '3/3'],
    ['0/0', '0/0'],
    ['-1/3', '-1/3'],
    ['0/-3', '0/-3'],
    ['1.5/3', '1.5/3'],
    ['0x1/3', '0x1/3'],
    [' 1/3', '+1/3'],
    ['1/3/5', '1/3/5'],
    ['1/3\n', '1/3%0A'],
    ['0/10000', '0/10000'],
    ['१/3', encodeURIComponent('१/3')],
  ])('shard=%j', async (text, written) => {
    await using app = await exporter(configured('127.0.0.1:9', ['a']));
    const expected = { status: 400, body: `shard=${JSON.stringify(text)} is none: ${right}\n` };
    for (const route of ['sd', 'metrics']) expect(await app.get(`/${route}?shard=${written}`)).toMatchObject(expected);
  });

  test('more than one', async () => {
    await using app = await exporter(configured('127.0.0.1:9', ['a']));
    const expected = { status: 400, body: 'shard is given 2 times: one is taken\n' };
    for (const route of ['sd', 'metrics'])
      expect(await app.get(`/${route}?shard=0/2&shard=1/2`)).toMatchObject(expected);
  });

  test('a very long one, of which only the beginning is said', async () => {
    await using app = await exporter(configured('127.0.0.1:9', ['a']));
    const { status, body } = await app.get(`/sd?shard=${'9'.repeat(5000)}`);
    expect([status, body.length < 250]).toEqual([400, true]);
  });
});

describe('shards', () => {
  // Reckoned by another program.
  test.each([
    ['', 16_825_458_760_271_544_958n],
    ['orders-db', 1_645_798_893_990_317_357n],
    ['größer', 16_785_343_726_630_911_572n],
  ])('the number of %j is the same for ever', (name, number) => {
    expect(shardHash(name)).toBe(number);
  });

  test('are about as large as each other, also where names differ in one digit only', () => {
    const sizes = [0, 0, 0, 0];
    for (let i = 0; i < 1000; i++) {
      const shard = Number(shardHash(`web-${i}${i}`) % 4n);
      sizes[shard] = (sizes[shard] ?? 0) + 1;
    }
    for (const size of sizes) expect(Math.abs(size - 250)).toBeLessThan(60);
  });

  test('are read as written, whatever the numbers', () => {
    fc.assert(
      fc.property(fc.nat(9999), fc.nat(9999), (index, count) => {
        expect(parseShard(`${index}/${count}`)).toEqual(index < count ? { index, count } : undefined);
      }),
    );
  });
});
