import { describe, expect, it, vi } from 'vitest';
import type { Reason } from '../../src/core/reason.ts';
import { ask, fakePing } from '../helpers/fake-ping.ts';

const REPLY = "echo '36 bytes from 127.0.0.1: icmp_seq=1 ttl=57 time=1.23 ms'";
const SILENCE = "printf '\\n1 packets transmitted, 0 received, 100% packet loss, time 0ms\\n\\n'";
/** Says nothing until it is told to stop, as ping does when nothing comes back. */
const WAITS = `trap "${SILENCE.replaceAll('"', '\\"')}; exit 1" INT; while :; do sleep 0.02; done`;
/** Notes its own number, and stays. */
const STAYS = 'note $$; exec sleep 60';

describe('a reply', () => {
  it.each([
    ['with the time that ping printed, however long ping itself takes', REPLY, { rttMs: 1.23, hopLimit: 57 }],
    ['in whole milliseconds', "echo '36 bytes from 127.0.0.1: icmp_seq=1 ttl=57 time=123 ms'", { rttMs: 123 }],
    ['of BusyBox', "echo '36 bytes from 127.0.0.1: seq=0 ttl=64 time=0.058 ms'", { rttMs: 0.058, hopLimit: 64 }],
    [
      'without a time, where the payload is too small for one',
      "echo '9 bytes from 127.0.0.1: icmp_seq=1 ttl=64'",
      { hopLimit: 64 },
    ],
    ['without a hop limit', "echo '36 bytes from 127.0.0.1: icmp_seq=1 time=0.5 ms'", { rttMs: 0.5 }],
    [
      'after a redirect, which is no error',
      `echo 'From 127.0.0.2: icmp_seq=1 Redirect Host(New nexthop: 127.0.0.3)'; ${REPLY}`,
      { rttMs: 1.23 },
    ],
  ])('counts %s', async (_, script, expected) => {
    const { reply } = ask(fakePing(script).pings);
    await expect(reply).resolves.toMatchObject(expected);
    const { rttMs, setupMs } = await reply;
    expect(setupMs === undefined).toBe(rttMs === undefined);
  });

  it('of IPv6 may come with its zone or without', async () => {
    const { pings } = fakePing("echo '36 bytes from fe80::2: icmp_seq=1 ttl=64 time=0.1 ms'");
    await expect(ask(pings, 'fe80::2%eth0').reply).resolves.toMatchObject({ hopLimit: 64 });
  });

  it.each([
    ['somebody else’s', "echo '36 bytes from 127.0.0.2: icmp_seq=1 ttl=57 time=1.23 ms'"],
    ['truncated', "echo '36 bytes from 127.0.0.1: icmp_seq=1 ttl=57 (truncated)'"],
    ['with a wrong checksum', "echo '36 bytes from 127.0.0.1: icmp_seq=1 ttl=57 time=1.23 ms (BAD CHECKSUM!)'"],
    ['with a time that is none', "echo '36 bytes from 127.0.0.1: icmp_seq=1 ttl=57 time=-1 ms'"],
  ])('that is %s is unexpected_response', async (_, script) => {
    await expect(ask(fakePing(script).pings).reply).rejects.toMatchObject({ reason: 'unexpected_response' });
  });
});

describe('no reply', () => {
  it.each<[what: string, script: string, reason: Reason, detail: string]>([
    ['silence', `${SILENCE}; exit 1`, 'timeout', 'no echo reply'],
    [
      'silence of BusyBox',
      "printf '1 packets transmitted, 0 packets received, 100%% packet loss\\n'; exit 1",
      'timeout',
      'no echo reply',
    ],
    [
      'a router that knows no way',
      `echo 'From 10.0.0.1 icmp_seq=1 Destination Host Unreachable'; ${SILENCE}; exit 1`,
      'host_unreachable',
      'ping says "From 10.0.0.1 icmp_seq=1 Destination Host Unreachable"',
    ],
    [
      'too few hops',
      `echo 'From 10.0.0.1 icmp_seq=1 Time to live exceeded'; ${SILENCE}; exit 1`,
      'host_unreachable',
      'ping says "From 10.0.0.1 icmp_seq=1 Time to live exceeded"',
    ],
    [
      'a router without a route',
      `echo 'From 10.0.0.1 icmp_seq=1 Destination Net Unreachable'; ${SILENCE}; exit 1`,
      'network_unreachable',
      'ping says "From 10.0.0.1 icmp_seq=1 Destination Net Unreachable"',
    ],
    [
      'this machine without a route',
      "echo 'ping: connect: Network is unreachable' >&2; exit 2",
      'network_unreachable',
      'ping says ": connect: Network is unreachable"',
    ],
    [
      'the same of Alpine',
      "echo 'ping: sendto: Network unreachable' >&2; exit 1",
      'network_unreachable',
      'ping says ": sendto: Network unreachable"',
    ],
    [
      'a packet larger than the interface takes',
      `echo 'ping: local error: message too long, mtu=1500' >&2; ${SILENCE}; exit 1`,
      'host_unreachable',
      'ping says ": local error: message too long, mtu=1500"',
    ],
    [
      'a warning and then silence',
      `echo 'ping: Warning: source address might be selected on device other than: lo.' >&2; ${SILENCE}; exit 1`,
      'timeout',
      'no echo reply',
    ],
    [
      'a ping without the right to send',
      "printf 'ping: socktype: SOCK_RAW\\nping: socket: Operation not permitted\\n' >&2; exit 2",
      'exporter_error',
      'ping may not send: give it the capability NET_RAW, or its group a place in net.ipv4.ping_group_range ("ping: socktype: SOCK_RAW ping: socket: Operation not permitted")',
    ],
    [
      'the same of BusyBox',
      "echo 'ping: permission denied (are you root?)' >&2; exit 1",
      'exporter_error',
      'ping may not send: give it the capability NET_RAW, or its group a place in net.ipv4.ping_group_range ("ping: permission denied (are you root?)")',
    ],
    [
      'a source address that is not ours',
      "echo 'ping: bind: Cannot assign requested address' >&2; exit 2",
      'exporter_error',
      'ping ended with 2: "ping: bind: Cannot assign requested address"',
    ],
    [
      'garbage',
      "printf '\\000\\377\\n\\nbytes from\\n'",
      'exporter_error',
      'ping ended with 0 and said nothing of a packet',
    ],
    [
      'a signal from somebody else',
      'kill -TERM $$',
      'exporter_error',
      'ping was ended by SIGTERM and said nothing of a packet',
    ],
    ['endless output', 'exec yes', 'exporter_error', 'ping says far more than it should'],
    ['endless complaints', 'exec yes >&2', 'exporter_error', 'ping says far more than it should'],
  ])('%s has its reason', async (_, script, reason, message) => {
    const { pings } = fakePing(script);
    await expect(ask(pings).reply).rejects.toMatchObject({ reason, message });
    await vi.waitFor(() => expect(pings.inFlight).toBe(0));
  });

  it('when the time is over ping is asked for its last words', async () => {
    const { pings } = fakePing(WAITS);
    await expect(ask(pings, '127.0.0.1', { timeoutMs: 100 }).reply).rejects.toMatchObject({ reason: 'timeout' });
  });

  it('a ping that does not end even then is ended, and the target is not blamed', async () => {
    const { pings, log } = fakePing(`trap '' INT; ${STAYS}`);
    await expect(ask(pings, '127.0.0.1', { timeoutMs: 50 }).reply).rejects.toMatchObject({
      reason: 'exporter_error',
      message: 'ping hangs, or was ended by somebody else',
    });
    expect(log()).toHaveLength(1);
    expect(log().filter(isAlive)).toEqual([]);
  });
});

describe('many at once', () => {
  it('wait for their turn, and what is given up leaves nothing behind', async () => {
    const { pings, log } = fakePing(STAYS, 'iputils', { most: 2 });
    const echoes = Array.from({ length: 5 }, () => ask(pings));
    await vi.waitFor(() => expect(log()).toHaveLength(2));
    expect(echoes.map(({ isStarted }) => isStarted)).toEqual([true, true, false, false, false]);

    echoes[3]?.cancel();
    echoes[0]?.cancel();
    await expect(echoes[3]?.reply).rejects.toMatchObject({ reason: 'timeout' });
    await vi.waitFor(() => expect(log()).toHaveLength(3));
    expect(echoes.map(({ isStarted }) => isStarted)).toEqual([true, true, true, false, false]);

    for (const echo of echoes) echo.cancel();
    await vi.waitFor(() => expect(pings.inFlight).toBe(0));
    expect(log()).toHaveLength(3);
    expect(log().filter(isAlive)).toEqual([]);
  });

  it('have each its own time, whatever it waited for its turn', async () => {
    const { pings } = fakePing(`[ "$8" = 1 ] && exec sleep 60; ${REPLY}`, 'iputils', { most: 1 });
    const slow = ask(pings, '127.0.0.1', { payloadSize: 1, timeoutMs: 1000 });
    const quick = ask(pings, '127.0.0.1', { payloadSize: 2, timeoutMs: 990 });
    await expect(slow.reply).rejects.toMatchObject({ reason: 'exporter_error' });
    const { rttMs, setupMs } = await quick.reply;
    expect(rttMs).toBe(1.23);
    expect(setupMs).toBeLessThan(990);
  });

  it('are over in any order without a process left', async () => {
    const { pings } = fakePing(REPLY, 'iputils', { most: 8 });
    const echoes = Array.from({ length: 40 }, () => ask(pings));
    for (const [i, echo] of echoes.entries()) if (i % 3 === 0) echo.cancel();
    const results = await Promise.allSettled(echoes.map(({ reply }) => reply));
    expect(results.map(({ status }) => status)).toEqual(echoes.map((_, i) => (i % 3 === 0 ? 'rejected' : 'fulfilled')));
    await vi.waitFor(() => expect(pings.inFlight).toBe(0));
  });
});

function isAlive(pid: string): boolean {
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch {
    return false;
  }
}
