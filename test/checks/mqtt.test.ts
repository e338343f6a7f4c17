import { readFileSync } from 'node:fs';
import { createServer } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { visit } from '../helpers/checks.ts';
import { listenOn, peer } from '../helpers/peers.ts';

const CONNECT = '100c00044d5154540402000a0000';
const FIXTURES = new URL('../fixtures/tls/', import.meta.url);

/** Answers CONNECT so, and keeps all that it was told. */
async function broker(reply: string, service = 'mqtt') {
  const heard: Buffer[] = [];
  await using server = await peer((socket) => {
    socket.on('data', (chunk: Buffer) => {
      heard.push(chunk);
      if (heard.length === 1) socket.write(Buffer.from(reply, 'hex'));
      else socket.end();
    });
  });
  const result = await visit(server.address, { service, timeoutMs: 1000 });
  return { ...result, heard: Buffer.concat(heard).toString('hex') };
}

test('a broker that lets us in is up, and told goodbye', async () => {
  const { failure, service, heard } = await broker('20020000');
  expect(failure).toBeUndefined();
  expect(service).toBeUndefined();
  expect(heard).toBe(`${CONNECT}e000`);
});

describe('a broker that does not let us in, but serves', () => {
  test.each([
    ['for want of a password', '20020005', 'auth_required'],
    ['for a wrong user', '20020004', 'auth_required'],
    ['for the version, 3.1.1', '20020001', 'version_refused'],
    ['for the want of a client id', '20020002', 'client_id_refused'],
    ['in MQTT 5, for the version', '2003008400', 'version_refused'],
    ['in MQTT 5, for want of a password', '2003008700', 'auth_required'],
    ['in MQTT 5, with properties', '20060087031f0000', 'auth_required'],
  ])('%s, is up', async (_, reply, state) => {
    const { failure, service, heard } = await broker(reply);
    expect(failure).toBeUndefined();
    expect(service).toEqual({ state });
    expect(heard).toBe(CONNECT);
  });
});

describe('a broker that cannot serve is unavailable', () => {
  test.each([
    ['20020003', 'CONNACK 3: server unavailable'],
    ['2003008800', 'CONNACK 136: server unavailable'],
    ['2003008900', 'CONNACK 137: server busy'],
    ['2003008a00', 'CONNACK 138: banned'],
    ['2003009700', 'CONNACK 151: quota exceeded'],
    ['2003009f00', 'CONNACK 159: connection rate exceeded'],
  ])('%s: %s', async (reply, detail) => {
    expect((await broker(reply)).failure).toEqual({ reason: 'service_unavailable', phase: 'handshake', detail });
  });
});

describe('what is no CONNACK is unexpected', () => {
  test.each([
    ['text', Buffer.from('220 mail\r\n').toString('hex')],
    ['another packet', '30020000'],
    ['a code that there is not', '20020042'],
    ['flags that there are not', '20020200'],
    ['too short', '200100'],
    ['too long', '20ff7f'],
  ])('%s', async (_, reply) => {
    const { failure } = await broker(reply);
    expect(failure).toMatchObject({ reason: 'unexpected_response', phase: 'handshake' });
    expect(failure?.detail).toMatch(/^expected CONNACK, got /);
  });
});

test('in TLS it says the same', async () => {
  const read = (name: string) => readFileSync(new URL(name, FIXTURES));
  const server = createServer({ key: read('self-signed.key'), cert: read('self-signed.crt') }, (socket) => {
    socket.on('error', () => {}).once('data', () => socket.write(Buffer.from('20020000', 'hex')));
  });
  const address = `127.0.0.1:${await listenOn(server)}`;
  const { failure, tls } = await visit(address, { service: 'mqtts', tls: { judge: 'expiry' } });
  expect(failure).toBeUndefined();
  expect(tls?.version).toBe('TLS 1.3');
  server.close();
});
