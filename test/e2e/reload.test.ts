import { rmSync, writeFileSync } from 'node:fs';
import { expect, vi } from 'vitest';
import { configText, type Exporter, exporterCommand, startExporter, writeConfig } from '../helpers/e2e-exporter.ts';
import { freePort } from '../helpers/e2e-ports.ts';
import { run } from '../helpers/e2e-program.ts';
import { peer } from '../helpers/peers.ts';
import { needs } from '../helpers/programs.ts';

const SOON = { timeout: 10_000, interval: 50 };
const BROKEN = `groups:
  - name: all
    targets:
      - nonsense
      - name: shop
        adress: 127.0.0.1:80
`;

needs()('a reload takes in new targets and keeps what is known of the old ones', async (stage) => {
  const [old, added] = [`127.0.0.1:${await freePort()}`, stage.keep(await peer()).address];
  const exporter = await startExporter(stage, { config: watch(old) });
  await vi.waitFor(async () => expect(await failures(exporter, old)).toBeGreaterThan(1), SOON);

  rewrite(exporter, watch(old, added));
  exporter.program.signal('SIGHUP');

  await vi.waitFor(async () => expect((await exporter.scrape()).of('probe_success')).toHaveLength(2), SOON);
  const samples = await exporter.scrape();
  expect(samples.value('probe_success', { target: added })).toBe(1);
  expect(await failures(exporter, old)).toBeGreaterThan(1);
  expect(samples.value('port_exporter_config_last_reload_successful')).toBe(1);

  rewrite(exporter, watch(added));
  expect(await exporter.get('/-/reload', { method: 'POST' })).toMatchObject({ status: 200 });
  expect((await exporter.scrape()).of('probe_success')).toMatchObject([{ labels: { target: added } }]);
});

needs()(
  'a broken file or none is kept out: the running configuration stays, and log and metrics say so',
  async (stage) => {
    const { address } = stage.keep(await peer());
    const exporter = await startExporter(stage, { config: watch(address) });
    const { configFile, program } = exporter;

    rewrite(exporter, BROKEN);
    const answer = await exporter.get('/-/reload', { method: 'POST' });

    expect(answer.status).toBe(500);
    for (const place of [`${configFile}:4:9: `, `${configFile}:6:9: `]) {
      expect(answer.body).toContain(place);
      expect(program.stderr).toContain(place);
    }
    await expectKept(exporter, address);

    rmSync(configFile);
    const said = program.stderr.length;
    program.signal('SIGHUP');
    await vi.waitFor(() => expect(program.stderr.slice(said)).toContain('there is no such file'), SOON);
    await expectKept(exporter, address);

    rewrite(exporter, watch(address));
    expect(await exporter.get('/-/reload', { method: 'POST' })).toMatchObject({ status: 200 });
    expect((await exporter.scrape()).value('port_exporter_config_last_reload_successful')).toBe(1);
  },
);

needs()('with auto-reload a changed file is taken in without a signal', async (stage) => {
  const [old, added] = [stage.keep(await peer()).address, stage.keep(await peer()).address];
  const args = ['--config.auto-reload-interval=200ms'];
  const exporter = await startExporter(stage, { config: watch(old), args });

  rewrite(exporter, watch(old, added));

  await vi.waitFor(async () => expect((await exporter.scrape()).of('probe_success')).toHaveLength(2), SOON);
});

needs()('a broken file at the start ends the program with every problem', async (stage) => {
  const file = writeConfig(stage, BROKEN);
  const { code, stderr } = await run(exporterCommand(`--config.file=${file}`, '--web.listen-address=127.0.0.1:0'));

  expect(code).toBe(2);
  expect(stderr).toContain(`${file}:4:9: `);
  expect(stderr).toContain(`${file}:6:9: `);
});

needs()('a port that is taken ends the program with a sentence', async (stage) => {
  const { address } = stage.keep(await peer());
  const file = writeConfig(stage, watch(address));
  const { code, stderr } = await run(exporterCommand(`--config.file=${file}`, `--web.listen-address=${address}`));

  expect(code).toBe(1);
  expect(stderr).toContain('address already in use');
  expect(stderr).toContain(address);
});

function watch(...targets: readonly string[]): object {
  return { defaults: { interval: '400ms', timeout: '350ms' }, groups: [{ name: 'all', targets }] };
}

function rewrite({ configFile }: Exporter, config: unknown): void {
  writeFileSync(configFile, configText(config));
}

async function failures(exporter: Exporter, target: string): Promise<number> {
  return (await exporter.scrape()).value('probe_consecutive_failures', { target }) ?? 0;
}

async function expectKept(exporter: Exporter, target: string): Promise<void> {
  const samples = await exporter.scrape();
  expect(samples.value('probe_success', { target })).toBe(1);
  expect(samples.value('port_exporter_config_last_reload_successful')).toBe(0);
}
