import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mysql } from '../../src/checks/mysql.ts';
import { readError, readGreeting, readPacket, readSwitch } from '../../src/checks/mysql-packets.ts';
import { ProbeFailure } from '../../src/core/reason.ts';
import { type Visit, Visitor, visit } from '../helpers/checks.ts';
import { trusting } from '../helpers/line-server.ts';
import { peer } from '../helpers/peers.ts';
import { scriptedMySql as server } from '../helpers/servers/mysql.ts';

const OK = Buffer.from('00000002000000', 'hex');
const QUIT = '0100000001';
const NOTHING = '';
const STARTTLS: Visit = { service: 'mysql', tls: { how: 'starttls', serverName: 'localhost' } };
const SSL = 0x0800;
const PLUGIN_AUTH = 0x0008_0000;

function greeting(version = '8.4.3', capabilities = 0xa201 | SSL | PLUGIN_AUTH, plugin = 'caching_sha2_password') {
  const flags = Buffer.alloc(7);
  flags.writeUInt16LE(capabilities & 0xffff, 0);
  flags.writeUInt16LE(capabilities >>> 16, 5);
  const end = Buffer.concat([Buffer.from([21]), Buffer.alloc(10), Buffer.alloc(13, 0x41), Buffer.from(`${plugin}\0`)]);
  return Buffer.concat([Buffer.from(`\x0a${version}\0`), Buffer.alloc(13, 0x42), flags, end]);
}

function error(code: number, text: string, state = ''): Buffer {
  const head = Buffer.from([0xff, code & 0xff, code >> 8]);
  return Buffer.concat([head, Buffer.from(`${state}${text}`)]);
}

function switchTo(plugin: string): Buffer {
  return Buffer.from(`\xfe${plugin}\x00${'s'.repeat(20)}\x00`, 'latin1');
}

describe('a server that refuses the connection says why', () => {
  test.each([
    [1040, 'Too many connections', ''],
    [1129, "Host '192.0.2.1' is blocked because of many connection errors; unblock with 'mysqladmin flush-hosts'", ''],
    [1130, "Host '192.0.2.1' is not allowed to connect to this MySQL server", ''],
    [1053, 'Server shutdown in progress', '#08S01'],
  ])('%i %s', async (code, text, state) => {
    await using listening = await server(error(code, text, state));
    const { failure } = await visit(listening.address, { service: 'mysql' });
    const detail = `the service says "${text} (error ${code})"`;
    expect(failure).toEqual({ reason: 'service_unavailable', phase: 'handshake', detail });
    expect(listening.heard).toEqual([]);
  });
});

describe('what the login is answered', () => {
  test.each([
    [1045, "Access denied for user 'port_exporter'@'localhost'", undefined, 'auth_required'],
    [1698, 'Access denied', undefined, 'auth_required'],
    [1044, 'Access denied to database', undefined, 'auth_required'],
    [1049, 'Unknown database', undefined, 'auth_required'],
    [4151, 'Account is locked', undefined, 'auth_required'],
    [3159, 'Connections using insecure transport are prohibited', undefined, 'tls_required'],
    [1040, 'Too many connections', 'service_unavailable', undefined],
    [1203, 'User has already more than max_user_connections active connections', 'service_unavailable', undefined],
    [3032, 'The server is currently in offline mode', 'service_unavailable', undefined],
    [1053, 'Server shutdown in progress', 'service_unavailable', undefined],
    [1043, 'Bad handshake', 'unexpected_response', undefined],
  ])('error %i %s', async (code, text, reason, state) => {
    await using listening = await server(greeting(), [error(code, text, '#28000')]);
    const { failure, service } = await visit(listening.address, { service: 'mysql' });
    expect(failure?.reason).toBe(reason);
    expect(service).toEqual({ version: '8.4.3', ...(state && { state }) });
    if (reason === 'service_unavailable') expect(failure?.detail).toBe(`the service says "${text} (error ${code})"`);
    expect(listening.heard).toEqual(['port_exporter  caching_sha2_password']);
  });

  test('a login that is allowed is left with COM_QUIT', async () => {
    await using listening = await server(greeting(), [OK]);
    const { failure, service } = await visit(listening.address, { service: 'mysql', options: { user: 'probe' } });
    expect({ failure, service }).toEqual({ failure: undefined, service: { version: '8.4.3' } });
    expect(listening.heard).toEqual(['probe  caching_sha2_password', QUIT.slice(8)]);
  });

  test.each([
    ['another plugin', [switchTo('mysql_native_password'), OK], [NOTHING]],
    ['another plugin, by its old name', [Buffer.from([0xfe]), OK], [NOTHING]],
    ['a fast way that was fine', [[Buffer.from([1, 3]), OK]], []],
    ['the full way', [Buffer.from([1, 4]), OK], [NOTHING]],
    ['one after the other', [switchTo('dialog'), Buffer.from([1, 0x50]), OK], [NOTHING, NOTHING]],
  ])('no password is ever sent when asked for %s', async (_, answers, said) => {
    await using listening = await server(greeting(), answers);
    const { failure } = await visit(listening.address, { service: 'mysql' });
    expect(failure).toBeUndefined();
    expect(listening.heard.slice(1)).toEqual([...said, '01']);
  });

  test('a server that asks without end is not answered without end', async () => {
    await using listening = await server(greeting(), Array<Buffer>(20).fill(Buffer.from([1, 4])));
    const { failure } = await visit(listening.address, { service: 'mysql' });
    expect(failure).toMatchObject({ reason: 'unexpected_response', phase: 'handshake' });
    expect(listening.heard).toHaveLength(6);
  });
});

describe('who was asked for credentials in a way that the server may hold against the host', () => {
  const users = (heard: readonly string[]) =>
    heard.filter((said) => said.includes('_password')).map((s) => s.split(' ')[0]);
  const denied = error(1045, 'Access denied', '#28000');

  test.each([
    ['sha256_password', {}, ['port_exporter', 'port_exporter_1', 'port_exporter_2']],
    ['auth_gssapi_client', { user: 'probe' }, ['probe', 'port_exporter_1', 'port_exporter_2']],
    ['', {}, ['port_exporter', 'port_exporter_1', 'port_exporter_2']],
    ['caching_sha2_password', { user: 'probe' }, ['probe', 'probe', 'probe']],
    ['mysql_native_password', {}, ['port_exporter', 'port_exporter', 'port_exporter']],
  ])('is not the user of the next probe, others are: %s', async (plugin, options, expected) => {
    await using listening = await server(greeting(), [switchTo(plugin), denied]);
    const visitor = new Visitor(listening.address, { service: 'mysql', options });
    expect(await visitor.probes(3)).toEqual({ up: 3 });
    expect(users(listening.heard)).toEqual(expected);
  });

  test('stays the user once the login is allowed', async () => {
    await using listening = await server(greeting(), [switchTo('sha256_password'), OK]);
    const visitor = new Visitor(listening.address, { service: 'mysql', options: { user: 'probe' } });
    expect(await visitor.probes(3)).toEqual({ up: 3 });
    expect(users(listening.heard)).toEqual(['probe', 'probe', 'probe']);
  });

  test('is not even where the server answers no more', async () => {
    await using listening = await server(greeting(), [switchTo('dialog')]);
    const visitor = new Visitor(listening.address, { service: 'mysql' });
    expect(Object.keys(await visitor.probes(2))).toEqual([expect.stringContaining('closed_early')]);
    expect(users(listening.heard)).toEqual(['port_exporter', 'port_exporter_1']);
  });

  test('an ed25519 signature is answered by one of the right length that signs nothing', async () => {
    await using listening = await server(greeting(), [switchTo('client_ed25519'), denied]);
    expect(await new Visitor(listening.address, { service: 'mysql' }).probes(2)).toEqual({ up: 2 });
    expect(users(listening.heard)).toEqual(['port_exporter', 'port_exporter']);
    expect(listening.heard[1]).toBe('64 zeros');
  });
});

describe('the greeting tells the version', () => {
  test.each([
    ['8.4.3', greeting('8.4.3'), '8.4.3'],
    ['of MariaDB 10', greeting('5.5.5-10.11.19-MariaDB-0+deb12u1'), '10.11.19-MariaDB-0+deb12u1'],
    ['of MariaDB 11', greeting('11.8.6-MariaDB'), '11.8.6-MariaDB'],
    ['of a server without plugins', greeting('5.1.73', 0xa201, ''), '5.1.73'],
    ['of a server that says little', greeting('4.1.22').subarray(0, 1 + 7 + 13 + 2), '4.1.22'],
  ])('%s', async (_, first, version) => {
    await using listening = await server(first, [error(1045, 'Access denied', '#28000')]);
    const { failure, service } = await visit(listening.address, { service: 'mysql' });
    expect({ failure, service }).toEqual({ failure: undefined, service: { version, state: 'auth_required' } });
  });
});

describe('TLS', () => {
  test('comes before the login', async () => {
    await using listening = await server(greeting(), [OK]);
    const { failure, tls, phases } = await new Visitor(listening.address, STARTTLS, trusting()).probe();
    expect(failure).toBeUndefined();
    expect(tls?.certificate?.subject).toContain('localhost');
    expect(phases.tls).toBeGreaterThan(0);
    expect(listening.heard).toEqual(['TLS', 'port_exporter  caching_sha2_password', '01']);
  });

  test.each([
    ['allowed', [OK]],
    ['denied', [error(1045, 'Access denied')]],
    ['cut short', []],
  ])('with a certificate that will not do fails, and the login is not left open: %s', async (_, answers) => {
    await using listening = await server(greeting(), answers);
    const { failure, tls, service } = await visit(listening.address, STARTTLS);
    expect(failure).toMatchObject({ reason: 'tls_certificate_untrusted', phase: 'tls' });
    expect(tls?.certificate?.subject).toContain('localhost');
    expect(service?.version).toBe('8.4.3');
    expect(listening.heard.slice(0, 2)).toEqual(['TLS', 'port_exporter  caching_sha2_password']);
  });

  test.each([
    ['wanted', 'starttls', 'tls_handshake_failed'],
    ['used if offered', 'offered', undefined],
  ] as const)('that is %s and not offered: the login is not left open', async (_, how, reason) => {
    await using listening = await server(greeting('8.4.3', 0xa201 | PLUGIN_AUTH), [OK]);
    const { failure } = await visit(listening.address, { service: 'mysql', tls: { how } });
    expect(failure?.reason).toBe(reason);
    expect(listening.heard).toEqual(['port_exporter  caching_sha2_password', '01']);
  });
});

test('a plain connect logs in and leaves, whatever comes of it', async () => {
  await using able = await server(greeting(), [OK]);
  const up = await visit(able.address, { service: 'mysql', courtesy: true });
  expect(up.failure).toBeUndefined();
  expect(up.service).toBeUndefined();
  expect(able.heard).toEqual(['port_exporter  caching_sha2_password', '01']);
  await using full = await server(error(1040, 'Too many connections'));
  expect((await visit(full.address, { service: 'mysql', courtesy: true })).failure).toBeUndefined();
});

test.each([
  ['220 mail.example.org ESMTP Postfix\r\n'],
  ['SSH-2.0-OpenSSH_9.2p1\r\n'],
  ['\0\0\0\0'],
  ['\x05\0\0\0\x09abcd'],
  ['\x05\0\0\0\x0aabcd'],
  ['\x06\0\0\x01\x0a1.0\0a'],
])('something else is an unexpected response: %j', async (said) => {
  await using listening = await peer((socket) => socket.end(Buffer.from(said, 'latin1')));
  const { failure } = await visit(listening.address, { service: 'mysql' });
  expect(failure).toMatchObject({ reason: 'unexpected_response', phase: 'handshake' });
});

test('an answer to the login that is none is an unexpected response', async () => {
  await using listening = await server(greeting(), [Buffer.from([0x42])]);
  expect((await visit(listening.address, { service: 'mysql' })).failure?.reason).toBe('unexpected_response');
});

test.each([
  [{ user: '' }, 'must be the name of an account without a password, 1 to 80 characters, not ""'],
  [{ user: 7 }, 'must be the name of an account without a password, 1 to 80 characters, not 7'],
])('options that will not do are told: %j', (options, message) => {
  expect(mysql.options.safeParse(options).error?.issues.map((issue) => issue.message)).toEqual([message]);
});

test('an account is advised, unless there is one', () => {
  expect(mysql.advice?.({}, 2000)).toContain('CREATE USER');
  expect(mysql.advice?.({ user: 'probe' }, 2000)).toBeUndefined();
});

test('whatever comes, reading it ends in a value, in waiting or in a failure of the peer', () => {
  const readers = [readPacket(0), readGreeting, readError, readSwitch];
  fc.assert(
    fc.property(fc.constantFrom(0x0a, 0xff, 0xfe, 0x00), fc.uint8Array({ maxLength: 60 }), (first, bytes) => {
      for (const read of readers) {
        try {
          read(Buffer.concat([Buffer.from([first]), bytes]));
        } catch (failure) {
          expect(failure).toBeInstanceOf(ProbeFailure);
        }
      }
    }),
  );
});
