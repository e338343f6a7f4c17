import { expect } from 'vitest';
import { startRedis } from '../../helpers/e2e-alert-services.ts';
import { createAuthority, EXPIRED } from '../../helpers/e2e-certificates.ts';
import { exporterCommand, startExporter } from '../../helpers/e2e-exporter.ts';
import { run } from '../../helpers/e2e-program.ts';
import { needs } from '../../helpers/programs.ts';
import { startPostgreSql } from '../../helpers/servers/postgresql.ts';

const HBA = ['host all trusted 127.0.0.1/32 trust', 'host all all 127.0.0.1/32 scram-sha-256'];

needs('postgres', 'openssl')('/probe?module=postgresql speaks to a PostgreSQL with and without TLS', async (stage) => {
  const authority = await createAuthority(stage, 'nobody knows it');
  const plain = await startPostgreSql(stage, { hba: HBA, settings: { ssl: 'off' }, files: {} });
  const expired = await authority.issue('localhost', EXPIRED);
  const good = await authority.issue('localhost');
  const certificate = ({ cert, key }: typeof good) => ({ 'server.crt': cert, 'server.key': key });
  const secure = await startPostgreSql(stage, { hba: HBA, settings: { ssl: 'on' }, files: certificate(good) });
  const stale = await startPostgreSql(stage, { hba: HBA, settings: { ssl: 'on' }, files: certificate(expired) });
  const config = {
    modules: {
      verified: { prober: 'postgresql', tls: { ca_file: authority.file, server_name: 'localhost' } },
      by_name: { prober: 'postgresql', tls: 'starttls' },
    },
  };
  const exporter = await startExporter(stage, { config });
  const probe = (address: string, module: string) => exporter.scrape(`/probe?target=${address}&module=${module}`);

  const inTheClear = await probe(plain.address, 'postgresql');
  expect(inTheClear.value('probe_success')).toBe(1);
  expect(inTheClear.value('probe_service_info', { state: 'auth_required' })).toBe(1);
  expect(inTheClear.value('probe_tcp_duration_seconds', { phase: 'handshake' })).toBeGreaterThan(0);

  const offered = await probe(secure.address, 'postgresql');
  expect(offered.value('probe_success')).toBe(1);
  expect(offered.value('probe_ssl_earliest_cert_expiry')).toBe(good.expiry);
  expect(offered.value('probe_tcp_duration_seconds', { phase: 'tls' })).toBeGreaterThan(0);
  expect((await probe(secure.address, 'verified')).value('probe_success')).toBe(1);
  const untrusted = await probe(secure.address, 'by_name');
  expect(untrusted.value('probe_failure_info', { reason: 'tls_certificate_untrusted', phase: 'tls' })).toBe(1);

  for (const module of ['postgresql', 'verified', 'by_name']) {
    const over = await probe(stale.address, module);
    expect(over.value('probe_success')).toBe(0);
    expect(over.value('probe_failure_info', { reason: 'tls_certificate_expired', phase: 'tls' })).toBe(1);
    expect(over.value('probe_ssl_earliest_cert_expiry')).toBe(expired.expiry);
  }
});

needs('redis-server')('a configured service is spoken on every scrape, and its words are told', async (stage) => {
  const redis = await startRedis(stage);
  const port = redis.address.split(':')[1];
  const config = {
    groups: [
      {
        name: 'caches',
        targets: [
          { name: 'spoken', address: `redis://127.0.0.1:${port}` },
          { name: 'mistaken', address: `smtp://127.0.0.1:${port}`, timeout: '500ms' },
          { name: 'connected', address: redis.address },
        ],
      },
    ],
  };
  const exporter = await startExporter(stage, { config });
  const scrape = await exporter.scrape();
  expect(scrape.value('probe_success', { name: 'spoken' })).toBe(1);
  expect(scrape.value('probe_tcp_duration_seconds', { name: 'spoken', phase: 'handshake' })).toBeGreaterThan(0);
  expect(scrape.value('probe_success', { name: 'connected' })).toBe(1);
  expect(scrape.value('probe_tcp_duration_seconds', { name: 'connected', phase: 'handshake' })).toBeUndefined();
  // Redis is silent until it is asked, and SMTP waits for a greeting.
  expect(scrape.value('probe_failure_info', { name: 'mistaken', reason: 'timeout', phase: 'handshake' })).toBe(1);

  const trace = await exporter.get('/probe?target=spoken&debug=true');
  expect(trace.body).toContain('check: connect, then redis;');
  const checked = await run([...exporterCommand('check', `--config.file=${exporter.configFile}`)]);
  expect(checked.stdout).toMatch(/UP +spoken .*\n +connect [\d.]+ ms, handshake [\d.]+ ms\n/);
  expect(checked.code).toBe(1);
});
