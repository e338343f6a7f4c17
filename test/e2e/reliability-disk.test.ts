import { readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { expect, vi } from 'vitest';
import { configText, startExporter } from '../helpers/e2e-exporter.ts';
import { freePort } from '../helpers/e2e-ports.ts';
import type { Stage } from '../helpers/e2e-stage.ts';
import { peer } from '../helpers/peers.ts';
import { needs } from '../helpers/programs.ts';

/**
 * Nothing can be written anywhere that counts: the root is read-only; the temporary directory (`$0`), the current one too, is full. What
 * the shell has written before, such as when its own program was read, is noted there.
 */
const NO_ROOM = [
  'mount -o remount,ro,bind / && mount -t tmpfs -o size=64k none "$0" && cd "$0" && export TMPDIR="$0" HOME="$0"',
  'grep ^write_bytes: /proc/$$/io >before',
  '! head -c 1M /dev/zero >full && ! touch /never-there',
].join(' && ');

const SOON = { timeout: 10_000, interval: 50 };
const LOST = 'port_exporter_log_lines_lost_total';
const SAYS_LOST = /msg="log lines were lost since the start: they could not be written" lines=(\d+)/;

needs('root', 'network namespaces')('the exporter needs no room on any disk: it writes nothing', async (stage) => {
  const { address } = stage.keep(await peer());
  const directory = temporaryDirectory(stage);
  const exporter = await startExporter(stage, {
    config: watch(address),
    before: ['unshare', '--mount', 'sh', '-c', `${NO_ROOM} && exec "$@"`, directory],
  });

  for (let scrape = 1; scrape <= 20; scrape++) {
    expect((await exporter.scrape()).value('probe_success')).toBe(1);
    expect((await exporter.get('/')).status).toBe(200);
  }
  writeFileSync(exporter.configFile, configText(watch(address, `127.0.0.1:${await freePort()}`)));
  expect((await exporter.get('/-/reload', { method: 'POST' })).status).toBe(200);
  expect((await exporter.scrape()).of('probe_success')).toHaveLength(2);

  const { pid } = exporter.program;
  const [before, after] = [`root${directory}/before`, 'io'].map((file) => bytesWritten(`/proc/${pid}/${file}`));
  expect(after).toBe(before);
  expect(filesOpen(pid)).toEqual([]);
  exporter.program.signal('SIGTERM');
  expect(await exporter.program.exit()).toBe(0);
});

needs('root', 'network namespaces')(
  'a log on a full disk goes on when there is room again, and says what is missing',
  async (stage) => {
    const { address } = stage.keep(await peer());
    const directory = temporaryDirectory(stage);
    const exporter = await startExporter(stage, {
      config: watch(address),
      before: ['unshare', '--mount', 'sh', '-c', `${NO_ROOM} && exec "$@" 2>"$0/log"`, directory],
      unheard: true,
    });
    const inside = `/proc/${exporter.program.pid}/root${directory}`;
    const log = () => readFileSync(`${inside}/log`, 'utf8');
    const lost = async () => (await exporter.scrape('/metrics?collect[]=exporter')).value(LOST);
    expect(log()).toBe('');
    expect(await lost()).toBeGreaterThan(0);

    rmSync(`${inside}/full`);
    expect((await exporter.get('/-/reload', { method: 'POST' })).status).toBe(200);

    await vi.waitFor(() => expect(SAYS_LOST.exec(log())).not.toBeNull(), SOON);
    expect(Number(SAYS_LOST.exec(log())?.[1])).toBe(await lost());
    expect(log()).toContain('msg="configuration loaded"');
  },
);

function watch(...targets: readonly string[]): object {
  return { groups: [{ name: 'all', targets }] };
}

function temporaryDirectory(stage: Stage): string {
  return stage.write('full/.keep', '').replace('/.keep', '');
}

/** Files of a disk that a process has open; neither pipes nor sockets nor devices. */
function filesOpen(pid: number): readonly string[] {
  return readdirSync(`/proc/${pid}/fd`)
    .flatMap((fd) => linkOf(`/proc/${pid}/fd/${fd}`) ?? [])
    .filter((file) => file.startsWith('/') && !/^\/(?:dev|proc|sys)\//.test(file));
}

function linkOf(file: string): string | undefined {
  try {
    return readlinkSync(file);
  } catch {
    // Closed meanwhile.
    return undefined;
  }
}

/** What the kernel counts as written to a disk. Source: the kernel's Documentation/filesystems/proc.rst, /proc/PID/io. */
function bytesWritten(file: string): number {
  return Number(/^write_bytes: (\d+)$/m.exec(readFileSync(file, 'utf8'))?.[1]);
}
