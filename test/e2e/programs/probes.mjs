// Probes one port many times at once with a check and tells, as JSON, what came of it and how much memory was in use on top of what was
// before, bytes: at most, and each time for good. Needs --expose-gc and the directory of the built program.
import { setTimeout } from 'node:timers/promises';

const [, , built, service, port, count, timeoutMs] = process.argv;
const load = (file) => import(`${built}/${file}`);
const { serviceByName } = await load('checks/registry.js');
const { Memories } = await load('checks/memories.js');
const { Authorities } = await load('net/authorities.js');
const { Deadlines, systemClock } = await load('net/clock.js');
const { Dialer } = await load('net/dialer.js');
const { Probe } = await load('probe/run.js');

const world = {
  clock: systemClock,
  deadlines: new Deadlines(systemClock),
  dialer: new Dialer(systemClock),
  authorities: new Authorities(systemClock),
  memories: new Memories(),
};
const { check } = serviceByName(service);
const policy = { mayResolve: () => true, allows: () => true };
const address = { family: 4, text: '127.0.0.1' };
const spec = {
  endpoint: { host: address.text, port: Number(port) },
  timeoutMs: Number(timeoutMs),
  family: { prefer: 4, fallback: true },
  use: { check, options: check.options.parse({}) },
};

/** Probes so many times at once; `look` is called all along. */
async function probeAll(times, look) {
  const results = [];
  const probes = Array.from({ length: times }, (_, i) => {
    const order = { key: `${i}`, spec, policy, literal: address };
    return new Probe(world, order, (result) => results.push(result));
  });
  for (const probe of probes) {
    probe.allow(systemClock.now() + spec.timeoutMs, spec.timeoutMs);
    probe.start();
  }
  while (results.length < times) {
    look();
    await setTimeout(5);
  }
  return results;
}

/** Twice: the memory of buffers is given back in the background, which the next collection waits for. */
function inUse() {
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** What is in use when nothing goes on: buffers that nobody has any more are given back some time later. */
async function inUseAtRest() {
  let least = inUse();
  for (let look = 0; look < 10; look++) {
    await setTimeout(50);
    least = Math.min(least, inUse());
  }
  return least;
}

// What a first crowd leaves behind for good, such as compiled code, is not the memory of a connection.
await probeAll(Number(count), inUse);
const results = [];
const rises = [];
let peak = 0;
// What is leaked is leaked each time; buffers that Node.js keeps for the next in need come and go.
for (let crowd = 0; crowd < 2; crowd++) {
  const before = await inUseAtRest();
  const more = await probeAll(Number(count), () => {
    peak = Math.max(peak, inUse() - before);
  });
  results.push(...more);
  rises.push((await inUseAtRest()) - before);
}
const outcomes = [...new Set(results.map(({ failure }) => failure?.reason ?? 'up'))];
const longestMs = Math.max(...results.map(({ durationMs }) => durationMs));
process.stdout.write(JSON.stringify({ outcomes, longestMs, peak, left: Math.min(...rises) }));
