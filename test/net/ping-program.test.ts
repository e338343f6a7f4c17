import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/net/clock.ts';
import { Pings } from '../../src/net/ping.ts';
import type { EchoRequest } from '../../src/net/ping-program.ts';
import { ask, emptyDirectory, fakePing, install } from '../helpers/fake-ping.ts';

const REPLY = "echo '36 bytes from 127.0.0.1: icmp_seq=1 ttl=57 time=1.23 ms'";

describe('ping on this machine', () => {
  it('is exporter_error where there is none, until somebody installs it', async () => {
    const directory = emptyDirectory();
    const pings = new Pings(systemClock, { directories: [directory] });
    await expect(ask(pings).reply).rejects.toMatchObject({
      reason: 'exporter_error',
      message: 'ping is not installed: install iputils-ping (Fedora, Arch and Alpine call it iputils)',
    });
    install(directory, `#!/bin/sh\necho 'ping from iputils 20221126'\n${REPLY}\n`);
    await expect(ask(pings).reply).resolves.toMatchObject({ rttMs: 1.23 });
  });

  it('is exporter_error where it is nothing that we know', async () => {
    const { pings, directory } = fakePing('exit 0', 'neither');
    await expect(ask(pings).reply).rejects.toMatchObject({
      reason: 'exporter_error',
      message: expect.stringContaining(`${directory}/ping is neither the ping of iputils nor BusyBox's: install`),
    });
  });

  it('is looked for again when it cannot be started any more', async () => {
    const { directory, pings } = fakePing(REPLY);
    await ask(pings).reply;
    chmodSync(join(directory, 'ping'), 0o644);
    // Root may read, but not execute it either.
    await expect(ask(pings).reply).rejects.toMatchObject({
      reason: 'exporter_error',
      message: expect.stringContaining('ping may not send'),
    });
    await expect(ask(pings).reply).rejects.toMatchObject({ message: expect.stringContaining('is not installed') });
  });

  it('is not what the configuration of the exporter’s own environment makes of it', async () => {
    vi.stubEnv('LC_ALL', 'de_DE.UTF-8');
    vi.stubEnv('SECRET', 'hidden');
    const { pings, log } = fakePing(`note "$LC_ALL$SECRET"; ${REPLY}`);
    await ask(pings).reply;
    vi.unstubAllEnvs();
    expect(log()).toEqual(['C']);
  });

  it.each<[who: 'iputils' | 'busybox', host: string, request: Partial<EchoRequest>, args: string]>([
    ['iputils', '127.0.0.1', {}, '-n -4 -c 1 -W 6 -s 28 -- 127.0.0.1'],
    ['iputils', '::1', { timeoutMs: 1200 }, '-n -6 -c 1 -W 3 -s 28 -- ::1'],
    [
      'iputils',
      '127.0.0.1',
      { payloadSize: 1472, dontFragment: true, ttl: 3, sourceIp: '127.0.0.2' },
      '-n -4 -c 1 -W 6 -s 1472 -t 3 -I 127.0.0.2 -M do -- 127.0.0.1',
    ],
    ['iputils', 'fe80::1%eth0', { dontFragment: true }, '-n -6 -c 1 -W 6 -s 28 -- fe80::1%eth0'],
    ['busybox', '127.0.0.1', { payloadSize: 0, ttl: 255 }, '-c 1 -W 6 -s 0 -t 255 -- 127.0.0.1'],
    ['busybox', '::1', { dontFragment: true, sourceIp: '::1' }, '-c 1 -W 6 -s 28 -I ::1 -- ::1'],
  ])('of %s is told by its own options: %s, %j', async (who, host, request, args) => {
    const { pings, log } = fakePing('note "$@"', who);
    await ask(pings, host, request).reply.catch(() => {});
    expect(log()).toEqual([args]);
  });

  it.each<[who: 'iputils' | 'busybox', request: Partial<EchoRequest>, message: string]>([
    ['busybox', { dontFragment: true }, 'the ping of BusyBox does not know dont_fragment: install'],
    ['iputils', { payloadSize: 65_508 }, 'a payload must be a whole number from 0 to 65507, not 65508'],
    ['iputils', { payloadSize: -1 }, 'a payload must be a whole number from 0 to 65507, not -1'],
    ['iputils', { payloadSize: Number.NaN }, 'a payload must be a whole number from 0 to 65507, not NaN'],
    ['iputils', { ttl: 0 }, 'a TTL must be a whole number from 1 to 255, not 0'],
    ['iputils', { timeoutMs: Number.POSITIVE_INFINITY }, 'a timeout in seconds must be a whole number'],
    ['iputils', { sourceIp: '::1' }, "the source must be an IPv4 address, as the target's is"],
    ['iputils', { sourceIp: '-f' }, "the source must be an IPv4 address, as the target's is"],
  ])('of %s is not started for %j', async (who, request, message) => {
    const { pings, log } = fakePing('note "$@"', who);
    await expect(ask(pings, '127.0.0.1', request).reply).rejects.toMatchObject({
      reason: 'exporter_error',
      message: expect.stringContaining(message),
    });
    expect(log()).toEqual([]);
  });
});
