import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { describe, expect, test } from 'vitest';
import type { TlsSpec } from '../../src/probe/spec.ts';
import { visit } from '../helpers/checks.ts';
import { peer } from '../helpers/peers.ts';

const FIXTURES = new URL('../fixtures/tls/', import.meta.url);
const key = readFileSync(new URL('self-signed.key', FIXTURES));
const cert = readFileSync(new URL('self-signed.crt', FIXTURES));

function info(more: object = {}): string {
  return `INFO ${JSON.stringify({ server_id: 'X', version: '2.10.27', proto: 1, ...more })} \r\n`;
}

type Scene = {
  readonly greeting: string;
  /** To CONNECT and PING. */
  readonly reply?: string;
  readonly tls?: TlsSpec;
  /** What the server does behind its greeting. */
  readonly goesOn?: (socket: Socket, heard: (bytes: Buffer) => void) => void;
};

async function talk({ greeting, reply, tls, goesOn }: Scene) {
  const heard: Buffer[] = [];
  await using server = await peer((socket) => {
    socket.write(greeting);
    if (goesOn !== undefined) goesOn(socket, (bytes) => heard.push(bytes));
    else
      socket.on('data', (bytes: Buffer) => {
        heard.push(bytes);
        if (reply !== undefined) socket.write(reply);
      });
  });
  const result = await visit(server.address, { service: 'nats', timeoutMs: 1000, ...(tls && { tls }) });
  return { ...result, heard: Buffer.concat(heard).toString() };
}

describe('a server without a password', () => {
  test.each([
    ['at once', 'PONG\r\n'],
    ['after other lines', `+OK\r\nPING\r\n${info({ client_id: 5 })}PONG\r\n`],
  ])('is up when it answers PING, %s', async (_, reply) => {
    const { failure, service, heard } = await talk({ greeting: info(), reply });
    expect(failure).toBeUndefined();
    expect(service).toEqual({ version: '2.10.27' });
    expect(heard).toMatch(/^CONNECT \{"verbose":false,.*\}\r\nPING\r\n$/);
  });

  test.each([
    ['has all the clients that it may have', "-ERR 'maximum connections exceeded'\r\n", 'service_unavailable'],
    ['is about to end', "-ERR 'Server Shutdown'\r\n", 'service_unavailable'],
    ['says something else', 'PANG\r\n', 'unexpected_response'],
    ['says PING for ever', 'PING\r\n'.repeat(30), 'unexpected_response'],
    ['has lines without an end', 'x'.repeat(40_000), 'unexpected_response'],
  ])('is down when it %s', async (_, reply, reason) => {
    const { failure, service } = await talk({ greeting: info(), reply });
    expect(failure).toMatchObject({ reason, phase: 'handshake' });
    expect(service).toEqual({ version: '2.10.27' });
  });

  test('that wants one after all is up', async () => {
    const { failure, service } = await talk({ greeting: info(), reply: "-ERR 'Authorization Violation'\r\n" });
    expect(failure).toBeUndefined();
    expect(service).toMatchObject({ state: 'auth_required' });
  });
});

test('to a server that wants a password nothing is said', async () => {
  const { failure, service, heard } = await talk({ greeting: info({ auth_required: true }) });
  expect(failure).toBeUndefined();
  expect(service).toEqual({ version: '2.10.27', state: 'auth_required' });
  expect(heard).toBe('');
});

test.each([
  ['right behind INFO', `${info({ auth_required: true })}-ERR 'maximum connections exceeded'\r\n`],
  ['instead of INFO', "-ERR 'maximum connections exceeded'\r\n"],
])('a server that has no room says so %s: unavailable', async (_, greeting) => {
  const { failure } = await talk({ greeting });
  expect(failure).toMatchObject({
    reason: 'service_unavailable',
    detail: `the service says "'maximum connections exceeded'"`,
  });
});

test('a server in lame duck mode is unavailable', async () => {
  const { failure, service } = await talk({ greeting: info({ ldm: true }) });
  expect(failure).toMatchObject({ reason: 'service_unavailable', detail: 'the service says "lame duck mode"' });
  expect(service).toEqual({ version: '2.10.27' });
});

describe('what is no INFO is unexpected', () => {
  test.each([
    ['another service', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['no JSON', 'INFO {"version":\r\n'],
    ['no object', 'INFO []\r\n'],
    ['nothing behind it', 'INFO \r\n'],
    ['a line without an end', `INFO ${'x'.repeat(40_000)}`],
  ])('%s', async (_, greeting) => {
    expect((await talk({ greeting })).failure).toMatchObject({ reason: 'unexpected_response', phase: 'handshake' });
  });
});

describe('TLS', () => {
  const starttls: TlsSpec = { how: 'starttls', judge: 'nothing' };
  const offered: TlsSpec = { how: 'offered', judge: 'expiry' };

  /** Goes on in TLS as soon as the client does, and answers PING there. */
  const changes: NonNullable<Scene['goesOn']> = (socket, heard) => {
    const tls = new TLSSocket(socket, { isServer: true, key, cert }).on('error', () => {});
    tls.on('data', (bytes: Buffer) => {
      heard(bytes);
      tls.write('PONG\r\n');
    });
  };

  test.each([
    ['required', 'STARTTLS', { tls_required: true }, starttls],
    ['required', 'unasked', { tls_required: true }, offered],
    ['offered', 'unasked', { tls_available: true }, offered],
  ])('that is %s is changed to: %s', async (_, __, more, tls) => {
    const result = await talk({ greeting: info(more), goesOn: changes, tls });
    expect(result.failure).toBeUndefined();
    expect(result.tls?.version).toBe('TLS 1.3');
    expect(result.heard).toMatch(/^CONNECT .*\r\nPING\r\n$/);
  });

  test('is agreed also with a server that wants a password, and nothing said in it', async () => {
    const more = { tls_required: true, auth_required: true };
    const { failure, service, tls, heard } = await talk({ greeting: info(more), goesOn: changes, tls: starttls });
    expect(failure).toBeUndefined();
    expect(service).toMatchObject({ state: 'auth_required' });
    expect(tls).toBeDefined();
    expect(heard).toBe('');
  });

  test('that is wished for and not offered is tls_handshake_failed', async () => {
    const { failure, heard } = await talk({ greeting: info(), tls: starttls });
    expect(failure).toEqual({
      reason: 'tls_handshake_failed',
      phase: 'handshake',
      detail: 'the server does not offer TLS',
    });
    expect(heard).toBe('');
  });

  test('that is not offered and not wished for is done without', async () => {
    const { failure, tls } = await talk({ greeting: info(), reply: 'PONG\r\n', tls: offered });
    expect(failure).toBeUndefined();
    expect(tls).toBeUndefined();
  });

  test('that is required and not wished for leaves it at INFO', async () => {
    const { failure, service, heard } = await talk({ greeting: info({ tls_required: true }) });
    expect(failure).toBeUndefined();
    expect(service).toMatchObject({ state: 'tls_required' });
    expect(heard).toBe('');
  });

  test('is not begun where the server goes on in the clear', async () => {
    const greeting = `${info({ tls_required: true })}MSG injected\r\n`;
    const { failure } = await talk({ greeting, tls: starttls });
    expect(failure).toMatchObject({ reason: 'unexpected_response' });
  });
});
