import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/net/clock.ts';
import { Pace } from '../../src/net/pace.ts';
import { CoverageWatch, lookFrom } from '../../src/probe/coverage-watch.ts';
import { type Findings, lookAround } from '../../src/probe/look-around.ts';
import { States } from '../../src/probe/state.ts';
import { fakeProc, socketLine } from '../helpers/fake-proc.ts';
import { peer } from '../helpers/peers.ts';
import { target, testWorld } from '../helpers/world.ts';

const LISTENER = { endpoint: { host: '127.0.0.1', port: 22 }, process: { pid: 1, name: 'sshd', command: ['secret'] } };
const FOUND: Findings = { listeners: [], unmonitored: [LISTENER], silent: [target('127.0.0.1', 1)] };
const FACTS = { unmonitored: 1, listed: [{ address: '127.0.0.1:22', process: 'sshd' }], silent: 1 };

/** A watch whose clock stands still, and whose looks end when they are told to. */
function watched() {
  const looks: ((found: Findings | undefined) => void)[] = [];
  let now = 0;
  const watch = new CoverageWatch(
    () => now,
    () => new Promise((resolve) => looks.push(resolve)),
  );
  const later = (ms: number) => {
    now += ms;
  };
  return { watch, looks, later };
}

describe('CoverageWatch', () => {
  const targets = [target('127.0.0.1', 1)];

  test('looks when it is asked, and not again within a minute', async () => {
    const { watch, looks, later } = watched();
    expect(looks).toHaveLength(0);
    const [first, second] = [watch.facts(targets), watch.facts(targets)];
    looks[0]?.(FOUND);
    expect(await first).toEqual(FACTS);
    expect(await second).toEqual(FACTS);
    later(59_000);
    expect(await watch.facts(targets)).toEqual(FACTS);
    expect(looks).toHaveLength(1);
    later(1000);
    const again = watch.facts(targets);
    looks[1]?.({ ...FOUND, unmonitored: [] });
    expect(await again).toEqual({ unmonitored: 0, listed: [], silent: 1 });
  });

  test('holds up a scrape for a moment only, and tells meanwhile what it knew', async () => {
    const { watch, looks, later } = watched();
    expect(await watch.facts(targets)).toBeUndefined();
    looks[0]?.(FOUND);
    expect(await watch.facts(targets)).toEqual(FACTS);
    later(60_000);
    expect(await watch.facts(targets)).toEqual(FACTS);
    expect(looks).toHaveLength(2);
  });

  test('says nothing where it could not find out in time, and looks again a minute later', async () => {
    const { watch, looks, later } = watched();
    const first = watch.facts(targets);
    looks[0]?.(undefined);
    expect(await first).toBeUndefined();
    later(60_000);
    const second = watch.facts(targets);
    looks[1]?.(FOUND);
    expect(await second).toEqual(FACTS);
  });

  test('forgets what was true of another configuration, and does not mistake a late look at it', async () => {
    const { watch, looks } = watched();
    const old = watch.facts(targets);
    const other = [target('127.0.0.1', 2)];
    const now = watch.facts(other);
    looks[0]?.(FOUND);
    looks[1]?.({ ...FOUND, silent: [] });
    expect(await old).toBeUndefined();
    expect(await now).toEqual({ ...FACTS, silent: 0 });
  });

  test('takes a look that fails for one that found nothing out, and says why', async () => {
    const failed: unknown[] = [];
    const watch = new CoverageWatch(
      () => 0,
      () => Promise.reject(new Error('no /proc')),
      (error) => failed.push(error),
    );
    expect(await watch.facts(targets)).toBeUndefined();
    expect(failed).toEqual([new Error('no /proc')]);
  });

  test('names a hundred of them, and counts all', async () => {
    const { watch, looks } = watched();
    const many = Array.from({ length: 250 }, (_, i) => ({ endpoint: { host: '127.0.0.1', port: i + 1 } }));
    const asked = watch.facts(targets);
    looks[0]?.({ ...FOUND, unmonitored: many });
    const facts = await asked;
    expect(facts?.unmonitored).toBe(250);
    expect(facts?.listed).toHaveLength(100);
    expect(facts?.listed[0]).toEqual({ address: '127.0.0.1:1', process: '' });
  });
});

describe('lookAround', () => {
  const pace = () => new Pace(systemClock, 10_000);

  test('leaves out port-exporters, by their command line', async () => {
    const proc = fakeProc({
      tcp: [socketLine('0100007F:25F3', 11), socketLine('0100007F:1538', 12)],
      processes: {
        40: { name: 'node', command: ['node', '/usr/bin/port-exporter', 'sms'], files: ['socket:[11]'] },
        41: { name: 'postgres', files: ['socket:[12]'] },
      },
    });
    for (const processesOf of ['all', 'unmonitored'] as const) {
      const found = await lookAround([], () => undefined, pace(), { processesOf, procDir: proc });
      expect(found?.unmonitored.map(({ endpoint }) => endpoint.port)).toEqual([5432]);
    }
  });

  test('says nothing on a system that does not tell what listens', async () => {
    const looking = { processesOf: 'all', procDir: '/nowhere' } as const;
    expect(await lookAround([target('127.0.0.1', 1)], () => undefined, pace(), looking)).toBeUndefined();
  });

  test('says nothing when its time is over', async () => {
    const over = new Pace(systemClock, 0);
    expect(await lookAround([], () => undefined, over, { processesOf: 'all' })).toBeUndefined();
  });

  test.runIf(process.platform === 'linux')('does not count what this process listens on itself', async () => {
    await using server = await peer();
    const found = await lookFrom(testWorld(), new States())([]);
    expect(found?.unmonitored.filter(({ endpoint }) => endpoint.port === server.port)).toEqual([]);
  });

  test.runIf(process.platform === 'linux')('knows a name by where it was dialled, or by asking', async () => {
    const world = testWorld();
    const states = new States();
    const [silent, resolved] = [target('db.invalid', 1), target('localhost', 1)];
    const address = { text: '127.0.0.1', family: 4 as const, bytes: Uint8Array.of(127, 0, 0, 1) };
    const result = { startedAt: 1, durationMs: 1, budgetMs: 1, phases: {}, address, latencyErrorMs: 0 };
    states.record(silent, result, 0);
    const found = await lookFrom(world, states)([silent, resolved]);
    expect(found?.silent.map(({ name }) => name).toSorted()).toEqual(['db.invalid:1', 'localhost:1']);
  });
});
