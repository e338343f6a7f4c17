import { createReadStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { configText, type Exporter, startExporter } from '../helpers/e2e-exporter.ts';
import { runWell } from '../helpers/e2e-program.ts';
import type { Stage } from '../helpers/e2e-stage.ts';
import { peer } from '../helpers/peers.ts';
import { needs } from '../helpers/programs.ts';

/** What a shell makes of the log of the command line that follows; `$0` is a named pipe. */
const FATES = {
  'a full disk': { script: 'exec "$@" >/dev/full 2>&1', loses: true },
  'a pipe that is closed': { script: 'exec 3<>"$0"; exec "$@" 2>"$0" 3>&-', loses: true },
  'no open file at all': { script: 'exec "$@" >&- 2>&-', loses: false },
} as const;
const NEVER_READ = 'exec 3<>"$0"; exec "$@" 2>"$0"';

const ON_A_TERMINAL = 'exec script --quiet --flush --command "echo pid=\\$\\$; exec $(printf "%q " "$@")" /dev/null';

const SOON = { timeout: 10_000, interval: 50 };
const LOST = 'port_exporter_log_lines_lost_total';
const SAYS_LOST = /msg="log lines were lost since the start: they could not be written" lines=(\d+)/;
/** A reload that is refused logs a hundred lines. */
const BROKEN = { groups: [{ name: 'all', targets: Array.from({ length: 150 }, (_, i) => `${'x'.repeat(60)}${i}`) }] };
/** Logs more than a pipe and the exporter keep together. */
const MANY_RELOADS = 120;

for (const [fate, { script, loses }] of Object.entries(FATES)) {
  needs('bash')(`${fate} behind the log neither ends the exporter nor holds it up`, async (stage) => {
    const exporter = await startUnheard(stage, await shell(stage, script));

    await reloadInVain(exporter, 5);

    await expectWell(exporter);
    expect((await lostLines(exporter)) > 0).toBe(loses);
    exporter.program.signal('SIGTERM');
    expect(await exporter.program.exit()).toBe(0);
  });
}

needs('bash')(
  'a log that nobody reads is kept up to a limit, and says what it has lost when it is read',
  async (stage) => {
    const exporter = await startUnheard(stage, await shell(stage, NEVER_READ));
    const before = await residentBytes(exporter);

    await reloadInVain(exporter, MANY_RELOADS);

    await expectWell(exporter);
    const lost = await lostLines(exporter);
    expect(lost).toBeGreaterThan(1000);
    expect((await residentBytes(exporter)) - before).toBeLessThan(100e6);
    const log = readAll(stage, pipeOf(stage));
    await vi.waitFor(() => expect(Number(SAYS_LOST.exec(log())?.[1])).toBe(lost), SOON);
    await reloadInVain(exporter, 1);
    expect(await lostLines(exporter)).toBe(lost);
    exporter.program.signal('SIGTERM');
    expect(await exporter.program.exit()).toBe(0);
    expect(log()).toContain('msg=stopped');
  },
);

needs('bash')('a stop does not wait for a log that nobody reads', async (stage) => {
  const exporter = await startUnheard(stage, await shell(stage, NEVER_READ));
  await reloadInVain(exporter, MANY_RELOADS);

  exporter.program.signal('SIGTERM');

  expect(await exporter.program.exit()).toBe(0);
});

needs('bash', 'script')(
  'a terminal that takes nothing, and then hangs up, neither ends the exporter nor holds it up',
  async (stage) => {
    const exporter = await startUnheard(stage, ['bash', '-c', ON_A_TERMINAL, 'bash']);
    const terminal = exporter.program;
    const pid = Number((await terminal.said(/pid=(\d+)/))[1]);
    stage.onEnd(() => killIfThere(pid));
    await terminal.said(/msg=listening/);

    terminal.signal('SIGSTOP');
    await reloadInVain(exporter, 10);
    await expectWell(exporter);

    terminal.signal('SIGKILL');
    await terminal.exit();
    await reloadInVain(exporter, 10);
    await expectWell(exporter);
    expect(await lostLines(exporter)).toBeGreaterThan(1000);
  },
);

/** An exporter with one target that is up, and a log that goes where `before` sends it. */
async function startUnheard(stage: Stage, before: readonly string[]): Promise<Exporter> {
  const { address } = stage.keep(await peer());
  return startExporter(stage, { config: { groups: [{ name: 'all', targets: [address] }] }, before, unheard: true });
}

async function shell(stage: Stage, script: string): Promise<readonly string[]> {
  await runWell(['mkfifo', pipeOf(stage)]);
  return ['bash', '-c', script, pipeOf(stage)];
}

function pipeOf(stage: Stage): string {
  return join(stage.directory, 'log');
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

/** All that comes out of a pipe from now on. */
function readAll(stage: Stage, file: string): () => string {
  let text = '';
  const stream = createReadStream(file, 'utf8').on('data', (piece) => {
    text += piece;
  });
  stage.onEnd(() => stream.destroy());
  return () => text;
}

async function reloadInVain(exporter: Exporter, times: number): Promise<void> {
  writeFileSync(exporter.configFile, configText(BROKEN));
  for (let i = 0; i < times; i++) expect((await exporter.get('/-/reload', { method: 'POST' })).status).toBe(500);
}

async function expectWell(exporter: Exporter): Promise<void> {
  const { seconds, body } = await exporter.get('/metrics');
  expect(body).toMatch(/^probe_success\{.*\} 1$/m);
  expect(seconds).toBeLessThan(5);
}

async function own(exporter: Exporter, family: string): Promise<number> {
  return (await exporter.scrape('/metrics?collect[]=exporter')).value(family) ?? Number.NaN;
}

const lostLines = (exporter: Exporter) => own(exporter, LOST);
const residentBytes = (exporter: Exporter) => own(exporter, 'process_resident_memory_bytes');
