import { describe, expect, test } from 'vitest';
import { type Visit, Visitor, visit } from '../helpers/checks.ts';
import { lineServer, trusting } from '../helpers/line-server.ts';

const GREETING = '* OK [CAPABILITY IMAP4rev1 STARTTLS] Dovecot (Debian) ready.\r\n';
const LOGOUT = { say: '* BYE Logging out\r\np1 OK Logout completed.\r\n', next: 'the end' } as const;
const STARTTLS: Visit = { service: 'imap', tls: { how: 'starttls', serverName: 'localhost' } };

describe('a greeting of several makes', () => {
  test.each([
    ['* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] Dovecot (Debian) ready.', { version: 'Dovecot (Debian)' }],
    [
      '* OK [CAPABILITY IMAP4rev1] mx Cyrus IMAP 3.6.1-Debian-3.6.1-4 server ready',
      { version: 'Cyrus IMAP 3.6.1-Debian-3.6.1-4' },
    ],
    ['* OK [ALERT] Courier-IMAP ready. Copyright 1998-2022', { version: 'Courier-IMAP' }],
    ['* ok Gimap ready for requests from 192.0.2.1 a640c23a62f3amb123', undefined],
    ['* PREAUTH logged in as Smith', { state: 'preauthenticated' }],
    ['* OK', undefined],
  ])('is up, left with LOGOUT: %j', async (greeting, facts) => {
    await using server = await lineServer(`${greeting}\r\n`, { 'p1 LOGOUT': LOGOUT });
    const { failure, service } = await visit(server.address, { service: 'imap' });
    expect(failure).toBeUndefined();
    expect(service).toEqual(facts);
    expect(server.heard).toEqual(['p1 LOGOUT']);
  });
});

test('a server that says BYE instead is unavailable, in its own words', async () => {
  await using server = await lineServer('* BYE [UNAVAILABLE] Server is full\r\n');
  const { failure } = await visit(server.address, { service: 'imap' });
  expect(failure).toEqual({
    reason: 'service_unavailable',
    phase: 'handshake',
    detail: 'the service says "* BYE [UNAVAILABLE] Server is full"',
  });
  expect(server.heard).toEqual([]);
});

test.each(['+OK Dovecot ready.', '220 mail.example.org ESMTP', '* OKAY', '* NO way', 'p1 OK', ''])(
  'something else is an unexpected response: %j',
  async (greeting) => {
    await using server = await lineServer(`${greeting}\r\n`);
    const { failure } = await visit(server.address, { service: 'imap' });
    expect(failure).toMatchObject({ reason: 'unexpected_response', phase: 'handshake' });
    expect(server.heard).toEqual([]);
  },
);

test('nothing is said before the greeting is over', async () => {
  await using server = await lineServer('* OK Dovecot');
  const { failure } = await visit(server.address, { service: 'imap', timeoutMs: 300 });
  expect(failure).toMatchObject({ reason: 'timeout', phase: 'handshake' });
  expect(server.heard).toEqual([]);
});

describe('STARTTLS', () => {
  const UP = { 'p2 STARTTLS': { say: '* OK by the way\r\np2 OK Begin TLS now.\r\n', next: 'TLS' } } as const;
  const BYE = { say: '* BYE Logging out\r\np3 OK done.\r\n', next: 'the end' } as const;

  test('is proved by the answer to LOGOUT', async () => {
    await using server = await lineServer(GREETING, { ...UP, 'in TLS: p3 LOGOUT': BYE });
    const { failure, tls } = await new Visitor(server.address, STARTTLS, trusting()).probe();
    expect(failure).toBeUndefined();
    expect(tls?.certificate?.subject).toContain('CN=localhost');
    expect(server.heard).toEqual(['p2 STARTTLS', 'in TLS: p3 LOGOUT']);
  });

  test('with a certificate that nobody vouches for is tls_certificate_untrusted, and is left in order', async () => {
    await using server = await lineServer(GREETING, { ...UP, 'in TLS: p1 LOGOUT': LOGOUT });
    const { failure } = await visit(server.address, STARTTLS);
    expect(failure).toMatchObject({ reason: 'tls_certificate_untrusted', phase: 'tls' });
    expect(server.heard).toEqual(['p2 STARTTLS', 'in TLS: p1 LOGOUT']);
  });

  test.each([
    ['is refused', 'p2 BAD TLS support is not enabled.', 'tls_handshake_failed', 'handshake'],
    ['is not able now', 'p2 NO try later', 'tls_handshake_failed', 'handshake'],
    ['ends the talk', '* BYE shutting down', 'service_unavailable', 'handshake'],
    ['is answered with something else', 'p1 OK', 'unexpected_response', 'handshake'],
    ['is answered with more in the clear', 'p2 OK\r\n* OK injected', 'unexpected_response', 'tls'],
  ])('that %s is told apart', async (_, reply, reason, phase) => {
    await using server = await lineServer(GREETING, { 'p2 STARTTLS': `${reply}\r\n`, 'p1 LOGOUT': LOGOUT });
    const { failure } = await visit(server.address, STARTTLS);
    expect(failure).toMatchObject({ reason, phase });
    expect(server.heard).toEqual(['p2 STARTTLS', 'p1 LOGOUT']);
  });

  test('after which LOGOUT is refused is an unexpected response', async () => {
    await using server = await lineServer(GREETING, { ...UP, 'in TLS: p3 LOGOUT': 'p3 BAD\r\n' });
    const { failure } = await new Visitor(server.address, STARTTLS, trusting()).probe();
    expect(failure).toMatchObject({ reason: 'unexpected_response', phase: 'handshake' });
  });
});

test('imaps is the same dialogue in TLS from the first byte', async () => {
  await using server = await lineServer(GREETING, { 'p1 LOGOUT': LOGOUT }, { direct: true });
  const how = { service: 'imaps', tls: { how: 'direct', serverName: 'localhost' } } as const;
  const { failure, service } = await new Visitor(server.address, how, trusting()).probe();
  expect(failure).toBeUndefined();
  expect(service).toEqual({ version: 'Dovecot (Debian)' });
  expect(server.heard).toEqual(['p1 LOGOUT']);
});
