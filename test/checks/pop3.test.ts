import { describe, expect, test } from 'vitest';
import { type Visit, Visitor, visit } from '../helpers/checks.ts';
import { lineServer, trusting } from '../helpers/line-server.ts';

const GREETING = '+OK Dovecot (Debian) ready.\r\n';
const BYE = { say: '+OK Logging out\r\n', next: 'the end' } as const;
const STLS: Visit = { service: 'pop3', tls: { how: 'starttls', serverName: 'localhost' } };

describe('a greeting of several makes', () => {
  test.each([
    ['+OK Dovecot (Debian) ready.', 'Dovecot (Debian)'],
    ['+OK mx Cyrus POP3 3.6.1 server ready <1896.697170952@dbc.example>', 'Cyrus POP3 3.6.1'],
    ['+OK POP3 server ready <1896.697170952@dbc.example>', undefined],
    ['+OK', undefined],
  ])('is up, left with QUIT: %j', async (greeting, version) => {
    await using server = await lineServer(`${greeting}\r\n`, { QUIT: BYE });
    const { failure, service } = await visit(server.address, { service: 'pop3' });
    expect(failure).toBeUndefined();
    expect(service?.version).toBe(version);
    expect(server.heard).toEqual(['QUIT']);
  });
});

test('a server that refuses its clients is unavailable, in its own words', async () => {
  await using server = await lineServer('-ERR [SYS/TEMP] too many connections\r\n');
  const { failure } = await visit(server.address, { service: 'pop3' });
  expect(failure).toEqual({
    reason: 'service_unavailable',
    phase: 'handshake',
    detail: 'the service says "-ERR [SYS/TEMP] too many connections"',
  });
  expect(server.heard).toEqual([]);
});

test.each(['* OK ready', '220 mail.example.org ESMTP', '+OKAY', '-ERROR', ''])(
  'something else is an unexpected response: %j',
  async (greeting) => {
    await using server = await lineServer(`${greeting}\r\n`);
    const { failure } = await visit(server.address, { service: 'pop3' });
    expect(failure).toMatchObject({ reason: 'unexpected_response', phase: 'handshake' });
    expect(server.heard).toEqual([]);
  },
);

describe('STLS', () => {
  const UP = { STLS: { say: '+OK Begin TLS negotiation now.\r\n', next: 'TLS' } } as const;

  test('is proved by the answer to QUIT', async () => {
    await using server = await lineServer(GREETING, { ...UP, 'in TLS: QUIT': BYE });
    const { failure, tls } = await new Visitor(server.address, STLS, trusting()).probe();
    expect(failure).toBeUndefined();
    expect(tls?.certificate?.subject).toContain('CN=localhost');
    expect(server.heard).toEqual(['STLS', 'in TLS: QUIT']);
  });

  test('with a certificate that nobody vouches for is tls_certificate_untrusted, and is left in order', async () => {
    await using server = await lineServer(GREETING, { ...UP, 'in TLS: QUIT': BYE });
    const { failure } = await visit(server.address, STLS);
    expect(failure).toMatchObject({ reason: 'tls_certificate_untrusted', phase: 'tls' });
    expect(server.heard).toEqual(['STLS', 'in TLS: QUIT']);
  });

  test.each([
    ['is refused', '-ERR TLS support is not enabled.', 'tls_handshake_failed', 'handshake'],
    ['is answered with more in the clear', '+OK\r\n+OK injected', 'unexpected_response', 'tls'],
  ])('that %s is told apart', async (_, reply, reason, phase) => {
    await using server = await lineServer(GREETING, { STLS: `${reply}\r\n`, QUIT: BYE });
    const { failure } = await visit(server.address, STLS);
    expect(failure).toMatchObject({ reason, phase });
    expect(server.heard).toEqual(['STLS', 'QUIT']);
  });

  test('after which QUIT is refused is an unexpected response', async () => {
    await using server = await lineServer(GREETING, { ...UP, 'in TLS: QUIT': '-ERR\r\n' });
    const { failure } = await new Visitor(server.address, STLS, trusting()).probe();
    expect(failure).toMatchObject({ reason: 'unexpected_response', phase: 'handshake' });
  });
});

test('pop3s is the same dialogue in TLS from the first byte', async () => {
  await using server = await lineServer(GREETING, { QUIT: BYE }, { direct: true });
  const how = { service: 'pop3s', tls: { how: 'direct', serverName: 'localhost' } } as const;
  const { failure, service } = await new Visitor(server.address, how, trusting()).probe();
  expect(failure).toBeUndefined();
  expect(service).toEqual({ version: 'Dovecot (Debian)' });
  expect(server.heard).toEqual(['QUIT']);
});
