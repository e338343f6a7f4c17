import { openSync, readSync, renameSync, writeFileSync } from 'node:fs';

/**
 * Loaded into the exporter with --import: measures the longest gap between two ticks of a 1 ms interval, which is the longest time the
 * event loop did not come round, and the most that the loop's thread itself ran in such a gap: the rest is a machine that had no
 * time for it. SIGUSR2 writes both to a file, in ms, and starts again.
 */
const file = process.env['PORT_EXPORTER_BENCH_LOOP_FILE'];
if (file !== undefined) watch(file);

function watch(report: string): void {
  const ran = threadClock();
  let [last, lastRan] = [performance.now(), ran()];
  let [longest, mostRun] = [0, 0];
  const tick = (): void => {
    const [now, nowRan] = [performance.now(), ran()];
    longest = Math.max(longest, now - last);
    mostRun = Math.max(mostRun, nowRan - lastRan);
    [last, lastRan] = [now, nowRan];
  };
  setInterval(tick, 1).unref();
  process.on('SIGUSR2', () => {
    tick();
    writeFileSync(`${report}.new`, `${longest} ${mostRun}`);
    renameSync(`${report}.new`, report);
    [longest, mostRun] = [0, 0];
    [last, lastRan] = [performance.now(), ran()];
  });
}

/** How long the main thread has run on a CPU so far, ms. Source: the kernel's Documentation/scheduler/sched-stats.rst. */
function threadClock(): () => number {
  const schedstat = openSync(`/proc/self/task/${process.pid}/schedstat`, 'r');
  const buffer = Buffer.alloc(100);
  return () => Number(buffer.toString('latin1', 0, readSync(schedstat, buffer, 0, 100, 0)).split(' ')[0]) / 1e6;
}
