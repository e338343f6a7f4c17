import { expect, vi } from 'vitest';
import { type Visit, Visitor, visit } from '../../helpers/checks.ts';
import { createAuthority, EXPIRED } from '../../helpers/e2e-certificates.ts';
import { held } from '../../helpers/fail2ban.ts';
import { trusting } from '../../helpers/line-server.ts';
import { needs } from '../../helpers/programs.ts';
import { type Dovecot, startDovecot } from '../../helpers/servers/dovecot.ts';

const STARTTLS = { how: 'starttls', serverName: 'localhost' } as const;
const DIRECT = { how: 'direct', serverName: 'localhost' } as const;

for (const service of ['imap', 'pop3'] as const) {
  needs(
    'dovecot',
    'root',
    'fail2ban-regex',
  )(`300 looks at a Dovecot over ${service} are a line each`, async (stage) => {
    const dovecot = await startDovecot(stage);
    const visitor = new Visitor(dovecot.addresses[service], { service });
    expect(await visitor.probe()).toMatchObject({ service: { version: 'Dovecot (Debian)' } });
    expect(await visitor.probes(299)).toEqual({ up: 299 });
    // There is no less.
    await logged(dovecot, 300);
    expect(
      dovecot.log().filter((line) => line.includes('Aborted login by logging out (no auth attempts')),
    ).toHaveLength(300);
    expect(await held(dovecot.logFile, 'dovecot[mode=normal]')).toBe(0);
    // Nobody who comes without a login gets around this one.
    expect(await held(dovecot.logFile, 'dovecot[mode=aggressive]')).toBe(300);
  });

  needs(
    'dovecot',
    'root',
    'fail2ban-regex',
  )(`300 plain connects over ${service} are a line each, too`, async (stage) => {
    const dovecot = await startDovecot(stage);
    expect(await new Visitor(dovecot.addresses[service], {}).probes(300)).toEqual({ up: 300 });
    await logged(dovecot, 300);
    expect(await held(dovecot.logFile, 'dovecot[mode=normal]')).toBe(0);
    expect(await held(dovecot.logFile, 'dovecot[mode=aggressive]')).toBe(300);
  });
}

needs(
  'dovecot',
  'root',
  'openssl',
)('the certificate of a Dovecot is judged, by STARTTLS and in TLS', async (stage) => {
  const authority = await createAuthority(stage, 'authority');
  const world = trusting(authority.file);
  const good = await startDovecot(stage, { certificate: await authority.issue('localhost') });
  const expired = await startDovecot(stage, { certificate: await authority.issue('localhost', EXPIRED) });
  const reasons = async ({ addresses }: Dovecot, how: Visit & { service: keyof Dovecot['addresses'] }) => {
    const address = addresses[how.service];
    const trusted = await new Visitor(address, how, world).probe();
    const untrusted = await visit(address, how);
    expect(untrusted.tls?.certificate?.subject).toBe('CN=localhost');
    return [trusted.failure?.reason, untrusted.failure?.reason];
  };
  const ways = [
    { service: 'imap', tls: STARTTLS },
    { service: 'imaps', tls: DIRECT },
    { service: 'pop3', tls: STARTTLS },
    { service: 'pop3s', tls: DIRECT },
  ] as const;
  const over = 'tls_certificate_expired';
  for (const how of ways) {
    expect([how.service, await reasons(good, how)]).toEqual([how.service, [undefined, 'tls_certificate_untrusted']]);
    expect([how.service, await reasons(expired, how)]).toEqual([how.service, [over, over]]);
  }
  // A line each here too, and no word of TLS that failed.
  await logged(good, 8);
  await logged(expired, 8);
  for (const { log } of [good, expired]) expect(log().filter((line) => /TLS handshaking|SSL_/.test(line))).toEqual([]);
});

needs('dovecot', 'root')('a Dovecot without TLS says so', async (stage) => {
  const { addresses } = await startDovecot(stage);
  for (const service of ['imap', 'pop3'] as const) {
    const { failure } = await visit(addresses[service], { service, tls: STARTTLS });
    expect(failure).toMatchObject({ reason: 'tls_handshake_failed', phase: 'handshake' });
    expect(failure?.detail).toContain("TLS support isn't enabled.");
  }
});

needs('dovecot', 'root')('a Dovecot that hangs times out in the handshake', async (stage) => {
  const dovecot = await startDovecot(stage);
  const { addresses, master } = dovecot;
  master.signal('SIGSTOP');
  try {
    for (const service of ['imap', 'pop3'] as const) {
      const { failure } = await visit(addresses[service], { service, timeoutMs: 500 });
      expect(failure).toMatchObject({ reason: 'timeout', phase: 'handshake' });
    }
  } finally {
    master.signal('SIGCONT');
  }
  // It is itself again; ended while it catches up it would take its time.
  await logged(dovecot, 2);
});

async function logged({ log }: Dovecot, lines: number): Promise<void> {
  await vi.waitFor(() => expect(log()).toHaveLength(lines), { timeout: 10_000 });
}
