import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { http } from '../helpers/e2e-http.ts';
import { runWell } from '../helpers/e2e-program.ts';
import { Samples } from '../helpers/e2e-samples.ts';
import { needs } from '../helpers/programs.ts';

// Slow, and the only test that asks the package registry.
needs('git', 'E2E_CLONE=1')('a fresh clone runs after npm ci and npm start', async (stage) => {
  const listed = await runWell([
    'git',
    '-c',
    'safe.directory=*',
    'ls-files',
    '--cached',
    '--others',
    '--exclude-standard',
    '-z',
  ]);
  const clone = join(stage.directory, 'clone');
  for (const file of listed.split('\0').filter((name) => name !== '')) cpSync(file, join(clone, file));
  await runWell(['npm', 'ci', '--no-audit', '--no-fund'], { cwd: clone });
  const command = ['npm', 'start', '--', '--web.listen-address=127.0.0.1:0'];
  const program = stage.start(command, { cwd: clone, group: true });
  const [, address] = await program.said(/msg=listening address=(\S+)/, 120_000);

  const { status, body } = await http(`http://${address}/metrics`);

  expect(status).toBe(200);
  expect(new Samples(body).of('port_exporter_build_info')).toHaveLength(1);
});
