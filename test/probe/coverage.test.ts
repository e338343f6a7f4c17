import { describe, expect, test } from 'vitest';
import { formatEndpoint } from '../../src/core/endpoint.ts';
import { type IpAddress, parseIp } from '../../src/core/ip.ts';
import { systemClock } from '../../src/net/clock.ts';
import { placesOf } from '../../src/net/listeners.ts';
import type { ListeningSocket } from '../../src/net/listening-sockets.ts';
import { Pace } from '../../src/net/pace.ts';
import { type AddressOf, coverageOf } from '../../src/probe/coverage.ts';
import { configOf, endpoint, group } from '../config/reading.ts';
import { slowClock, turnsDuring } from '../helpers/turns.ts';

const INTERFACES = ['127.0.0.1', '::1', '10.0.0.7', 'fd00::7'];

function ip(text: string): IpAddress {
  const found = parseIp(text);
  if (found === undefined) throw new Error(`no address: ${text}`);
  return found;
}

function socket(text: string): ListeningSocket {
  const { host, port } = endpoint(text);
  return { address: ip(host), port, inode: '' };
}

/** What is not monitored, and which targets are silent, on a machine where this listens. `names`: where targets are that are names. */
async function coverage(listening: readonly string[], targets: readonly string[], names: Record<string, string> = {}) {
  const sockets = listening.map(socket);
  const machine = { sockets, places: placesOf(sockets), addresses: INTERFACES.map(ip) };
  const addressOf: AddressOf = ({ spec }) => {
    const known = names[spec.endpoint.host];
    return known === undefined ? undefined : ip(known);
  };
  const config = configOf(targets.length === 0 ? 'modules: {m: {prober: tcp}}' : group(...targets));
  const found = await coverageOf(machine, config.targets, addressOf, new Pace(systemClock, 10_000));
  return {
    unmonitored: found.unmonitored.map((place) => formatEndpoint(place.endpoint)),
    silent: found.silent.map(({ name }) => name),
  };
}

const NOTHING = { unmonitored: [], silent: [] };

describe('what listens is monitored', () => {
  test.each([
    ['0.0.0.0:22', '127.0.0.1:22'],
    ['0.0.0.0:22', '127.0.1.1:22'],
    ['0.0.0.0:22', '10.0.0.7:22'],
    ['[::]:22', '"[::1]:22"'],
    ['[::]:22', '127.0.0.1:22'],
    ['[::]:22', '"[fd00::7]:22"'],
    ['10.0.0.7:22', '10.0.0.7:22'],
    ['[fd00::7]:22', '"[fd00:0::7]:22"'],
    ['127.0.0.1:22', '{name: ssh, address: "127.0.0.1:22"}'],
    ['127.0.0.1:22', '"ssh://127.0.0.1"'],
    ['127.0.0.1:22', '{address: "127.0.0.1:22", expect: closed}'],
  ])('%s by the target %s', async (listening, target) => {
    expect(await coverage([listening], [target])).toEqual(NOTHING);
  });

  test.each([
    ['a name that is known to be here', '0.0.0.0:22', 'db1:22', '10.0.0.7'],
    ['a name of loopback', '127.0.0.1:22', 'localhost:22', '127.0.0.1'],
  ])('by %s', async (_what, listening, target, address) => {
    expect(await coverage([listening], [target], { [target.replace(':22', '')]: address })).toEqual(NOTHING);
  });

  test('where the address of a name is not known: it may be this machine', async () => {
    expect(await coverage(['0.0.0.0:22', '0.0.0.0:23'], ['db1:22'])).toEqual({
      unmonitored: ['127.0.0.1:23'],
      silent: [],
    });
  });

  test('on both loopback addresses by a target on one of them', async () => {
    expect(await coverage(['127.0.0.1:22', '[::1]:22'], ['127.0.0.1:22'])).toEqual(NOTHING);
  });
});

describe('what listens is not monitored', () => {
  test.each([
    ['without any target', ['0.0.0.0:22'], [], ['127.0.0.1:22']],
    ['by a target on another port', ['0.0.0.0:22'], ['10.9.9.9:23'], ['127.0.0.1:22']],
    ['by a target on another machine', ['0.0.0.0:22'], ['10.9.9.9:22'], ['127.0.0.1:22']],
    ['on another address of this machine', ['10.0.0.7:22', '127.0.0.1:22'], ['127.0.0.1:22'], ['10.0.0.7:22']],
    ['by a target that uses no TCP', ['0.0.0.0:22'], ['icmp://127.0.0.1', 'unix:///run/x.sock'], ['127.0.0.1:22']],
  ])('%s', async (_what, listening, targets, unmonitored) => {
    expect(await coverage(listening, targets)).toEqual({ unmonitored, silent: [] });
  });

  test('by a name that is another machine', async () => {
    expect(await coverage(['0.0.0.0:22'], ['db1:22'], { db1: '10.9.9.9' })).toEqual({
      unmonitored: ['127.0.0.1:22'],
      silent: [],
    });
  });
});

describe('a target is silent', () => {
  test.each([
    ['on loopback', '127.0.0.1:22', '127.0.0.1:22'],
    ['on an address of an interface', '10.0.0.7:22', '10.0.0.7:22'],
    ['on IPv6, where only IPv4 listens', '"[::1]:80"', '[::1]:80'],
    ['on an address where another one listens', '10.0.0.7:81', '10.0.0.7:81'],
    ['under its own name', '{name: x, address: "127.0.0.1:22"}', 'x'],
  ])('%s', async (_what, target, name) => {
    const { silent } = await coverage(['0.0.0.0:80', '127.0.0.1:81'], [target]);
    expect(silent).toEqual([name]);
  });

  test('never where a port should be closed', async () => {
    expect((await coverage([], ['{address: "127.0.0.1:22", expect: closed}'])).silent).toEqual([]);
  });

  test.each([['10.9.9.9:22'], ['db1:22'], ['icmp://127.0.0.1'], ['unix:///run/x.sock']])(
    'never elsewhere: %s',
    async (target) => {
      expect((await coverage([], [target])).silent).toEqual([]);
    },
  );
});

test('thousands of sockets and targets are compared in pieces', async () => {
  const sockets = Array.from({ length: 3000 }, (_, i) => socket(`127.0.0.1:${10_000 + i}`));
  const machine = { sockets, places: placesOf(sockets), addresses: [] };
  const { targets } = configOf(group(...Array.from({ length: 3000 }, (_, i) => `127.0.0.1:${11_000 + i}`)));
  const turns = await turnsDuring(async () => {
    const slow = new Pace(slowClock(0.1), 1e9);
    const { unmonitored, silent } = await coverageOf(machine, targets, () => undefined, slow);
    expect([unmonitored.length, silent.length]).toEqual([1000, 1000]);
  });
  expect(turns).toBeGreaterThan(50);
});
