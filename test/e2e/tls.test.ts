import { createServer, type TlsOptions } from 'node:tls';
import { expect } from 'vitest';
import { createAuthority, EXPIRED } from '../helpers/e2e-certificates.ts';
import { startExporter } from '../helpers/e2e-exporter.ts';
import type { Stage } from '../helpers/e2e-stage.ts';
import { listenOn, peer } from '../helpers/peers.ts';
import { needs } from '../helpers/programs.ts';

needs('openssl')(
  'each way in which TLS can fail has a reason of its own, and the expiry is told all the same',
  async (stage) => {
    const authority = await createAuthority(stage, 'known');
    const good = await authority.issue('localhost');
    const expired = await authority.issue('localhost', EXPIRED);
    const foreign = await (await createAuthority(stage, 'unknown')).issue('localhost');
    const misnamed = await authority.issue('elsewhere.example');
    const ports = {
      good: await serve(stage, good),
      expired: await serve(stage, expired),
      foreign: await serve(stage, foreign),
      misnamed: await serve(stage, misnamed),
      'client certificate wanted': await serve(stage, { ...good, requestCert: true, ca: good.cert }),
      'client certificate wanted, TLS 1.2': await serve(stage, { ...good, requestCert: true, maxVersion: 'TLSv1.2' }),
      'plain text': stage.keep(await peer((socket) => socket.end('220 mail ready\r\n'))).port,
      silent: stage.keep(await peer()).port,
      'hangs up': stage.keep(await peer((socket) => socket.destroy())).port,
    };
    const targets = Object.entries(ports).map(([name, port]) => ({ name, address: `localhost:${port}`, tls: true }));
    const exporter = await startExporter(stage, {
      config: { defaults: { timeout: '2s' }, groups: [{ name: 'all', targets }] },
      env: { NODE_EXTRA_CA_CERTS: authority.file },
    });

    const samples = await exporter.scrape();

    expect(Object.fromEntries(targets.map(({ name }) => [name, samples.verdict(name)]))).toEqual({
      good: 'up',
      expired: 'tls_certificate_expired in tls',
      foreign: 'tls_certificate_untrusted in tls',
      misnamed: 'tls_hostname_mismatch in tls',
      'client certificate wanted': 'tls_handshake_failed in tls',
      'client certificate wanted, TLS 1.2': 'tls_handshake_failed in tls',
      'plain text': 'tls_handshake_failed in tls',
      silent: 'timeout in tls',
      'hangs up': expect.stringMatching(/^(closed_early|connection_reset) in tls$/),
    });
    for (const [name, { expiry }] of Object.entries({ good, expired, foreign, misnamed })) {
      expect({ name, expiry: samples.value('probe_ssl_earliest_cert_expiry', { name }) }).toEqual({ name, expiry });
      expect(samples.value('probe_tls_version_info', { name, version: 'TLS 1.3' })).toBe(1);
      expect(samples.of('probe_tcp_duration_seconds', { name })).toHaveLength(3);
    }
    expect(samples.value('probe_success', { name: 'expired' })).toBe(0);
  },
);

needs('openssl')('a probe by hand says for which name the certificate must be', async (stage) => {
  const authority = await createAuthority(stage, 'known');
  const port = await serve(stage, await authority.issue('shop.example'));
  const exporter = await startExporter(stage, {
    config: { probe: { allow: ['127.0.0.0/8'] }, modules: {}, discover: { local: true } },
    env: { NODE_EXTRA_CA_CERTS: authority.file },
  });
  const path = `/probe?target=127.0.0.1:${port}&module=tls_connect`;

  const named = await exporter.scrape(`${path}&hostname=shop.example`);
  const misnamed = await exporter.scrape(`${path}&hostname=mail.example`);

  expect(named.value('probe_success')).toBe(1);
  expect(named.of('probe_tls_cipher_info')).toHaveLength(1);
  expect(misnamed.value('probe_success')).toBe(0);
  expect(misnamed.value('probe_failure_info', { reason: 'tls_hostname_mismatch', phase: 'tls' })).toBe(1);
});

/** A TLS server on a free port. */
async function serve(stage: Stage, options: TlsOptions): Promise<number> {
  const server = createServer(options, (socket) => socket.on('error', () => undefined).resume());
  server.on('tlsClientError', () => undefined);
  const port = await listenOn(server);
  stage.onEnd(() => new Promise((resolve) => server.close(resolve)));
  return port;
}
