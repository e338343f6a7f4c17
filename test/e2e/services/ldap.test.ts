import { expect, vi } from 'vitest';
import { Authorities } from '../../../src/net/authorities.ts';
import { systemClock } from '../../../src/net/clock.ts';
import type { TlsSpec } from '../../../src/probe/spec.ts';
import { Visitor, visit } from '../../helpers/checks.ts';
import { createAuthority, EXPIRED } from '../../helpers/e2e-certificates.ts';
import { needs } from '../../helpers/programs.ts';
import { hang } from '../../helpers/servers/hung.ts';
import { startSlapd } from '../../helpers/servers/slapd.ts';
import { testWorld } from '../../helpers/world.ts';

type Trusted = Awaited<ReturnType<typeof createAuthority>>;

function seenBy(authority: Trusted, address: string, service: string, how: TlsSpec['how'] & string): Visitor {
  const world = testWorld({ authorities: new Authorities(systemClock, { SSL_CERT_FILE: authority.file }) });
  return new Visitor(address, { service, tls: { how, serverName: 'localhost' } }, world);
}

needs('slapd', 'setpriv')('a slapd is up, and 300 visits leave nothing in its log', async (stage) => {
  const slapd = await startSlapd(stage);
  const visitor = new Visitor(slapd.address, { service: 'ldap' });
  expect((await visitor.probe()).service).toEqual({ version: 'LDAPv3' });
  expect(await visitor.probes(299)).toEqual({ up: 299 });
  expect(await new Visitor(slapd.address, {}).probes(300)).toEqual({ up: 300 });
  expect(slapd.log()).toEqual([]);
});

needs('slapd', 'setpriv')(
  'a slapd that logs every step sees six of a visit, and one that says goodbye',
  async (stage) => {
    const slapd = await startSlapd(stage, { logLevel: 'stats' });
    expect(await new Visitor(slapd.address, { service: 'ldap' }).probes(300)).toEqual({ up: 300 });
    await vi.waitFor(() => expect(slapd.log()).toHaveLength(1800));
    expect(slapd.log().filter((line) => line.includes('connection lost'))).toEqual([]);
    expect(slapd.log().filter((line) => line.endsWith('UNBIND'))).toHaveLength(300);
    expect(await new Visitor(slapd.address, {}).probes(300)).toEqual({ up: 300 });
    await vi.waitFor(() => expect(slapd.log()).toHaveLength(1800 + 600));
  },
);

needs('slapd', 'setpriv')('a slapd that wants a bind is up and says so', async (stage) => {
  const refusals = [['require authc'], ['security tls=128']];
  for (const settings of refusals) {
    const slapd = await startSlapd(stage, { settings });
    const { failure, service } = await visit(slapd.address, { service: 'ldap' });
    expect({ settings, failure, service }).toEqual({
      settings,
      failure: undefined,
      service: { state: 'auth_required' },
    });
  }
});

needs('slapd', 'setpriv')('a slapd that shows nothing to strangers is up without a word of itself', async (stage) => {
  const slapd = await startSlapd(stage, { settings: ['access to * by * none'] });
  const { failure, service } = await visit(slapd.address, { service: 'ldap' });
  expect({ failure, service }).toEqual({});
});

needs('slapd', 'setpriv')('a slapd without a certificate refuses StartTLS', async (stage) => {
  const slapd = await startSlapd(stage);
  const visitor = new Visitor(slapd.address, { service: 'ldap', tls: { how: 'starttls' } });
  const { failure } = await visitor.probe();
  expect(failure).toEqual({
    reason: 'tls_handshake_failed',
    phase: 'handshake',
    detail: 'the server refuses StartTLS: protocolError (2): unsupported extended operation',
  });
});

needs(
  'slapd',
  'setpriv',
  'openssl',
)(
  'a slapd with TLS is up by a certificate that will do and by no other, from the start or by StartTLS',
  async (stage) => {
    const authority = await createAuthority(stage, 'known');
    const foreign = await createAuthority(stage, 'unknown');
    const certificates = {
      up: await authority.issue('localhost'),
      tls_certificate_expired: await authority.issue('localhost', EXPIRED),
      tls_certificate_untrusted: await foreign.issue('localhost'),
    };
    for (const [expected, certificate] of Object.entries(certificates)) {
      const slapd = await startSlapd(stage, { certificate, logLevel: 'stats' });
      const visitors = [
        seenBy(authority, slapd.tlsAddress, 'ldaps', 'direct'),
        seenBy(authority, slapd.address, 'ldap', 'starttls'),
      ];
      for (const visitor of visitors) {
        const { failure, tls } = await visitor.probe();
        expect(failure?.reason ?? 'up').toBe(expected);
        expect(tls?.certificate?.earliestExpiry).toBe(certificate.expiry);
        if (expected === 'up') expect(await visitor.probes(49)).toEqual({ up: 49 });
      }
    }
  },
);

needs('slapd', 'setpriv')('a slapd that hangs is told by its silence', async (stage) => {
  const slapd = await startSlapd(stage);
  await hang(stage, slapd.program);
  const { failure } = await visit(slapd.address, { service: 'ldap', timeoutMs: 300 });
  expect(failure).toMatchObject({ reason: 'timeout', phase: 'handshake' });
});
