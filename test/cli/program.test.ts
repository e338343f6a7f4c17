import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { open, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { closedPort } from '../helpers/peers.ts';
import { temporaryDirectory } from './temporary.ts';

/** What package.json calls the program; `npm test` builds it first. */
const PROGRAM = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

function start(args: readonly string[], stdout: 'pipe' | number = 'pipe'): ChildProcess {
  return spawn(process.execPath, args, { stdio: ['ignore', stdout, 'pipe'] });
}

async function ending(child: ChildProcess) {
  const stderr = child.stderr === null ? '' : text(child.stderr);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stderr: await stderr };
}

/** Many addresses that nothing listens on: more than a pipe holds comes out. */
async function manyClosed(): Promise<string[]> {
  const port = await closedPort();
  return Array.from({ length: 1000 }, (_, i) => `127.1.${i >> 8}.${i & 255}:${port}`);
}

describe('the program', () => {
  test('runs under its own name and through a link, as npm installs it', async () => {
    await using directory = await temporaryDirectory();
    const link = join(directory.path, 'port-exporter');
    await symlink(PROGRAM, link);
    for (const file of [PROGRAM, link]) {
      const child = start([file, '--version']);
      const [stdout, { code, stderr }] = await Promise.all([child.stdout && text(child.stdout), ending(child)]);
      expect(stdout).toMatch(/^port-exporter \d+\.\d+\.\d+/);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    }
  });

  test('exits with what the command says', async () => {
    const child = start([PROGRAM, '--nonsense']);
    expect(await ending(child)).toEqual({ code: 2, stderr: expect.stringMatching(/^port-exporter serve: .*\n$/) });
  });

  test('does not mind a reader that has seen enough', async () => {
    const child = start([PROGRAM, 'probe', ...(await manyClosed())]);
    child.stdout?.once('data', () => child.stdout?.destroy());
    expect(await ending(child)).toEqual({ code: 1, stderr: '' });
  });

  test.runIf(existsSync('/dev/full'))(
    'says that the disk is full, and does not pretend that it has printed',
    async () => {
      await using full = await open('/dev/full', 'w');
      const child = start([PROGRAM, 'discover'], full.fd);
      expect(await ending(child)).toEqual({
        code: 3,
        stderr: expect.stringMatching(/^port-exporter: cannot write: ENOSPC.*\n$/),
      });
    },
  );

  test('is only a module when it is imported', async () => {
    const child = start(['--input-type=module', '-e', `await import(${JSON.stringify(PROGRAM)})`]);
    expect(await ending(child)).toEqual({ code: 0, stderr: '' });
  });
});
