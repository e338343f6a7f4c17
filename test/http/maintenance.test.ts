import { expect, test } from 'vitest';
import { systemClock } from '../../src/net/clock.ts';
import { exporter } from '../helpers/exporter.ts';
import { closedPort, peer } from '../helpers/peers.ts';
import { testWorld } from '../helpers/world.ts';

const NIGHTLY = 'from: "22:00", until: "04:00", timezone: Europe/Zurich';

/** An exporter at that moment, with one target that is down and in a window by night, one that is up in no window, and one in an old one. */
async function setUp(now: { moment: string }, windows: string) {
  const open = await peer();
  const yaml = `groups:
  - name: databases
    targets: [{ name: orders, address: "127.0.0.1:${await closedPort()}" }]
  - name: web
    targets: [{ name: shop, address: "${open.address}" }]
maintenance: ${windows}
`;
  const world = testWorld({ clock: { ...systemClock, epoch: () => Date.parse(now.moment) } });
  const app = await exporter(yaml, { world });
  return {
    app,
    [Symbol.asyncDispose]: async () => {
      await app[Symbol.asyncDispose]();
      await open[Symbol.asyncDispose]();
    },
  };
}

/** The value of a family for a target, as text. */
function sample(body: string, family: string, name: string): string | undefined {
  const line = body.split('\n').find((one) => one.startsWith(`${family}{`) && one.includes(`name="${name}"`));
  return line?.split(' ').at(-1);
}

test('/metrics tells of the window as it is at that moment, and goes on telling the truth', async () => {
  const now = { moment: '2026-11-27T20:59:59.999Z' };
  await using site = await setUp(now, `[{ name: disks, groups: [databases], ${NIGHTLY} }]`);
  const seen: (readonly (string | undefined)[])[] = [];
  for (const moment of [now.moment, '2026-11-27T21:00:00Z', '2026-11-28T02:59:59Z', '2026-11-28T03:00:00Z']) {
    now.moment = moment;
    const { body } = await site.app.get('/metrics?collect[]=targets');
    seen.push(['probe_maintenance', 'probe_success'].map((family) => sample(body, family, 'orders')));
    expect(sample(body, 'probe_maintenance', 'shop')).toBeUndefined();
    expect(sample(body, 'probe_consecutive_failures', 'orders')).toBe('1');
  }
  expect(seen).toEqual([
    ['0', '0'],
    ['1', '0'],
    ['1', '0'],
    ['0', '0'],
  ]);
});

test('a window for all is for every target, and one that is over is still told of', async () => {
  const now = { moment: '2026-11-27T23:00:00Z' };
  const windows = `[{ name: all, ${NIGHTLY} }, { name: old, groups: [web], from: 2026-01-01T00:00:00Z, until: 2026-01-02T00:00:00Z }]`;
  await using site = await setUp(now, windows);
  const { body } = await site.app.get('/metrics?collect[]=targets');
  expect(['orders', 'shop'].map((name) => sample(body, 'probe_maintenance', name))).toEqual(['1', '1']);
  now.moment = '2026-11-28T12:00:00Z';
  const later = await site.app.get('/metrics?collect[]=targets');
  expect(['orders', 'shop'].map((name) => sample(later.body, 'probe_maintenance', name))).toEqual(['0', '0']);
});

test('the status page and the trace say until when, and for what', async () => {
  const now = { moment: '2026-11-27T23:00:00Z' };
  await using site = await setUp(now, `[{ name: "<disks>", groups: [databases], ${NIGHTLY} }]`);
  const trace = await site.app.get('/probe?target=orders&debug=true');
  expect(trace.body).toContain('\nin maintenance until 2026-11-28 03:00 UTC (<disks>)\n');
  const { body } = await site.app.get('/');
  expect(body).toContain('1 down, 0 up of 2');
  expect(body.match(/in maintenance until 2026-11-28 03:00 UTC \(&#60;disks&#62;\)/g)).toHaveLength(1);
  now.moment = '2026-11-28T03:00:00Z';
  expect((await site.app.get('/')).body).not.toContain('in maintenance');
});
