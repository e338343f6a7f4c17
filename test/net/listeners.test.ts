import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { formatEndpoint } from '../../src/core/endpoint.ts';
import { localListeners } from '../../src/net/listeners.ts';

const HEADER = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const REST = '00000000:0000 00:00000000 00000000   999        0 21863 1 0000000000000000 100 0 0 10 0';

/** Lines as the kernel of a little-endian machine prints them. */
function line(local: string, state = '0A', remote = '00000000:0000'): string {
  return `   0: ${local} ${remote} ${state} ${REST}\n`;
}

/** /proc/net/if_inet6 of a machine that has ::1. */
const WITH_IPV6 = '00000000000000000000000000000001 01 80 10 80       lo\n';

function listenersOf(tcp: readonly string[], tcp6: readonly string[] = [], addresses6 = WITH_IPV6): string[] {
  const proc = mkdtempSync(join(tmpdir(), 'proc-'));
  onTestFinished(() => rmSync(proc, { recursive: true }));
  mkdirSync(join(proc, 'net'));
  writeFileSync(join(proc, 'net', 'tcp'), HEADER + tcp.join(''));
  writeFileSync(join(proc, 'net', 'tcp6'), HEADER + tcp6.join(''));
  writeFileSync(join(proc, 'net', 'if_inet6'), addresses6);
  return localListeners(proc).map(formatEndpoint);
}

const ANY4 = '00000000';
const LOOPBACK4 = '0100007F';
const ANY6 = '00000000000000000000000000000000';
const LOOPBACK6 = '00000000000000000000000001000000';
const MAPPED_LOOPBACK = '0000000000000000FFFF00000100007F';
const HOST6 = 'B80D0120000000000000000001000000';
const LINK_LOCAL6 = '000080FE00000000FF5D5A02A1B2C3FE';

describe('localListeners', () => {
  it('reaches a socket on all IPv6 addresses by IPv4 where the machine has no IPv6 address', () => {
    expect(listenersOf([], [line(`${ANY6}:0016`)], '')).toEqual(['127.0.0.1:22']);
  });

  it.each([
    ['a socket on all IPv4 addresses as 127.0.0.1', [line(`${ANY4}:0016`)], [], ['127.0.0.1:22']],
    ['a socket on all IPv6 addresses as ::1', [], [line(`${ANY6}:0016`)], ['[::1]:22']],
    ['a port on all addresses of both families once', [line(`${ANY4}:0016`)], [line(`${ANY6}:0016`)], ['127.0.0.1:22']],
    [
      'a loopback port of both families once',
      [line(`${LOOPBACK4}:1538`)],
      [line(`${LOOPBACK6}:1538`)],
      ['127.0.0.1:5432'],
    ],
    ['an IPv6 loopback port alone', [], [line(`${LOOPBACK6}:1538`)], ['[::1]:5432']],
    [
      '127.0.0.1 for a port that is there and on all of IPv6',
      [line(`${LOOPBACK4}:1538`)],
      [line(`${ANY6}:1538`)],
      ['127.0.0.1:5432'],
    ],
    ['an IPv4 address in an IPv6 socket as IPv4', [], [line(`${MAPPED_LOOPBACK}:1F90`)], ['127.0.0.1:8080']],
    [
      'specific addresses as they are',
      [line('0500000A:0050')],
      [line(`${HOST6}:0051`)],
      ['10.0.0.5:80', '[2001:db8::1]:81'],
    ],
    [
      'different addresses of one port as different places',
      [line('0100000A:0035'), line(`${LOOPBACK4}:0035`), line('3500007F:0035')],
      [],
      ['10.0.0.1:53', '127.0.0.1:53', '127.0.0.53:53'],
    ],
    [
      'ports in the order of their numbers',
      [line(`${ANY4}:FFFF`), line(`${ANY4}:0001`), line(`${ANY4}:0100`)],
      [],
      ['127.0.0.1:1', '127.0.0.1:256', '127.0.0.1:65535'],
    ],
    ['no link-local address', [line('FEA9FEA9:0050')], [line(`${LINK_LOCAL6}:0050`)], []],
    [
      'no connection, only what listens',
      [line(`${LOOPBACK4}:0050`, '01', '0100007F:9C40'), line(`${LOOPBACK4}:0051`, '06')],
      [],
      [],
    ],
    ['nothing of lines that it does not understand', ['garbage\n', line('XYZ:0050'), line('0100007F:'), '\n'], [], []],
  ])('lists %s', (_what, tcp, tcp6, expected) => {
    expect(listenersOf(tcp, tcp6)).toEqual(expected);
  });

  it('is empty where there is no /proc/net/tcp', () => {
    expect(localListeners('/nowhere')).toEqual([]);
  });

  it.runIf(process.platform === 'linux')('finds a server of this process', async () => {
    const server = createServer();
    onTestFinished(() => void server.close());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    expect(localListeners()).toContainEqual({ host: '127.0.0.1', port });
  });
});
