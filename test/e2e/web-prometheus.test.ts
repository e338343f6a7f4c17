import { copyFileSync } from 'node:fs';
import { expect, vi } from 'vitest';
import { type Certificate, createAuthority } from '../helpers/e2e-certificates.ts';
import { type Prometheus, startPrometheus } from '../helpers/e2e-prometheus.ts';
import type { Stage } from '../helpers/e2e-stage.ts';
import { portOf, startGuarded, USER } from '../helpers/e2e-web.ts';
import { peer } from '../helpers/peers.ts';
import { needs } from '../helpers/programs.ts';
import { ask, shown } from '../helpers/tls-client.ts';

const SOON = { timeout: 40_000, interval: 200 };

needs('prometheus', 'openssl')(
  'Prometheus scrapes over TLS, with user, password and client certificate, and nobody else does',
  async (stage) => {
    const set = await secured(stage);
    const client = await set.authority.issue('prometheus');
    const stranger = await set.authority.issue('stranger');
    const prometheus = await startPrometheus(stage, {
      global: { scrape_interval: '1s' },
      scrape_configs: [
        set.job('right', client, USER.password),
        set.job('wrong_password', client, 'guess'),
        set.job('wrong_name', stranger, USER.password),
        set.job('no_certificate', undefined, USER.password),
      ],
    });

    await vi.waitFor(async () => expect(await prometheus.value('probe_success{job="right"}')).toBe(1), SOON);
    await vi.waitFor(async () => expect(await errorOf(prometheus, 'wrong_password')).toMatch(/401 Unauthorized/), SOON);
    await vi.waitFor(async () => expect(await errorOf(prometheus, 'wrong_name')).toMatch(/EOF|reset by peer/), SOON);
    await vi.waitFor(
      async () => expect(await errorOf(prometheus, 'no_certificate')).toMatch(/certificate required|bad certificate/),
      SOON,
    );

    expect(await prometheus.query('count by (job) (up == 1)')).toMatchObject([{ labels: { job: 'right' }, value: 2 }]);
    expect(set.exporter.program.stderr).toContain('a client was refused by TLS');
    expect(set.exporter.program.stderr).toContain('a login was refused');
    expect(set.exporter.program.stderr).not.toContain(USER.password);
  },
);

needs('prometheus', 'openssl')('a certificate is renewed while Prometheus scrapes', async (stage) => {
  const set = await secured(stage);
  const client = await set.authority.issue('prometheus');
  const prometheus = await startPrometheus(stage, {
    global: { scrape_interval: '1s' },
    scrape_configs: [set.job('right', client, USER.password)],
  });
  await vi.waitFor(async () => expect(await prometheus.value('min(up)')).toBe(1), SOON);
  const serial = async () => {
    const answer = await ask(set.port, { ca: set.authority.pem, ...shown(client) });
    return typeof answer === 'string' ? answer : `${answer.status} ${answer.serial}`;
  };
  const before = await serial();
  expect(before).toMatch(/^401 /);

  const next = await set.authority.issue('localhost', undefined, 'IP:127.0.0.1');
  copyFileSync(next.certFile, set.certificate.certFile);
  copyFileSync(next.keyFile, set.certificate.keyFile);

  await vi.waitFor(async () => expect(await serial()).not.toBe(before), SOON);
  expect(await serial()).toMatch(/^401 /);
  expect(set.exporter.program.stderr).toContain('web configuration reloaded');
  const scrapes = async () => (await prometheus.value('sum(count_over_time(up[1m]))')) ?? 0;
  const soFar = await scrapes();
  await vi.waitFor(async () => expect(await scrapes()).toBeGreaterThan(soFar + 2), SOON);
  expect(await prometheus.value('min(min_over_time(up[1m]))')).toBe(1);
});

/** An exporter with everything that there is, and a job of Prometheus for it. */
async function secured(stage: Stage) {
  const target = stage.keep(await peer());
  const authority = await createAuthority(stage, 'company');
  const certificate = await authority.issue('localhost', undefined, 'IP:127.0.0.1');
  const exporter = await startGuarded(
    stage,
    {
      tls_server_config: {
        cert_file: certificate.certFile,
        key_file: certificate.keyFile,
        client_ca_file: authority.file,
        client_auth_type: 'RequireAndVerifyClientCert',
        client_allowed_sans: ['prometheus'],
      },
      basic_auth_users: { [USER.name]: USER.hash },
    },
    { config: { groups: [{ name: 'all', targets: [{ address: target.address, interval: '1s', timeout: '500ms' }] }] } },
  );
  const job = (name: string, client: Certificate | undefined, password: string) => {
    const access = {
      basic_auth: { username: USER.name, password },
      tls_config: {
        ca_file: authority.file,
        ...(client && { cert_file: client.certFile, key_file: client.keyFile }),
      },
    };
    // Who is not let in gets no list of targets either: those jobs have the exporter itself.
    const where =
      name === 'right'
        ? { http_sd_configs: [{ url: `https://${exporter.address}/sd`, refresh_interval: '1s', ...access }] }
        : { scheme: 'https', static_configs: [{ targets: [exporter.address] }] };
    return { job_name: name, ...where, ...access };
  };
  return { exporter, authority, certificate, job, port: portOf(exporter) };
}

async function errorOf(prometheus: Prometheus, job: string): Promise<string> {
  const targets = await prometheus.targets();
  return targets.find(({ labels }) => labels['job'] === job)?.lastError ?? '';
}
