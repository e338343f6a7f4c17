import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { systemClock } from '../../src/net/clock.ts';
import { type EchoReply, Pings } from '../../src/net/ping.ts';
import { createNamespace } from '../helpers/e2e-namespace.ts';
import { runWell } from '../helpers/e2e-program.ts';
import type { Stage } from '../helpers/e2e-stage.ts';
import { ask, install } from '../helpers/fake-ping.ts';
import { NAMESPACE, needs } from '../helpers/programs.ts';
import { AS_NOBODY } from '../helpers/servers/nobody.ts';

/** The ping that BusyBox is when it is called so. */
function busyboxIn(stage: Stage, busybox: string): Pings {
  symlinkSync(busybox, join(stage.directory, 'ping'));
  return new Pings(systemClock, { directories: [stage.directory] });
}

/** The real ping, in another network. */
function pingIn(stage: Stage, enter: readonly string[], program: string): Pings {
  install(stage.directory, `#!/bin/sh\nexec ${enter.join(' ')} ${program} "$@"\n`);
  return new Pings(systemClock, { directories: [stage.directory] });
}

async function reasonOf(reply: Promise<EchoReply>): Promise<string> {
  return reply.then(
    () => 'up',
    ({ reason, message }) => `${reason}: ${message}`,
  );
}

describe('the ping of this machine', () => {
  needs('ping')('measures what the kernel does, by IPv4 and by IPv6', async () => {
    const pings = new Pings(systemClock);
    for (const host of ['127.0.0.1', '127.0.0.77', '::1']) {
      const { rttMs = -1, setupMs = -1, hopLimit } = await ask(pings, host, { payloadSize: 1000 }).reply;
      expect(hopLimit).toBe(64);
      expect(rttMs).toBeGreaterThan(0);
      expect(rttMs).toBeLessThan(1000);
      // A process has come and gone.
      expect(setupMs).toBeGreaterThan(0);
    }
  });

  needs('ping')('sends from where it is told to, and what it is told to', async () => {
    const pings = new Pings(systemClock);
    const odd = { sourceIp: '127.0.0.5', ttl: 1, payloadSize: 1, dontFragment: true };
    expect(await ask(pings, '127.0.0.1', odd).reply).toEqual({ hopLimit: 64 });
    expect(await reasonOf(ask(pings, '127.0.0.1', { sourceIp: '192.0.2.250' }).reply)).toMatch(/^exporter_error: ping/);
  });

  needs('ping')('replies to 100 at once', async () => {
    const pings = new Pings(systemClock);
    const replies = await Promise.all(Array.from({ length: 100 }, (_, i) => ask(pings, `127.0.1.${i}`).reply));
    expect(replies.every(({ hopLimit }) => hopLimit === 64)).toBe(true);
  });
});

describe('the ping of BusyBox', () => {
  needs('busybox', 'root')('replies by IPv4 and by IPv6, from where it is told to', async (stage) => {
    const pings = busyboxIn(stage, (await runWell(['sh', '-c', 'command -v busybox'])).trim());
    for (const [host, sourceIp] of [
      ['127.0.0.1', '127.0.0.5'],
      ['::1', '::1'],
    ] as const) {
      const { rttMs, hopLimit } = await ask(pings, host, { sourceIp, payloadSize: 1000, ttl: 7 }).reply;
      expect(hopLimit).toBe(64);
      expect(rttMs).toBeGreaterThan(0);
    }
    expect(await reasonOf(ask(pings, '127.0.0.1', { dontFragment: true }).reply)).toMatch(/^exporter_error: the ping/);
  });
});

const REJECTIONS: readonly (readonly [firewall: string, reason: RegExp])[] = [
  ['icmp-net-unreachable', /^network_unreachable: .* Destination Net Unreachable"$/],
  ['icmp-host-unreachable', /^host_unreachable: .* Destination Host Unreachable"$/],
  ['icmp-port-unreachable', /^host_unreachable: .* Destination Port Unreachable"$/],
  ['icmp-host-prohibited', /^host_unreachable: .* Destination Host Prohibited"$/],
  ['icmp-admin-prohibited', /^host_unreachable: .* Packet filtered"$/],
];

needs(
  ...NAMESPACE,
  'ping',
  'busybox',
)('firewalls and missing routes are told apart', async (stage) => {
  const { enter, iptables } = await createNamespace(stage);
  const pings = pingIn(stage, enter, 'ping');
  for (const [i, [answer, expected]] of REJECTIONS.entries()) {
    const host = `127.0.0.${10 + i}`;
    await iptables('-A', 'INPUT', '-p', 'icmp', '-d', host, '-j', 'REJECT', '--reject-with', answer);
    expect(await reasonOf(ask(pings, host).reply)).toMatch(expected);
  }
  await iptables('-A', 'INPUT', '-d', '127.0.0.99', '-j', 'DROP');
  const dropped = ask(pings, '127.0.0.99', { timeoutMs: 300 });
  expect(await reasonOf(dropped.reply)).toBe('timeout: no echo reply');
  for (const host of ['192.0.2.1', '2001:db8::1'])
    expect(await reasonOf(ask(pings, host).reply)).toMatch(/^network_unreachable: .*Network is unreachable"$/);
  await runWell([...enter, 'ip', 'link', 'set', 'lo', 'mtu', '1500']);
  const large = { payloadSize: 1473, dontFragment: true };
  expect(await reasonOf(ask(pings, '127.0.0.1', large).reply)).toMatch(/^host_unreachable: .*message too long/);
  expect(await reasonOf(ask(pings, '127.0.0.1', { ...large, payloadSize: 1472 }).reply)).toBe('up');

  const busybox = pingIn(stage, enter, 'busybox ping');
  expect(await reasonOf(ask(busybox, '192.0.2.1').reply)).toMatch(/^network_unreachable: .*Network is unreachable"$/);
  expect(await reasonOf(ask(busybox, '127.0.0.99', { timeoutMs: 300 }).reply)).toBe('timeout: no echo reply');
});

needs(
  ...NAMESPACE,
  'setpriv',
  'ping',
  'busybox',
)('without the right to send the target is not blamed', async (stage) => {
  const { enter } = await createNamespace(stage);
  // The capability belongs to the file: a copy does not have it.
  const copy = join(stage.directory, 'copy');
  await runWell(['sh', '-c', 'cp "$(command -v ping)" "$1" && chmod 755 "$1" "$2"', 'sh', copy, stage.directory]);
  for (const program of [copy, 'busybox ping']) {
    expect(await reasonOf(ask(pingIn(stage, [...enter, ...AS_NOBODY], program)).reply)).toMatch(
      /^exporter_error: ping may not send: give it the capability NET_RAW/,
    );
  }
});
