import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/net/clock.ts';
import { exporter } from '../helpers/exporter.ts';
import { closedPort, listenOn, peer } from '../helpers/peers.ts';
import { testWorld } from '../helpers/world.ts';

/** The names of the targets that a page shows, in its order. */
function shown(body: string): string[] {
  return Array.from(body.matchAll(/<tr class="\w+">.*?<th scope="row">(.*?)<details/g), ([, cell = '']) =>
    (cell.split('<br>')[0] ?? '').replace(/<[^>]*>/g, ''),
  );
}

const THREE = (open: string, closed: string) => `
groups:
  - name: databases
    labels: { team: data }
    targets:
      - { name: orders, address: "${closed}" }
      - { name: cache, address: "${open}" }
  - name: web
    targets:
      - { name: shop, address: "${closed}", depends_on: [orders] }
`;

async function three() {
  const listener = await peer();
  const app = await exporter(THREE(listener.address, `127.0.0.1:${await closedPort()}`));
  await app.get('/metrics');
  const dispose = async () => {
    await app[Symbol.asyncDispose]();
    await listener[Symbol.asyncDispose]();
  };
  return { app, [Symbol.asyncDispose]: dispose };
}

/** A page with one target, whose certificate expires in so many days. */
async function certified(days: number): Promise<string> {
  const [cert, key] = ['crt', 'key'].map((kind) => readFileSync(`test/fixtures/tls/self-signed.${kind}`));
  if (cert === undefined || key === undefined) throw new Error('the fixture is not there');
  const server = createServer({ cert, key }, (socket) => socket.on('error', () => {}).resume());
  const port = await listenOn(server);
  const moment = Date.parse(new X509Certificate(cert).validTo) - days * 86_400_000;
  const world = testWorld({ clock: { ...systemClock, epoch: () => moment } });
  const target = `{ name: blog, address: "127.0.0.1:${port}", tls: { insecure_skip_verify: true } }`;
  await using app = await exporter(`groups: [{ name: web, targets: [${target}] }]\n`, { world });
  await app.get('/metrics');
  const { body } = await app.get('/');
  server.close();
  return /data-name="Certificate">(.*?)<td/.exec(body)?.[1] ?? '';
}

describe('the status page', () => {
  test.each([
    ['/', ['orders', 'shop', 'cache']],
    ['/?sort=name', ['cache', 'orders', 'shop']],
    ['/?sort=latency', ['cache', 'orders', 'shop']],
    ['/?group=databases', ['orders', 'cache']],
    ['/?state=up', ['cache']],
    ['/?state=down&group=web', ['shop']],
    ['/?q=SHOP', ['shop']],
    ['/?q=data', ['orders', 'cache']],
    ['/?q=Team%3Dda', ['orders', 'cache']],
    ['/?group=gone', []],
    ['/?sort=&page=', ['orders', 'shop', 'cache']],
    ['/?q=connection_refused&sort=name', ['orders', 'shop']],
    ['/?q=&group=&state=&sort=state', ['orders', 'shop', 'cache']],
    ['/?q=nobody', []],
  ])('%s shows %j', async (path, names) => {
    await using page = await three();
    const { body } = await page.app.get(path);
    expect(shown(body)).toEqual(names);
    expect(body).toContain('2 down, 1 up of 3');
  });

  test.each([
    ['/?state=broken', 'state="broken" is unknown: it must be one of down, fault, unknown, up'],
    ['/?sort=size', 'sort="size" is unknown: it must be one of state, name'],
    ['/?page=0', 'page must be a whole number of at least 1'],
    ['/?page=1e3', 'page must be a whole number of at least 1'],
    ['/?state=down&state=up', 'state is given 2 times: one is taken'],
    ['/?q=a&q=b&q=c', 'q is given 3 times: one is taken'],
    ['/?colour=red', '"colour" is unknown: the page takes q, group, state, sort, page'],
  ])('%s is 400 with what would be right', async (path, said) => {
    await using page = await three();
    const { status, body } = await page.app.get(path);
    expect({ status, lines: body.split('\n').length }).toEqual({ status: 400, lines: 2 });
    expect(body).toContain(said);
  });

  test('names the cause of a target that is down, and not itself', async () => {
    await using page = await three();
    const { body } = await page.app.get('/');
    expect(body.match(/because of <strong>[^<]*/g)).toEqual(['because of <strong>orders (connection_refused)']);
  });

  test('says so where the group of a bookmark is not configured', async () => {
    await using page = await three();
    const { body } = await page.app.get('/?group=gone');
    expect(body).toContain('<option value="gone" selected>gone (not configured)</option>');
    expect((await page.app.get('/?group=web')).body).not.toContain('not configured');
  });

  test('what is typed into its filter cannot become markup', async () => {
    await using page = await three();
    const { body } = await page.app.get(`/?q=${encodeURIComponent('"><script>alert(1)</script>')}`);
    expect(body).not.toContain('<script>alert');
    expect(body.match(/<script>/g)).toHaveLength(1);
  });

  test('may load nothing but its own style and script', async () => {
    await using page = await three();
    const { headers } = await page.app.get('/');
    expect(headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-[^']+'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
    );
  });

  test('shows the last outcomes as a strip that is also said in words', async () => {
    await using page = await three();
    for (let i = 0; i < 60; i++) await page.app.get('/metrics?target=cache');
    const { body } = await page.app.get('/?q=cache');
    expect(body).toContain('aria-label="last 50: 50 up, 0 down, 0 not probed"');
    expect(body.match(/<rect class="up"/g)).toHaveLength(50);
  });

  test.each([
    [30.5, '30 d'],
    [6.5, '<strong class="soon"><span class="unseen">expires soon: </span>6 d</strong>'],
    [-2.5, 'expired 3 d ago'],
  ])('a certificate with %d days left is shown as %s', async (days, shown) => {
    expect(await certified(days)).toBe(shown);
  });

  test.each([
    ['/?q=nobody&state=up', true],
    ['/?q=shop', false],
  ])('%s leads back to all targets where none fits: %s', async (path, leads) => {
    await using page = await three();
    const { body } = await page.app.get(path);
    expect(body.includes('No target fits. <a id="all" href="?">Show all</a>')).toBe(leads);
  });

  test.each([
    ['/', ['ascending', 'state']],
    ['/?sort=latency', ['descending', 'latency']],
    ['/?sort=certificate', ['ascending', 'certificate']],
  ])('%s says by what it is sorted: %j', async (path, sorted) => {
    await using page = await three();
    const { body } = await page.app.get(path);
    const found = Array.from(body.matchAll(/aria-sort="(\w+)"><a id="s-(\w+)"/g), ([, ...parts]) => parts);
    expect(found).toEqual([sorted]);
  });

  test('names all that can have the focus, so that it is kept when the page renews itself', async () => {
    await using page = await three();
    const { body } = await page.app.get('/');
    const main = body.slice(body.indexOf('<main>'), body.indexOf('</main>'));
    const elements = Array.from(main.matchAll(/<(?:a|summary)\b[^>]*>/g), ([element]) => element);
    expect(elements.length).toBeGreaterThan(10);
    expect(elements.filter((element) => !element.includes(' id="'))).toEqual([]);
  });

  test('tells when a target was up last, as people write it', async () => {
    await using page = await three();
    const { body } = await page.app.get('/?q=cache');
    expect(body).toMatch(/<dt>last up<\/dt><dd>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC<\/dd>/);
  });

  test('leads to the probe of a target, whose results it shows then', async () => {
    await using page = await three();
    const { body } = await page.app.get('/?q=shop');
    const [, href = ''] = /class="probe"[^>]* href="([^"]*)"/.exec(body) ?? [];
    const trace = await page.app.get(href.replaceAll('&#38;', '&'));
    expect(trace.body).toMatch(/^Probe of .*\(configured as "shop", group web\)/);
  });

  test('has ten thousand targets on pages of two hundred, what is down on the first', async () => {
    const ports = Array.from({ length: 10_000 }, (_, i) => `"127.0.0.1:${i + 1}"`);
    await using app = await exporter(`groups: [{ name: many, targets: [${ports.join(', ')}] }]\n`);
    await app.get('/metrics?target=127.0.0.1:7777');
    const { body } = await app.get('/');
    expect(shown(body)).toHaveLength(200);
    expect(shown(body)[0]).toBe('127.0.0.1:7777');
    expect(body).toContain('page 1 of 50, 10000 targets');
    const last = await app.get('/?page=99');
    expect(last.body).toContain('page 50 of 50');
  });
});
