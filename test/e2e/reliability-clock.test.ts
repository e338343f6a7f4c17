import { renameSync } from 'node:fs';
import { createServer } from 'node:tls';
import { expect, vi } from 'vitest';
import { createAuthority } from '../helpers/e2e-certificates.ts';
import { type Exporter, startExporter } from '../helpers/e2e-exporter.ts';
import { Samples } from '../helpers/e2e-samples.ts';
import type { Stage } from '../helpers/e2e-stage.ts';
import { blackHole, closedPort, listenOn, peer } from '../helpers/peers.ts';
import { needs } from '../helpers/programs.ts';

/** The library of faketime, wherever this machine has it: the loader fills in $LIB. The monotonic clock stays as it is. */
const FAKETIME = {
  LD_PRELOAD: '/usr/$LIB/faketime/libfaketimeMT.so.1',
  FAKETIME_DONT_FAKE_MONOTONIC: '1',
  FAKETIME_NO_CACHE: '1',
};

const SOON = { timeout: 10_000, interval: 100 };
const DAY_MS = 86_400_000;
const HOLE_TIMEOUT_SECONDS = 1;
/** From one to the next. None is before the true time: the certificate's authority is no older than the test. */
const JUMPS = ['+78h', '+66h', '+6d', '+1h', '+72h'];
const HEALTHY = {
  open: 'up',
  certified: 'up',
  closed: 'connection_refused in connect',
  often: 'connection_refused in connect',
  hole: 'timeout in connect',
};

needs('faketime', 'openssl')(
  'a wall clock that jumps by hours or days makes no failure, counts none, and moves no deadline',
  async (stage) => {
    const { exporter, jump } = await startWithClock(stage, '+0');
    expect(verdicts(await exporter.scrape())).toEqual(HEALTHY);

    for (const to of JUMPS) {
      const underWay = exporter.get('/metrics');
      await vi.waitFor(async () => expect(await own(exporter, 'port_exporter_probes_in_flight')).toBe(1), SOON);
      jump(to);
      const { seconds, body } = await underWay;
      const [during, after] = [new Samples(body), await exporter.scrape()];

      expect(seconds).toBeLessThan(HOLE_TIMEOUT_SECONDS + 5);
      for (const samples of [during, after]) {
        expect(verdicts(samples)).toEqual(HEALTHY);
        expect(samples.value('probe_consecutive_failures', { name: 'closed' })).toBe(1);
        // On a busy machine it is a little off either way; the jumps are hours.
        const took = samples.value('probe_duration_seconds', { name: 'hole' }) ?? Number.NaN;
        expect(Math.abs(took - HOLE_TIMEOUT_SECONDS)).toBeLessThan(1);
        expect(samples.value('port_exporter_scrape_deadline_exceeded_total')).toBe(0);
      }
      await expectCounting(exporter);
      expect(agesOf((await exporter.get('/')).body).filter((age) => age.startsWith('-'))).toEqual([]);
    }
  },
);

needs('faketime', 'openssl')('a certificate is judged by the wall clock as it is now', async (stage) => {
  const { exporter, jump } = await startWithClock(stage, '+0');

  expect((await exporter.scrape()).verdict('certified')).toBe('up');
  expect((await exporter.get('/')).body).toMatch(/>9 d\b/);

  jump('+30d');
  expect((await exporter.scrape()).verdict('certified')).toBe('tls_certificate_expired in tls');
  expect((await exporter.get('/')).body).toMatch(/>expired 2[01] d ago\b/);

  jump('+0');
  expect((await exporter.scrape()).verdict('certified')).toBe('up');
});

/** An exporter whose wall clock is moved by `jump`, to an offset from the true time. */
async function startWithClock(stage: Stage, start: string) {
  const authority = await createAuthority(stage, 'known');
  const validity = { from: '20200101000000Z', to: asn1(Date.now() + 10 * DAY_MS) };
  const hole = stage.keep(await blackHole());
  const closed = await closedPort();
  const targets = [
    { name: 'open', address: stage.keep(await peer()).address },
    {
      name: 'certified',
      address: `localhost:${await serveTls(stage, await authority.issue('localhost', validity))}`,
      tls: true,
    },
    { name: 'closed', address: `127.0.0.1:${closed}` },
    { name: 'often', address: `127.0.0.2:${closed}`, interval: '1s', timeout: '500ms' },
    { name: 'hole', address: `127.0.0.1:${hole.port}`, timeout: `${HOLE_TIMEOUT_SECONDS}s` },
  ];
  const jump = (to: string) => {
    // At once: the library must not find the file empty.
    renameSync(stage.write('clock.new', `${to}\n`), file);
  };
  const file = stage.write('clock', `${start}\n`);
  const exporter = await startExporter(stage, {
    config: { defaults: { interval: '1h' }, groups: [{ name: 'all', targets }] },
    env: { ...FAKETIME, FAKETIME_TIMESTAMP_FILE: file, NODE_EXTRA_CA_CERTS: authority.file },
  });
  return { exporter, jump };
}

async function serveTls(stage: Stage, certificate: { readonly cert: Buffer; readonly key: Buffer }): Promise<number> {
  const server = createServer(certificate, (socket) => socket.on('error', () => undefined).resume());
  const port = await listenOn(server.on('tlsClientError', () => undefined));
  stage.onEnd(() => new Promise((resolve) => server.close(resolve)));
  return port;
}

/** As openssl wants it: 20261126011500Z. */
function asn1(at: number): string {
  return new Date(at).toISOString().replace(/[-:T]|\.\d+/g, '');
}

function verdicts(samples: Samples): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.keys(HEALTHY).map((name) => [name, samples.verdict(name)]));
}

/** Failures of a target with a short interval go on being counted, at their pace. */
async function expectCounting(exporter: Exporter): Promise<void> {
  const count = async () => {
    const samples = await exporter.scrape('/metrics?target=often');
    return samples.value('probe_consecutive_failures') ?? 0;
  };
  const [began, before] = [performance.now(), await count()];
  await vi.waitFor(async () => expect(await count()).toBeGreaterThanOrEqual(before + 2), SOON);
  expect((await count()) - before).toBeLessThanOrEqual(2 + (performance.now() - began) / 750);
}

/** The ages on the status page: "12 s ago", "since 3 h". */
function agesOf(page: string): readonly string[] {
  const found = [...page.matchAll(/(?:since |>)(-?[\d.]+ (?:s|min|h|d)) ?(?:ago)?/g)].map(([, age = '']) => age);
  expect(found.length).toBeGreaterThanOrEqual(Object.keys(HEALTHY).length);
  return found;
}

async function own(exporter: Exporter, family: string): Promise<number> {
  return (await exporter.scrape('/metrics?collect[]=exporter')).value(family) ?? Number.NaN;
}
