import { platform, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { compareSync } from 'bcryptjs';

// A thread of its own: hashing takes some 80 ms, which would be in the latency of every probe.

/** With 10 it gets a tenth of a processor for which the probes ask too. */
const NICE = 10;

// Elsewhere it would be the priority of the whole process. Source: setpriority(2), "C library/kernel differences".
if (platform() === 'linux') beNice();

parentPort?.on('message', ({ password, hash }: { readonly password: string; readonly hash: string }) => {
  parentPort?.postMessage(matches(password, hash));
});

function matches(password: string, hash: string): boolean {
  try {
    // Go makes no difference between the versions of bcrypt.
    return compareSync(password, hash.replace(/^\$2[axy]?\$/, '$2b$'));
  } catch {
    return false;
  }
}

function beNice(): void {
  try {
    setPriority(NICE);
  } catch {
    // Not allowed here: then it is as important as the rest.
  }
}
