import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { Visitor, visit } from '../../helpers/checks.ts';
import { freePort } from '../../helpers/e2e-ports.ts';
import type { Stage } from '../../helpers/e2e-stage.ts';
import { needs } from '../../helpers/programs.ts';
import { listening } from '../../helpers/servers/listening.ts';

async function startRsync(stage: Stage) {
  const port = await freePort();
  const log = join(stage.directory, 'log');
  const lines = [
    'address = 127.0.0.1',
    `port = ${port}`,
    `log file = ${log}`,
    `pid file = ${log}.pid`,
    'use chroot = no',
  ];
  const config = stage.write('rsyncd.conf', `${lines.join('\n')}\n`);
  // It takes a socket at its standard input for a visit that inetd hands over.
  const command = `exec rsync --daemon --no-detach --config=${config} </dev/null`;
  const program = stage.start(['sh', '-c', command]);
  await listening(port);
  return {
    address: `127.0.0.1:${port}`,
    program,
    lines: () =>
      readFileSync(log, 'utf8')
        .split('\n')
        .filter((line) => line.includes('] ')).length,
  };
}

needs('rsync')('an rsync daemon logs 300 looks with a line each, and 300 connects with no fewer', async (stage) => {
  const rsync = await startRsync(stage);
  const before = rsync.lines();
  expect(await new Visitor(rsync.address, { service: 'rsync' }).probes(300)).toEqual({ up: 300 });
  await expect.poll(() => rsync.lines() - before, { timeout: 5000 }).toBe(300);
  expect(await new Visitor(rsync.address, {}).probes(300)).toEqual({ up: 300 });
  await expect.poll(() => rsync.lines() - before, { timeout: 5000 }).toBeGreaterThanOrEqual(600);
  const { service } = await visit(rsync.address, { service: 'rsync' });
  expect(service?.version).toMatch(/^protocol \d+/);
  rsync.program.signal('SIGSTOP');
  const { failure } = await visit(rsync.address, { service: 'rsync', timeoutMs: 300 });
  rsync.program.signal('SIGCONT');
  expect(failure).toMatchObject({ reason: 'timeout', phase: 'handshake' });
});
