import { execFileSync } from 'node:child_process';
import { lstat, mkdir, open, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { StateFile } from '../../src/sms/state-file.ts';
import { temporaryDirectory } from '../cli/temporary.ts';
import { notification, ORDERS } from './notifications.ts';
import { ANNA, BEN, fakeTime, runningBridge } from './setup.ts';
import { TAKEN } from './stand-in.ts';

const DOWN = notification([ORDERS]);

describe('the state file', () => {
  test('lets a restart go on where it was: nobody gets a second SMS', async () => {
    await using directory = await temporaryDirectory();
    const stateFile = join(directory.path, 'state.json');
    const time = fakeTime();
    {
      await using before = await runningBridge(
        ({ form }) => (form['To'] === BEN ? { status: 500 } : TAKEN),
        { stateFile },
        time,
      );
      expect(await before.post(DOWN)).toMatchObject({ status: 503 });
    }
    await using after = await runningBridge(() => TAKEN, { stateFile }, time);
    expect(await after.post(DOWN)).toMatchObject({ status: 200 });
    expect(await after.post(DOWN)).toMatchObject({ status: 200 });
    expect(after.provider.taken()).toEqual({ [BEN]: 1 });
  });

  test('holds a recipient before the next one is tried', async () => {
    await using directory = await temporaryDirectory();
    const stateFile = join(directory.path, 'state.json');
    const held: string[] = [];
    await using bridge = await runningBridge(
      async () => {
        held.push(await readFile(stateFile, 'utf8'));
        return TAKEN;
      },
      { stateFile, maxConcurrency: 1 },
    );
    await bridge.post(DOWN);
    expect(held.map((text) => text.includes(ANNA))).toEqual([false, true]);
  });

  test.each(['', '{', '[]', '{"version":1,"notifications":[{"key":1}]}', '\u0000'])(
    'that holds %j is said and left behind',
    async (content) => {
      await using directory = await temporaryDirectory();
      const stateFile = join(directory.path, 'state.json');
      await writeFile(stateFile, content);
      await using bridge = await runningBridge(() => TAKEN, { stateFile });
      expect(bridge.logged.join('')).toContain('level=warn msg="the state file cannot be used');
      expect(await bridge.post(DOWN)).toMatchObject({ status: 200 });
      expect(await readFile(stateFile, 'utf8')).toContain(BEN);
    },
  );

  test('that hangs keeps nobody from the SMS, and is counted', async () => {
    await using directory = await temporaryDirectory();
    const stateFile = join(directory.path, 'state.json');
    // Nobody reads from it: to open it for writing takes for ever.
    execFileSync('sh', ['-c', 'mkfifo "$1"', 'sh', `${stateFile}.tmp`]);
    try {
      await using bridge = await runningBridge(() => TAKEN, { stateFile });
      expect(await bridge.post(DOWN)).toMatchObject({ status: 200 });
      expect((await bridge.samples()).value('port_exporter_sms_state_write_failures_total')).toBe(4);
      expect(bridge.logged.join('')).toContain('did not answer within 2000 ms');
    } finally {
      // Lets go of the thread that hangs.
      execFileSync('sh', ['-c', 'exec 3<> "$1" && rm "$1"', 'sh', `${stateFile}.tmp`]);
    }
  });

  test('that hangs when it is read does not keep the bridge from its start', async () => {
    await using directory = await temporaryDirectory();
    const stateFile = join(directory.path, 'state.json');
    execFileSync('sh', ['-c', 'mkfifo "$1"', 'sh', stateFile]);
    // Whoever reads waits for what this end never writes.
    await using _ = await open(stateFile, 'r+');
    await using bridge = await runningBridge(() => TAKEN, { stateFile });
    expect(await bridge.post(DOWN)).toMatchObject({ status: 200 });
    expect(bridge.logged.join('')).toContain('level=warn msg="the state file cannot be used');
  });

  test('that cannot be written stops no SMS, and is counted', async () => {
    await using directory = await temporaryDirectory();
    const stateFile = join(directory.path, 'gone', 'state.json');
    await using bridge = await runningBridge(() => TAKEN, { stateFile });
    expect(await bridge.post(DOWN)).toMatchObject({ status: 200 });
    expect((await bridge.samples()).value('port_exporter_sms_state_write_failures_total')).toBeGreaterThan(1);
    expect(bridge.logged.join('')).toContain('level=error msg="the state file cannot be written');
  });
});

describe('a state file that is a symbolic link', () => {
  /** A directory `etc` for links and a directory `volume` beside it. */
  async function places() {
    const directory = await temporaryDirectory();
    const etc = join(directory.path, 'etc');
    const volume = join(directory.path, 'volume');
    for (const path of [etc, volume]) await mkdir(path);
    const link = join(etc, 'state.json');
    return { etc, volume, link, [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose]() };
  }

  test.each([
    ['to a file', '../volume/real.json', true],
    ['to a file that is still to be made', '../volume/real.json', false],
    ['through other links', 'again.json', true],
    ['through other links, to a file that is still to be made', 'again.json', false],
  ])('%s stays one', async (_, target, there) => {
    await using at = await places();
    const real = join(at.volume, 'real.json');
    await symlink(target, at.link);
    await symlink(at.volume, join(at.etc, 'data'));
    // Of the volume, as it is reached through another link.
    await symlink('data/../volume/real.json', join(at.etc, 'again.json'));
    if (there) await writeFile(real, 'before');
    const state = new StateFile(at.link, () => 'after');
    expect(await state.read()).toBe(there ? 'before' : undefined);
    await state.write();
    expect((await lstat(at.link)).isSymbolicLink()).toBe(true);
    expect(await readFile(real, 'utf8')).toBe('after');
    expect((await stat(real)).mode & 0o777).toBe(0o600);
    expect(await state.read()).toBe('after');
    expect([await readdir(at.volume), await readdir(at.etc)]).toEqual([
      ['real.json'],
      ['again.json', 'data', 'state.json'],
    ]);
  });

  test('with an absolute target stays one', async () => {
    await using at = await places();
    await symlink(join(at.volume, 'real.json'), at.link);
    await new StateFile(at.link, () => 'after').write();
    expect(await readFile(join(at.volume, 'real.json'), 'utf8')).toBe('after');
  });

  test('that leads to itself is said, and stays', async () => {
    await using at = await places();
    await symlink('state.json', at.link);
    await expect(new StateFile(at.link, () => '').write()).rejects.toThrow('is a symbolic link that leads nowhere');
    expect((await lstat(at.link)).isSymbolicLink()).toBe(true);
  });
});
