import { describe, expect, test } from 'vitest';
import { closedPort } from '../helpers/peers.ts';
import { webServer } from '../helpers/web-server.ts';
import { run } from './run.ts';
import { temporaryDirectory } from './temporary.ts';

/** Runs check over a shop that lacks a word, a database that is down, and what depends on both. */
async function check(...flags: readonly string[]) {
  await using shop = await webServer({ '/': 'Sorry', '/api': 500 });
  await using directory = await temporaryDirectory();
  const database = `127.0.0.1:${await closedPort()}`;
  const file = await directory.file(
    'config.yml',
    `
groups:
  - name: web
    targets:
      - { name: shop, address: "${shop.url}", checks: [http, keyword: Welcome, response_time: 4s] }
      - { name: api, address: "${shop.url}/api", checks: [http, response_time: 4s], depends_on: [db] }
      - { name: fine, address: "${shop.url}", checks: [port, http] }
      - { name: app, address: "${database}", checks: [port], depends_on: [api, shop] }
      - { name: db, address: "${database}" }
`,
  );
  const { code, stdout, stderr } = await run(['check', `--config.file=${file}`, ...flags]);
  return { code, stderr, stdout, host: `127.0.0.1:${shop.port}` };
}

describe('check', () => {
  test('tells which layer is broken, and what a target is down because of', async () => {
    const { code, stdout, stderr, host } = await check();
    expect([code, stderr]).toEqual([1, '']);
    expect(stdout).toMatch(/^DOWN +shop \(.*content_mismatch in handshake/m);
    expect(stdout).toMatch(/^ +broken at the layer keyword; connect [\d.]+ ms; the body does not contain "Welcome"$/m);
    expect(stdout).toMatch(
      new RegExp(`^ +because of db; broken at the layer http; connect .*; ${host} answered 500; expected 2xx$`, 'm'),
    );
    expect(stdout).toMatch(/^ +because of db, shop; broken at the layer port$/m);
    expect(stdout).toMatch(/^UP +fine /m);
  });

  test('tells the same as JSON', async () => {
    const { code, stdout } = await check('--json');
    expect(code).toBe(1);
    const targets: { name: string; layer: unknown; causes: unknown }[] = JSON.parse(stdout).targets;
    expect(targets.map(({ name, layer, causes }) => ({ name, layer, causes }))).toEqual([
      { name: 'shop', layer: 'keyword', causes: [] },
      { name: 'api', layer: 'http', causes: ['db'] },
      { name: 'fine', layer: null, causes: [] },
      { name: 'app', layer: 'port', causes: ['db', 'shop'] },
      { name: 'db', layer: null, causes: [] },
    ]);
  });

  test('tells no cause that it was not asked for', async () => {
    const { stdout } = await check('--json', '--target=api');
    expect(JSON.parse(stdout).targets).toMatchObject([{ name: 'api', causes: [] }]);
  });
});
