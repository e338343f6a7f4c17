import { describe, expect, test } from 'vitest';
import { smtp } from '../../src/checks/smtp.ts';
import { type Visit, Visitor, visit } from '../helpers/checks.ts';
import { lineServer, SELF_SIGNED, trusting } from '../helpers/line-server.ts';

const GREETING = '220 mail.example.org ESMTP Postfix\r\n';
const BYE = { say: '221 2.0.0 Bye\r\n', next: 'the end' } as const;
const EHLO = 'EHLO port-exporter.invalid';
const HELO = 'HELO port-exporter.invalid';
const OFFER = '250-mail.example.org\r\n250-PIPELINING\r\n250-STARTTLS\r\n250 8BITMIME\r\n';
const STARTTLS: Visit = { service: 'smtp', tls: { how: 'starttls', serverName: 'localhost' } };

describe('a greeting of several makes', () => {
  test.each([
    ['220 mail.example.org ESMTP Postfix (Debian/GNU)', 'Postfix (Debian/GNU)'],
    ['220 mx.example.org ESMTP Exim 4.96 Sun, 22 Nov 2026 12:00:00 +0000', 'Exim 4.96'],
    ['220-mx ESMTP Exim 4.98.2 #2 Sun, 22 Nov 2026 12:00:00 +0000\r\n220-No spam,\r\n220 please.', 'Exim 4.98.2'],
    ['220 a.b ESMTP Sendmail 8.17.1.9/8.17.1.9/Debian-2; Sun, 22 Nov 2026', 'Sendmail 8.17.1.9/8.17.1.9/Debian-2'],
    ['220 ftp.example.org ESMTP OpenSMTPD', 'OpenSMTPD'],
    // Without a name that we know nothing is noted: the rest is different each time.
    ['220 mx.example.com ESMTP 4fb4d7f45d1cf-5cfabc1234567si8 - gsmtp', undefined],
    ['220 A.mail.example.com Microsoft ESMTP MAIL Service ready at Sun, 22 Nov 2026 12:28:37 +0000', undefined],
  ])('is up, left with QUIT: %j', async (greeting, version) => {
    await using server = await lineServer(`${greeting}\r\n`, { QUIT: BYE });
    const { failure, service } = await visit(server.address, { service: 'smtp' });
    expect(failure).toBeUndefined();
    expect(service?.version).toBe(version);
    expect(server.heard).toEqual(['QUIT']);
  });
});

describe('a greeting that does not name SMTP', () => {
  test.each([
    ['is confirmed by EHLO', { [EHLO]: OFFER }, undefined, [EHLO, 'QUIT']],
    [
      'of an old server is confirmed by HELO',
      { [EHLO]: '500 what?\r\n', [HELO]: '250 hi\r\n' },
      undefined,
      [EHLO, HELO, 'QUIT'],
    ],
    ['is not enough', { [EHLO]: '530 Please login with USER and PASS.\r\n' }, 'unexpected_response', [EHLO, 'QUIT']],
    [
      'is not enough by far',
      { [EHLO]: '500 what?\r\n', [HELO]: '500 what?\r\n' },
      'unexpected_response',
      [EHLO, HELO, 'QUIT'],
    ],
    ['may be followed by refusal', { [EHLO]: '550 5.7.1 no monitors\r\n' }, 'service_unavailable', [EHLO, 'QUIT']],
  ])('%s', async (_, answers, reason, heard) => {
    await using server = await lineServer('220-***\r\n220 *****\r\n', { ...answers, QUIT: BYE });
    const { failure } = await visit(server.address, { service: 'smtp' });
    expect(failure?.reason).toBe(reason);
    expect(server.heard).toEqual(heard);
  });
});

describe('a server that refuses its clients is unavailable, in its own words', () => {
  test.each([
    ['421 4.7.0 mail.example.org Error: too many connections from 192.0.2.1', []],
    ['554 5.7.1 <a[192.0.2.1]>: Client host rejected: Access denied', ['QUIT']],
    ['450 4.3.2 try again later', ['QUIT']],
    // postscreen: the greeting has begun before it looks up who asks.
    ['220-mail.example.org ESMTP\r\n521 5.7.1 Blocked by DNSBL', ['QUIT']],
    ['220-mail.example.org ESMTP\r\n421 4.3.2 All server ports are busy', []],
  ])('%j', async (greeting, said) => {
    await using server = await lineServer(`${greeting}\r\n`, { QUIT: BYE });
    const { failure } = await visit(server.address, { service: 'smtp', timeoutMs: 1000 });
    expect(failure).toMatchObject({ reason: 'service_unavailable', phase: 'handshake' });
    expect(failure?.detail).toBe(`the service says "${greeting.replaceAll('\r\n', ' ')}"`);
    expect(server.heard).toEqual(said);
  });
});

test.each([
  'SSH-2.0-OpenSSH_9.2p1',
  'HTTP/1.1 400 Bad Request',
  '* OK IMAP4rev1 ready',
  '220 (vsFTPd 3.0.3)',
  '200 news.example.org ready',
  '99 bottles',
  '2200 mail.example.org',
  '220-mail.example.org\r\nand more',
])('something else is an unexpected response: %j', async (greeting) => {
  await using server = await lineServer(`${greeting}\r\n`, { QUIT: BYE });
  const { failure } = await visit(server.address, { service: 'smtp' });
  expect(failure).toMatchObject({ reason: 'unexpected_response', phase: 'handshake' });
});

test('nothing is said before the greeting is over', async () => {
  await using server = await lineServer('220-mail.example.org ESMTP\r\n');
  const { failure } = await visit(server.address, { service: 'smtp', timeoutMs: 300 });
  expect(failure).toMatchObject({ reason: 'timeout', phase: 'handshake' });
  expect(server.heard).toEqual([]);
});

describe('STARTTLS', () => {
  const UP = { [EHLO]: OFFER, STARTTLS: { say: '220 go ahead\r\n', next: 'TLS' } } as const;

  test('is asked for after EHLO and proved by the answer to QUIT', async () => {
    await using server = await lineServer(GREETING, { ...UP, 'in TLS: QUIT': BYE });
    const { failure, tls, phases } = await new Visitor(server.address, STARTTLS, trusting()).probe();
    expect(failure).toBeUndefined();
    expect(tls?.certificate?.subject).toContain('CN=localhost');
    expect(phases.tls).toBeGreaterThan(0);
    expect(server.heard).toEqual([EHLO, 'STARTTLS', 'in TLS: QUIT']);
  });

  test('with a certificate that nobody vouches for is tls_certificate_untrusted, and is left in order', async () => {
    await using server = await lineServer(GREETING, { ...UP, 'in TLS: QUIT': BYE });
    const { failure, service } = await visit(server.address, STARTTLS);
    expect(failure).toMatchObject({ reason: 'tls_certificate_untrusted', phase: 'tls' });
    expect(service).toEqual({ version: 'Postfix' });
    expect(server.heard.at(-1)).toBe('in TLS: QUIT');
  });

  test('that the server breaks off afterwards, for want of a client certificate, is not up', async () => {
    const tls = { ...SELF_SIGNED, requestCert: true, rejectUnauthorized: true };
    await using server = await lineServer(GREETING, { ...UP, 'in TLS: QUIT': BYE }, { tls });
    const { failure } = await new Visitor(server.address, STARTTLS, trusting()).probe();
    expect(failure).toMatchObject({ reason: 'tls_handshake_failed', phase: 'tls' });
  });

  test('with bytes in the clear after it is an unexpected response', async () => {
    const injected = { ...UP, STARTTLS: '220 go ahead\r\n250 injected\r\n' };
    await using server = await lineServer(GREETING, injected);
    const { failure } = await visit(server.address, STARTTLS);
    expect(failure).toMatchObject({ reason: 'unexpected_response', phase: 'tls' });
  });

  test.each([
    ['only HELO is known', { [EHLO]: '502 5.5.2 what?\r\n', [HELO]: '250 mail\r\n' }, 'does not offer STARTTLS'],
    ['it is not offered', { [EHLO]: '250-mail\r\n250 XXXXXXXA\r\n' }, 'does not offer STARTTLS'],
    ['it is refused', { [EHLO]: OFFER, STARTTLS: '454 4.7.0 TLS not available\r\n' }, '454 4.7.0 TLS not available'],
  ])('is tls_handshake_failed where %s', async (_, answers, words) => {
    await using server = await lineServer(GREETING, { ...answers, QUIT: BYE });
    const { failure } = await visit(server.address, STARTTLS);
    expect(failure).toMatchObject({ reason: 'tls_handshake_failed', phase: 'handshake' });
    expect(failure?.detail).toContain(words);
    expect(server.heard.at(-1)).toBe('QUIT');
  });

  test.each([
    ['EHLO', { [EHLO]: '550 5.7.1 Invalid HELO name\r\n' }, 'service_unavailable'],
    ['EHLO with another number', { [EHLO]: '354 go on\r\n' }, 'unexpected_response'],
    ['QUIT', { ...UP, 'in TLS: QUIT': '421 4.3.0 shutting down\r\n' }, 'service_unavailable'],
  ])('a wrong answer to %s is told apart', async (_, answers, reason) => {
    await using server = await lineServer(GREETING, { QUIT: BYE, ...answers });
    const { failure } = await new Visitor(server.address, STARTTLS, trusting()).probe();
    expect(failure).toMatchObject({ reason, phase: 'handshake' });
  });

  test('calls itself what the configuration says', async () => {
    await using server = await lineServer(GREETING, { QUIT: BYE });
    await visit(server.address, { ...STARTTLS, options: { ehlo_name: '[192.0.2.1]' }, timeoutMs: 300 });
    expect(server.heard[0]).toBe('EHLO [192.0.2.1]');
  });
});

test('smtps is the same dialogue in TLS from the first byte', async () => {
  await using server = await lineServer(GREETING, { QUIT: BYE }, { direct: true });
  const how = { service: 'smtps', tls: { how: 'direct', serverName: 'localhost' } } as const;
  const { failure, service } = await new Visitor(server.address, how, trusting()).probe();
  expect(failure).toBeUndefined();
  expect(service).toEqual({ version: 'Postfix' });
  expect(server.heard).toEqual(['QUIT']);
});

test.each(['', 'a b', 'x\r\nMAIL', '[::1', '-a', `${'a'.repeat(256)}`, 25])('ehlo_name: %j is refused', (name) => {
  const { error } = smtp.options.safeParse({ ehlo_name: name });
  expect(error?.issues[0]?.message).toMatch(/^must be a host name such as /);
});

test.each(['monitor', 'monitor.example.com', '[192.0.2.1]', '[IPv6:2001:db8::1]'])('ehlo_name: %j will do', (name) => {
  expect(smtp.options.parse({ ehlo_name: name })).toEqual({ ehlo_name: name });
});
