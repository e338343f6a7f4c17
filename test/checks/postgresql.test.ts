import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { postgresql } from '../../src/checks/postgresql.ts';
import { readError, readMessage } from '../../src/checks/postgresql-messages.ts';
import { ProbeFailure } from '../../src/core/reason.ts';
import { type Visit, Visitor, visit } from '../helpers/checks.ts';
import { trusting } from '../helpers/line-server.ts';
import { message, scriptedPostgreSql } from '../helpers/servers/postgresql.ts';

const OPEN = message('R', Buffer.from([0, 0, 0, 0]));
const SCRAM = message('R', Buffer.from('\0\0\0\x0aSCRAM-SHA-256\0\0'));
const READY = message('Z', Buffer.from('I'));
const STARTTLS: Visit = { service: 'postgresql', tls: { how: 'starttls', serverName: 'localhost' } };

function error(sqlstate: string, text: string): Buffer {
  return message('E', Buffer.from(`SFATAL\0VFATAL\0C${sqlstate}\0M${text}\0\0`));
}

function parameter(name: string, value: string): Buffer {
  return message('S', Buffer.from(`${name}\0${value}\0`));
}

test('the server is asked as nobody in particular, unless told', async () => {
  await using listening = await scriptedPostgreSql({ session: SCRAM });
  await visit(listening.address, { service: 'postgresql' });
  await visit(listening.address, { service: 'postgresql', options: { user: 'me', depth: 'startup' } });
  await visit(listening.address, { service: 'postgresql', options: { user: 'me', database: 'mine' } });
  const who = 'application_name port_exporter';
  expect(listening.heard).toEqual([
    `user port_exporter database port_exporter ${who} statement_timeout 10000`,
    `user me database me ${who}`,
    `user me database mine ${who} statement_timeout 10000`,
  ]);
});

test.each([2, 3, 5, 7, 9, 10])('whatever kind of authentication it asks for, it is up: %i', async (kind) => {
  await using listening = await scriptedPostgreSql({ session: message('R', Buffer.from([0, 0, 0, kind, 1, 2, 3, 4])) });
  const { failure, service } = await visit(listening.address, { service: 'postgresql' });
  expect({ failure, service }).toEqual({ failure: undefined, service: { state: 'auth_required' } });
});

test.each([
  ['off', 'primary'],
  ['on', 'secondary'],
])('an open session tells version and role, and is closed: in_hot_standby %s', async (standby, state) => {
  const said = [
    parameter('in_hot_standby', standby),
    parameter('server_version', '17.2'),
    message('N', Buffer.alloc(1)),
  ];
  await using listening = await scriptedPostgreSql({
    session: Buffer.concat([message('v', Buffer.alloc(8)), OPEN, ...said, message('K', Buffer.alloc(8)), READY]),
  });
  const { failure, service } = await visit(listening.address, { service: 'postgresql' });
  expect({ failure, service }).toEqual({ failure: undefined, service: { version: '17.2', state } });
  expect(listening.heard.at(-1)).toBe('Terminate');
});

describe('a server that is not able says so itself', () => {
  test.each([
    ['57P03', 'the database system is starting up'],
    ['57P03', 'the database system is shutting down'],
    ['57P03', 'the database system is in recovery mode'],
    ['53300', 'sorry, too many clients already'],
    ['08P01', 'no more connections allowed (max_client_conn)'],
    ['XX000', 'could not open file'],
  ])('%s %s', async (sqlstate, text) => {
    for (const before of [[], [OPEN, parameter('server_version', '15.18')]]) {
      const session = Buffer.concat([...before, error(sqlstate, text)]);
      await using listening = await scriptedPostgreSql({ session, hangsUp: true });
      const { failure } = await visit(listening.address, { service: 'postgresql' });
      const detail = `the service says "${text} (SQLSTATE ${sqlstate})"`;
      expect(failure).toEqual({ reason: 'service_unavailable', phase: 'handshake', detail });
      expect(listening.heard).toHaveLength(1);
    }
  });

  test('in the old form, without length', async () => {
    const session = Buffer.from('Ecould not fork new process for connection: Cannot allocate memory\n\0');
    await using listening = await scriptedPostgreSql({ session, hangsUp: true });
    const { failure } = await visit(listening.address, { service: 'postgresql' });
    expect(failure).toMatchObject({
      reason: 'service_unavailable',
      detail: 'the service says "could not fork new process for connection: Cannot allocate memory"',
    });
  });

  test('when asked for TLS', async () => {
    await using listening = await scriptedPostgreSql({ ssl: error('53300', 'sorry, too many clients already') });
    const { failure } = await visit(listening.address, STARTTLS);
    expect(failure).toMatchObject({ reason: 'service_unavailable', phase: 'handshake' });
  });
});

describe('a refusal that is about us is an answer', () => {
  test.each([
    ['no pg_hba.conf entry for host', '28000', [], 'host_not_allowed'],
    ['role "x" does not exist', '28000', [OPEN], 'auth_required'],
    ['password authentication failed for user "x"', '28P01', [], 'auth_required'],
    ['database "x" does not exist', '3D000', [OPEN], 'auth_required'],
    ['permission denied for database "x"', '42501', [OPEN], 'auth_required'],
    ['unsupported startup parameter: statement_timeout', '08P01', [], 'pooler'],
  ] as const)('%s', async (text, sqlstate, before, state) => {
    const session = Buffer.concat([...before, error(sqlstate, text)]);
    await using listening = await scriptedPostgreSql({ session, hangsUp: true, gss: Buffer.from('N') });
    const visitor = new Visitor(listening.address, { service: 'postgresql' });
    expect(await visitor.probe()).toMatchObject({ service: { state } });
    expect(await visitor.probe()).toMatchObject({ service: { state } });
    expect(await visitor.probes(2)).toEqual({ up: 2 });
    expect(listening.heard.slice(1)).toEqual(['GSSENCRequest', 'GSSENCRequest', 'GSSENCRequest']);
  });

  test('for which the server is asked each time, when told so', async () => {
    const refused = error('28000', 'no pg_hba.conf entry for host');
    await using listening = await scriptedPostgreSql({ session: refused, hangsUp: true });
    const visitor = new Visitor(listening.address, { service: 'postgresql', options: { depth: 'startup' } });
    expect(await visitor.probes(3)).toEqual({ up: 3 });
    expect(listening.heard).toHaveLength(3);
    expect(listening.heard).not.toContain('GSSENCRequest');
  });

  test('which TLS also proves, without another question', async () => {
    await using listening = await scriptedPostgreSql({ session: error('28000', 'no'), ssl: 'TLS' });
    const visitor = new Visitor(listening.address, STARTTLS, trusting());
    expect(await visitor.probes(3)).toEqual({ up: 3 });
    expect(listening.heard.filter((said) => said.startsWith('user'))).toHaveLength(1);
    expect(listening.heard.filter((said) => said === 'SSLRequest')).toHaveLength(3);
  });
});

describe('a server asked for encryption only', () => {
  const encryption: Visit = { service: 'postgresql', options: { depth: 'encryption' } };

  test.each([
    ['with GSS', Buffer.from('G'), undefined],
    ['without GSS', Buffer.from('N'), undefined],
    ['older than GSS', error('0A000', 'unsupported frontend protocol 1234.5680'), undefined],
    ['that is not able', error('53300', 'sorry'), 'service_unavailable'],
    ['of something else', Buffer.from('?'), 'unexpected_response'],
    ['that says more than a letter', Buffer.from('No such thing'), 'unexpected_response'],
  ])('%s', async (_, gss, reason) => {
    await using listening = await scriptedPostgreSql({ gss });
    const { failure } = await visit(listening.address, encryption);
    expect(failure?.reason).toBe(reason);
    expect(listening.heard).toEqual(['GSSENCRequest']);
  });
});

describe('TLS', () => {
  test('that is offered comes before the session', async () => {
    await using listening = await scriptedPostgreSql({ session: SCRAM, ssl: 'TLS' });
    const { failure, service, tls, phases } = await new Visitor(listening.address, STARTTLS, trusting()).probe();
    expect({ failure, service }).toEqual({ failure: undefined, service: { state: 'auth_required' } });
    expect(tls?.certificate?.subject).toContain('localhost');
    expect(phases.tls).toBeGreaterThan(0);
    expect(listening.heard).toEqual(['SSLRequest', expect.stringContaining('user port_exporter')]);
  });

  test('with a certificate that nobody vouches for fails, but not where only its expiry counts', async () => {
    await using listening = await scriptedPostgreSql({ session: SCRAM, ssl: 'TLS' });
    const judged = await visit(listening.address, STARTTLS);
    expect(judged.failure).toMatchObject({ reason: 'tls_certificate_untrusted', phase: 'tls' });
    const offered = await visit(listening.address, { service: 'postgresql', tls: { how: 'offered', judge: 'expiry' } });
    expect(offered).toMatchObject({ service: { state: 'auth_required' }, tls: judged.tls });
  });

  test.each([
    ['wanted', 'starttls', 'tls_handshake_failed'],
    ['used if offered', 'offered', undefined],
  ] as const)('that is %s and not offered', async (_, how, reason) => {
    await using listening = await scriptedPostgreSql({ session: SCRAM, ssl: Buffer.from('N') });
    const { failure } = await visit(listening.address, { service: 'postgresql', tls: { how } });
    expect(failure?.reason).toBe(reason);
  });

  test('does not begin with what was said in the clear', async () => {
    await using listening = await scriptedPostgreSql({ ssl: Buffer.concat([Buffer.from('S'), SCRAM]) });
    const { failure } = await visit(listening.address, STARTTLS);
    expect(failure).toMatchObject({ reason: 'unexpected_response' });
  });
});

test.each([
  ['HTTP/1.1 400 Bad Request\r\n\r\n'],
  ['SSH-2.0-OpenSSH_9.2p1\r\n'],
  ['-ERR unknown command\r\n'],
  ['R\0\0\0\x03'],
  ['R\0\0\0\x06ab'],
  ['Z\0\0\0\x05I'],
  [`E${'x'.repeat(2000)}`],
])('something else is an unexpected response: %j', async (said) => {
  await using listening = await scriptedPostgreSql({ session: Buffer.from(said), hangsUp: true });
  const { failure } = await visit(listening.address, { service: 'postgresql' });
  expect(failure).toMatchObject({ reason: 'unexpected_response', phase: 'handshake' });
});

test.each([
  [{ user: '' }, 'must be the name of an account, which need not exist, 1 to 63 characters, not ""'],
  [{ user: 'a\0b' }, 'must be the name of an account, which need not exist, 1 to 63 characters, not "a\\u0000b"'],
  [{ database: 5 }, 'must be the name of a database, 1 to 63 characters, not 5'],
  [{ depth: 'deep' }, 'must be auto, startup or encryption, not "deep"'],
])('options that will not do are told: %j', (options, message) => {
  expect(postgresql.options.safeParse(options).error?.issues.map((issue) => issue.message)).toEqual([message]);
});

test('whatever comes, reading it ends in a message, in waiting or in a failure of the peer', () => {
  fc.assert(
    fc.property(fc.constantFrom(...'REvSNKZ'), fc.uint8Array({ maxLength: 60 }), (type, bytes) => {
      try {
        const read = readMessage(Buffer.concat([Buffer.from(type), bytes]));
        if (read !== undefined) readError(read.value.body);
      } catch (failure) {
        expect(failure).toBeInstanceOf(ProbeFailure);
      }
    }),
  );
});
