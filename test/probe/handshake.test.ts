import { readFileSync } from 'node:fs';
import { connect, createServer as createProxy } from 'node:net';
import { createServer } from 'node:tls';
import { expect, test } from 'vitest';
import { visit } from '../helpers/checks.ts';
import { listenOn } from '../helpers/peers.ts';

const FIXTURES = new URL('../fixtures/tls/', import.meta.url);
const key = readFileSync(new URL('self-signed.key', FIXTURES));
const cert = readFileSync(new URL('self-signed.crt', FIXTURES));

test.each([0, 120])('a client certificate that is missing is noticed %i ms away', async (away) => {
  const server = createServer({ key, cert, ca: cert, requestCert: true }).on('tlsClientError', () => undefined);
  const port = await listenOn(server);
  const later = (what: () => unknown) => void setTimeout(what, away);
  const far = createProxy({ allowHalfOpen: true }, (socket) => {
    const near = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    near.on('error', () => undefined).on('data', (data) => later(() => socket.write(data)));
    near.on('end', () => later(() => socket.end()));
    socket.on('error', () => undefined).on('data', (data) => later(() => near.write(data)));
    socket.on('end', () => later(() => near.end()));
  });
  const address = `127.0.0.1:${await listenOn(far)}`;
  const { failure, tls } = await visit(address, { tls: { judge: 'nothing' } });
  expect(failure).toMatchObject({ reason: 'tls_handshake_failed', phase: 'tls' });
  expect(failure?.detail).not.toMatch(/\.c:\d/);
  expect(tls?.certificate).toBeDefined();
  far.close();
  server.close();
});

test('a fault of this machine is not blamed on whoever was to be asked by datagrams', async () => {
  const options = { transport: 'udp' };
  // An address for documentation, which no machine has. RFC 5737.
  const { failure } = await visit('127.0.0.1:53', { service: 'dns', options, sourceIp: '192.0.2.1', timeoutMs: 300 });
  expect(failure).toMatchObject({ reason: 'exporter_error', phase: 'handshake' });
  expect(failure?.detail).toContain('EADDRNOTAVAIL');
});
