import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Phase, ProbeFailure } from '../../src/core/reason.ts';
import { classify, describe as inWords, isExporterFault } from '../../src/net/classify.ts';

function coded(code: string): Error {
  return Object.assign(new Error('text that says nothing, even "timeout" or "refused"'), { code });
}

const TABLE: readonly (readonly [string, Phase, string])[] = [
  ['ECONNREFUSED', 'connect', 'connection_refused'],
  ['ECONNREFUSED', 'resolve', 'dns_failure'],
  ['ETIMEDOUT', 'connect', 'timeout'],
  ['EHOSTUNREACH', 'connect', 'host_unreachable'],
  ['ENETUNREACH', 'connect', 'network_unreachable'],
  ['ECONNRESET', 'connect', 'connection_reset'],
  ['ECONNRESET', 'tls', 'connection_reset'],
  ['EPIPE', 'tls', 'closed_early'],
  ['ENOTFOUND', 'resolve', 'dns_not_found'],
  ['ENODATA', 'resolve', 'dns_not_found'],
  ['EBADNAME', 'resolve', 'dns_not_found'],
  ['ETIMEOUT', 'resolve', 'dns_timeout'],
  ['ESERVFAIL', 'resolve', 'dns_failure'],
  ['ESOMETHINGNEW', 'resolve', 'dns_failure'],
  ['CERT_HAS_EXPIRED', 'tls', 'tls_certificate_expired'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls', 'tls_hostname_mismatch'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls', 'tls_handshake_failed'],
  ['EMFILE', 'connect', 'exporter_error'],
  ['ENFILE', 'connect', 'exporter_error'],
  ['EADDRNOTAVAIL', 'connect', 'exporter_error'],
  ['ENOBUFS', 'connect', 'exporter_error'],
  ['ENOMEM', 'connect', 'exporter_error'],
  ['EACCES', 'connect', 'exporter_error'],
  ['ESOMETHINGNEW', 'connect', 'exporter_error'],
];

test.each(TABLE)('%s in phase %s is %s, bare, wrapped and wrapped twice', (code, phase, reason) => {
  const bare = coded(code);
  const wrapped = new Error('outer', { cause: bare });
  for (const error of [bare, wrapped, new Error('outermost', { cause: wrapped })])
    expect(classify(error, phase)).toBe(reason);
});

const FORBIDDEN: readonly (readonly [string, object, Phase, string])[] = [
  ['by a firewall', { code: 'EACCES', syscall: 'connect', address: 'fd00::2' }, 'connect', 'host_unreachable'],
  [
    'by a policy of this machine',
    { code: 'EPERM', syscall: 'connect', address: '10.0.0.2' },
    'connect',
    'host_unreachable',
  ],
  ['as a protocol', { code: 'ENOPROTOOPT', syscall: 'connect', address: '10.0.0.2' }, 'connect', 'host_unreachable'],
  ['while it lasts', { code: 'EACCES', syscall: 'read' }, 'handshake', 'host_unreachable'],
  ['as a datagram', { code: 'EACCES', syscall: 'recvmsg' }, 'handshake', 'host_unreachable'],
  ['on the way to the resolver', { code: 'EACCES', syscall: 'connect' }, 'resolve', 'dns_failure'],
  [
    'to this user, as a Unix socket',
    { code: 'EACCES', syscall: 'connect', address: '/run/x.sock' },
    'connect',
    'exporter_error',
  ],
  ['to this user, as a program', { code: 'EACCES', syscall: 'spawn ping' }, 'handshake', 'exporter_error'],
  ['to this user, as a port', { code: 'EACCES', syscall: 'bind' }, 'connect', 'exporter_error'],
];

test.each(FORBIDDEN)('what is forbidden %s', (_, fields, phase, reason) => {
  const error = Object.assign(new Error('said by the system'), fields);
  expect(classify(error, phase)).toBe(reason);
  const words = 'forbidden by a firewall on the way, or by a policy of this machine: said by the system';
  if (reason !== 'exporter_error') expect(inWords(error)).toBe(words);
  else expect(inWords(error)).toBe('said by the system');
});

test('whoever knows the reason is believed, whatever lies below', () => {
  const error = new ProbeFailure('service_unavailable', 'starting up', { cause: coded('ECONNRESET') });
  expect(classify(new Error('outer', { cause: error }), 'handshake')).toBe('service_unavailable');
});

test.each([null, undefined, 'text', 42, {}])('%j, which is no error, is not blamed on the target', (thrown) => {
  expect(classify(thrown, 'connect')).toBe('exporter_error');
});

test('only faults of this machine that pass are tried again', () => {
  expect(isExporterFault(coded('EMFILE'))).toBe(true);
  expect(isExporterFault(coded('ECONNREFUSED'))).toBe(false);
  expect(isExporterFault(coded('EACCES'))).toBe(false);
});

test.each([
  ['gone.sock', 'there is no such socket: connect ENOENT '],
  ['file/a.sock', 'there is no such socket, something on its path is no directory: connect ENOTDIR '],
  ['file', 'nobody listens on the socket, or it is another file: connect ECONNREFUSED '],
])('what is wrong at the path %s is told in words', async (path, words) => {
  const directory = await mkdtemp(join(tmpdir(), 'port-exporter-'));
  await writeFile(join(directory, 'file'), '');
  try {
    const [error] = (await once(connect(join(directory, path)), 'close').catch((failed: unknown) => [
      failed,
    ])) as unknown[];
    expect(inWords(error)).toBe(`${words}${join(directory, path)}`);
    expect(classify(error, 'connect')).toBe('connection_refused');
  } finally {
    await rm(directory, { recursive: true });
  }
});
