import { describe, expect, test } from 'vitest';
import { type Visit, Visitor, visit } from '../helpers/checks.ts';
import { lineServer, trusting } from '../helpers/line-server.ts';

const GREETING = '220 (vsFTPd 3.0.3)\r\n';
const BYE = { say: '221 Goodbye.\r\n', next: 'the end' } as const;
const AUTH_TLS: Visit = { service: 'ftp', tls: { how: 'starttls', serverName: 'localhost' } };

describe('a greeting of several makes', () => {
  test.each([
    ['220 (vsFTPd 3.0.3)', 'vsFTPd 3.0.3'],
    ['220 ProFTPD 1.3.9e Server (Debian) [::ffff:192.0.2.1]', 'ProFTPD 1.3.9e'],
    ['220---------- Welcome to Pure-FTPd [privsep] [TLS] ----------\r\n220 Local time is 12:00.', 'Pure-FTPd'],
    ['220-FileZilla Server 1.7.0\r\n220 Please visit https://filezilla-project.org/', 'FileZilla Server 1.7.0'],
    ['220-Rules\r\n   421 free text\r\n421-also free\r\n220 Enjoy.', undefined],
    ['220', undefined],
  ])('is up, left with QUIT: %j', async (greeting, version) => {
    await using server = await lineServer(`${greeting}\r\n`, { QUIT: BYE });
    const { failure, service } = await visit(server.address, { service: 'ftp' });
    expect(failure).toBeUndefined();
    expect(service?.version).toBe(version);
    expect(server.heard).toEqual(['QUIT']);
  });
});

describe('a server that refuses its clients is unavailable, in its own words', () => {
  test.each([
    '421 There are too many connected users, please try later.',
    '120 Service ready in 10 minutes.',
    '530 Sorry, the maximum number of clients (10) from your host are already connected.',
    '500 OOPS: vsftpd: refusing to run with writable root inside chroot()',
  ])('%s', async (greeting) => {
    await using server = await lineServer(`${greeting}\r\n`);
    const { failure } = await visit(server.address, { service: 'ftp' });
    const detail = `the service says "${greeting}"`;
    expect(failure).toEqual({ reason: 'service_unavailable', phase: 'handshake', detail });
    expect(server.heard).toEqual([]);
  });
});

test.each(['SSH-2.0-OpenSSH_9.2p1', '220 mail.example.org ESMTP Postfix', '230 Logged in', '+OK ready', ''])(
  'something else is an unexpected response: %j',
  async (greeting) => {
    await using server = await lineServer(`${greeting}\r\n`);
    const { failure } = await visit(server.address, { service: 'ftp' });
    expect(failure).toMatchObject({ reason: 'unexpected_response', phase: 'handshake' });
  },
);

test('nothing is said before the greeting is over', async () => {
  await using server = await lineServer('220-Welcome\r\n220-to this server\r\n');
  const { failure } = await visit(server.address, { service: 'ftp', timeoutMs: 300 });
  expect(failure).toMatchObject({ reason: 'timeout', phase: 'handshake' });
  expect(server.heard).toEqual([]);
});

describe('AUTH TLS', () => {
  const UP = { 'AUTH TLS': { say: '234 Proceed with negotiation.\r\n', next: 'TLS' } } as const;

  test('is proved by the answer to QUIT', async () => {
    await using server = await lineServer(GREETING, { ...UP, 'in TLS: QUIT': BYE });
    const { failure, tls } = await new Visitor(server.address, AUTH_TLS, trusting()).probe();
    expect(failure).toBeUndefined();
    expect(tls?.certificate?.subject).toContain('CN=localhost');
    expect(server.heard).toEqual(['AUTH TLS', 'in TLS: QUIT']);
  });

  test('with a certificate that nobody vouches for is tls_certificate_untrusted, and is left in order', async () => {
    await using server = await lineServer(GREETING, { ...UP, 'in TLS: QUIT': BYE });
    const { failure } = await visit(server.address, AUTH_TLS);
    expect(failure).toMatchObject({ reason: 'tls_certificate_untrusted', phase: 'tls' });
    expect(server.heard).toEqual(['AUTH TLS', 'in TLS: QUIT']);
  });

  test.each([
    ['needs a login first', '530 Please login with USER and PASS.', 'tls_handshake_failed', 'handshake'],
    ['is not known', '502 Command not implemented.', 'tls_handshake_failed', 'handshake'],
    ['is not able now', '431 Unable to accept security mechanism.', 'tls_handshake_failed', 'handshake'],
    ['wants another mechanism', '334 ADAT must follow', 'tls_handshake_failed', 'handshake'],
    ['comes too late', '421 Timeout.', 'service_unavailable', 'handshake'],
    ['is answered with more in the clear', '234 Proceed\r\n220 injected', 'unexpected_response', 'tls'],
  ])('that %s is told apart', async (_, reply, reason, phase) => {
    await using server = await lineServer(GREETING, { 'AUTH TLS': `${reply}\r\n`, QUIT: BYE });
    const { failure } = await visit(server.address, AUTH_TLS);
    expect(failure).toMatchObject({ reason, phase });
    expect(server.heard).toEqual(['AUTH TLS', 'QUIT']);
  });

  test('after which the server refuses is unavailable', async () => {
    await using server = await lineServer(GREETING, { ...UP, 'in TLS: QUIT': '421 Shutting down.\r\n' });
    const { failure } = await new Visitor(server.address, AUTH_TLS, trusting()).probe();
    expect(failure).toMatchObject({ reason: 'service_unavailable', phase: 'handshake' });
  });
});
