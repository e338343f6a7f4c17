import { execFileSync } from 'node:child_process';
import { open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
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
