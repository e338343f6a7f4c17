import { readdirSync, readFileSync } from 'node:fs';
import { vi } from 'vitest';
import type { Program } from '../e2e-program.ts';
import type { Stage } from '../e2e-stage.ts';

/** Makes a program hang until the test is over. Its threads stop one by one, so it waits for the last of them. Source: proc(5). */
export async function hang(stage: Stage, program: Program): Promise<void> {
  program.signal('SIGSTOP');
  stage.onEnd(() => program.signal('SIGCONT'));
  const tasks = `/proc/${program.pid}/task`;
  await vi.waitFor(
    () => {
      // "pid (name) state ..."; a name may have anything in it.
      const states = readdirSync(tasks).map(
        (id) => readFileSync(`${tasks}/${id}/stat`, 'utf8').split(') ').at(-1)?.[0],
      );
      if (states.some((state) => state !== 'T')) throw new Error(`its threads are ${states.join()}`);
    },
    { timeout: 10_000, interval: 5 },
  );
}
