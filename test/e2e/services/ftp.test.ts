import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { connect } from 'node:net';
import { expect, vi } from 'vitest';
import { type Visit, Visitor, visit } from '../../helpers/checks.ts';
import { createAuthority, EXPIRED } from '../../helpers/e2e-certificates.ts';
import type { Stage } from '../../helpers/e2e-stage.ts';
import { held } from '../../helpers/fail2ban.ts';
import { trusting } from '../../helpers/line-server.ts';
import { needs } from '../../helpers/programs.ts';
import { startVsftpd, type Vsftpd } from '../../helpers/servers/vsftpd.ts';

const AUTH_TLS: Visit = { service: 'ftp', tls: { how: 'starttls', serverName: 'localhost' } };

needs(
  'vsftpd',
  'root',
  'fail2ban-regex',
)('300 looks at a vsftpd are a line each, as plain connects are', async (stage) => {
  const vsftpd = await startVsftpd(stage);
  const visitor = new Visitor(vsftpd.address, { service: 'ftp' });
  expect(await visitor.probe()).toMatchObject({ service: { version: expect.stringMatching(/^vsFTPd \d/) } });
  expect(await visitor.probes(299)).toEqual({ up: 299 });
  // There is no less.
  await logged(vsftpd, 300);
  expect(await new Visitor(vsftpd.address, {}).probes(300)).toEqual({ up: 300 });
  await logged(vsftpd, 600);
  expect(await held(vsftpd.logFile, 'vsftpd')).toBe(0);
  // What it does look for, so that 0 means something.
  appendFileSync(vsftpd.logFile, 'Sun Nov 22 12:00:00 2026 [pid 3] [alice] FAIL LOGIN: Client "192.0.2.1"\n');
  expect(await held(vsftpd.logFile, 'vsftpd')).toBe(1);
});

needs('vsftpd', 'root')('300 looks at a vsftpd that does not log connections leave nothing', async (stage) => {
  const vsftpd = await startVsftpd(stage, { xferlog_enable: 'NO' });
  expect(await new Visitor(vsftpd.address, { service: 'ftp' }).probes(300)).toEqual({ up: 300 });
  expect(vsftpd.log()).toEqual([]);
});

needs('vsftpd', 'root')('a vsftpd that refuses is unavailable, in its own words', async (stage) => {
  const full = await startVsftpd(stage, { max_clients: '1' });
  await vi.waitFor(async () => {
    const client = connect(Number(full.address.split(':')[1]), '127.0.0.1');
    stage.onEnd(() => client.destroy());
    // The one before may not be gone yet.
    expect(String(await once(client, 'data'))).toMatch(/^220/);
  });
  const broken = await startVsftpd(stage, { secure_chroot_dir: '/nowhere' });
  for (const [{ address }, words] of [
    [full, '421 There are too many connected users, please try later.'],
    [broken, "500 OOPS: vsftpd: not found: directory given in 'secure_chroot_dir':/nowhere"],
  ] as const) {
    const { failure } = await visit(address, { service: 'ftp' });
    const detail = `the service says "${words}"`;
    expect(failure).toEqual({ reason: 'service_unavailable', phase: 'handshake', detail });
  }
});

needs(
  'vsftpd',
  'root',
  'openssl',
)('the certificate of a vsftpd is judged after AUTH TLS', async (stage) => {
  const authority = await createAuthority(stage, 'authority');
  const world = trusting(authority.file);
  const good = await startVsftpd(stage, withTls(stage, 'good.pem', await authority.issue('localhost')));
  const expired = await startVsftpd(stage, withTls(stage, 'expired.pem', await authority.issue('localhost', EXPIRED)));
  expect((await new Visitor(good.address, AUTH_TLS, world).probe()).failure).toBeUndefined();
  for (const [{ address }, way, reason] of [
    [good, undefined, 'tls_certificate_untrusted'],
    [expired, world, 'tls_certificate_expired'],
  ] as const) {
    const { failure, tls, service } = await new Visitor(address, AUTH_TLS, way).probe();
    expect(failure).toMatchObject({ reason, phase: 'tls' });
    expect(tls?.certificate?.subject).toBe('CN=localhost');
    expect(service?.version).toMatch(/^vsFTPd/);
  }
  const plain = await startVsftpd(stage);
  const { failure } = await visit(plain.address, AUTH_TLS);
  expect(failure).toMatchObject({ reason: 'tls_handshake_failed', phase: 'handshake' });
  expect(failure?.detail).toContain('530 Please login with USER and PASS.');
});

needs('vsftpd', 'root')('a vsftpd that hangs times out in the handshake', async (stage) => {
  const { address, listener } = await startVsftpd(stage);
  listener.signal('SIGSTOP');
  try {
    const { failure } = await visit(address, { service: 'ftp', timeoutMs: 500 });
    expect(failure).toMatchObject({ reason: 'timeout', phase: 'handshake' });
  } finally {
    listener.signal('SIGCONT');
  }
});

function withTls(stage: Stage, name: string, { cert, key }: { readonly cert: Buffer; readonly key: Buffer }) {
  const file = stage.write(name, `${key}${cert}`);
  return { ssl_enable: 'YES', rsa_cert_file: file, rsa_private_key_file: file };
}

/** To see that it has started was a connect, too: the first line. */
async function logged({ log }: Vsftpd, lines: number): Promise<void> {
  await vi.waitFor(() => expect(log()).toHaveLength(1 + lines), { timeout: 10_000 });
}
