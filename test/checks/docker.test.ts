import { readFileSync } from 'node:fs';
import { createServer, type TlsOptions } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { visit } from '../helpers/checks.ts';
import { answering } from '../helpers/http-peer.ts';
import { listenOn } from '../helpers/peers.ts';

const FIXTURES = new URL('../fixtures/tls/', import.meta.url);
const key = readFileSync(new URL('self-signed.key', FIXTURES));
const cert = readFileSync(new URL('self-signed.crt', FIXTURES));
const ENGINE = { 'Api-Version': '1.41', Server: 'Docker/20.10.24 (linux)' };

describe('an engine', () => {
  test.each([
    ['that is well', 200, ENGINE, 'OK', { version: 'Docker/20.10.24 (linux)' }],
    ['that does not name itself', 200, { 'Api-Version': '1.41' }, 'OK', undefined],
    ['that is Podman', 200, { ...ENGINE, Server: 'Libpod/4.3.1 (linux)' }, 'OK', { version: 'Libpod/4.3.1 (linux)' }],
    ['that wants to know who asks', 401, ENGINE, '', { version: 'Docker/20.10.24 (linux)', state: 'auth_required' }],
    ['with a plugin that says no', 403, {}, '{"message":"denied by plugin gate"}', { state: 'auth_required' }],
  ])('%s is up', async (_, status, headers, body, service) => {
    await using server = await answering(status, headers, body);
    const result = await visit(server.address, { service: 'docker' });
    expect(result.failure).toBeUndefined();
    expect(result.service).toEqual(service);
  });

  test.each([
    [
      '500 and its words',
      500,
      '{"message":"no containerd"}',
      'service_unavailable',
      'the service says "no containerd"',
    ],
    ['503 without a word', 503, '', 'service_unavailable', 'the service says "HTTP 503"'],
    ['404', 404, '{"message":"page not found"}', 'unexpected_response', '404 page not found'],
    ['403 of something else', 403, '<html>Forbidden</html>', 'unexpected_response', '403 <html>Forbidden</html>'],
    ['200 of something else', 200, 'OK', 'unexpected_response', 'got "200 OK"'],
    [
      '400, as it wants TLS',
      400,
      'Client sent an HTTP request to an HTTPS server.',
      'unexpected_response',
      'HTTPS server',
    ],
  ])('is down that answers %s', async (_, status, body, reason, words) => {
    await using server = await answering(status, {}, body);
    const { failure } = await visit(server.address, { service: 'docker' });
    expect(failure).toMatchObject({ reason, phase: 'handshake', detail: expect.stringContaining(words) });
  });
});

describe('an engine that wants a client certificate', () => {
  async function probe(options: TlsOptions) {
    const server = createServer({ key, cert, ca: cert, requestCert: true, ...options }).on('tlsClientError', () => {});
    const port = await listenOn(server);
    const result = await visit(`127.0.0.1:${port}`, { service: 'docker', tls: { judge: 'expiry' } });
    server.close();
    return result;
  }

  test('and says so after the handshake, as TLS 1.3 has it, is up', async () => {
    const { failure, service, tls } = await probe({});
    expect(failure).toBeUndefined();
    expect(service).toEqual({ state: 'client_certificate_required' });
    expect(tls?.certificate).toBeDefined();
  });

  test('and breaks off the handshake, as TLS 1.2 has it, is tls_handshake_failed', async () => {
    const { failure } = await probe({ maxVersion: 'TLSv1.2' });
    expect(failure).toMatchObject({ reason: 'tls_handshake_failed', phase: 'tls' });
  });
});
