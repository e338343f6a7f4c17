import { expect } from 'vitest';
import { Authorities } from '../../../src/net/authorities.ts';
import { systemClock } from '../../../src/net/clock.ts';
import { Visitor, visit } from '../../helpers/checks.ts';
import { createAuthority, EXPIRED } from '../../helpers/e2e-certificates.ts';
import { needs } from '../../helpers/programs.ts';
import { startNginx } from '../../helpers/servers/nginx.ts';
import { testWorld } from '../../helpers/world.ts';

const TLS = { how: 'direct', serverName: 'localhost' } as const;

needs('nginx', 'openssl')('300 TLS handshakes with an nginx leave no error in its log', async (stage) => {
  const authority = await createAuthority(stage, 'known');
  const nginx = await startNginx(stage, await authority.issue('localhost'));
  const world = testWorld({ authorities: new Authorities(systemClock, { SSL_CERT_FILE: authority.file }) });
  expect(await new Visitor(nginx.secureAddress, { tls: TLS }, world).probes(300)).toEqual({ up: 300 });
  const untrusted = await visit(nginx.secureAddress, { tls: TLS });
  expect(untrusted.failure).toMatchObject({ reason: 'tls_certificate_untrusted', phase: 'tls' });
  expect(nginx.errors()).toBe('');
});

needs('nginx', 'openssl')('an nginx whose certificate has expired is down, and its expiry known', async (stage) => {
  const authority = await createAuthority(stage, 'known');
  const certificate = await authority.issue('localhost', EXPIRED);
  const nginx = await startNginx(stage, certificate);
  const world = testWorld({ authorities: new Authorities(systemClock, { SSL_CERT_FILE: authority.file }) });
  const { failure, tls } = await new Visitor(nginx.secureAddress, { tls: TLS }, world).probe();
  expect(failure).toMatchObject({ reason: 'tls_certificate_expired', phase: 'tls' });
  expect(tls?.certificate?.earliestExpiry).toBe(certificate.expiry);
});

needs('nginx', 'openssl')('an authority, a client certificate and versions of its own are used', async (stage) => {
  const authority = await createAuthority(stage, 'own');
  const { cert, key } = await authority.issue('port-exporter');
  const lines = [`ssl_client_certificate ${authority.file};`, 'ssl_verify_client on;', 'ssl_protocols TLSv1.2;'];
  const nginx = await startNginx(stage, await authority.issue('localhost'), lines);
  const ours = {
    ...TLS,
    ca: { file: authority.file },
    cert: { file: stage.write('own.pem', cert.toString()) },
    key: { file: stage.write('own.key', key.toString()) },
  };
  const { failure, tls } = await visit(nginx.secureAddress, { tls: ours });
  expect(failure).toBeUndefined();
  expect(tls?.version).toBe('TLS 1.2');
  const newer = await visit(nginx.secureAddress, { tls: { ...ours, minVersion: 'TLSv1.3' } });
  expect(newer.failure).toMatchObject({ reason: 'tls_handshake_failed', phase: 'tls' });
});

needs('nginx')('an HTTP server on the port of Redis is something else', async (stage) => {
  const authority = await createAuthority(stage, 'known');
  const nginx = await startNginx(stage, await authority.issue('localhost'));
  const { failure } = await visit(nginx.address, { service: 'redis' });
  expect(failure).toMatchObject({ reason: 'unexpected_response', phase: 'handshake' });
});
