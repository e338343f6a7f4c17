import { renameSync, writeFileSync } from 'node:fs';

/**
 * Loaded into the exporter with --import: measures the longest gap between two ticks of a 1 ms interval, which is the
 * longest time the event loop did not come round. SIGUSR2 writes it to a file and starts again.
 */
const file = process.env['PORT_EXPORTER_BENCH_LOOP_FILE'];
if (file !== undefined) watch(file);

function watch(report: string): void {
  let last = performance.now();
  let longest = 0;
  const tick = (): void => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  };
  setInterval(tick, 1).unref();
  process.on('SIGUSR2', () => {
    tick();
    writeFileSync(`${report}.new`, String(longest));
    renameSync(`${report}.new`, report);
    longest = 0;
    last = performance.now();
  });
}
